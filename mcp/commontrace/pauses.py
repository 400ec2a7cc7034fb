"""Where the plugin is asked to be silent: for a session, a repository, or everywhere.

One small file says so. Every hook looks at it, so that looking costs one `stat` while it does not change.
Standard library only, valid on Python 3.9 and light to import: the start of every session looks too.
"""

from __future__ import annotations

import os
import time

TYPE_CHECKING = False  # a type checker reads it as true; importing it from typing takes longer than all else
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

FILE = "paused"
"""One pause per line: `everywhere`, `session ID` or `repo PATH`, in front of it the time when it began."""
EVERYWHERE = "everywhere"
SIZE_LIMIT = 64 * 1024
SESSION_SECONDS = 30 * 24 * 3600
"""A session that was paused longer ago has ended."""


def path(data: str | os.PathLike[str]) -> str:
    """The file in our data folder."""
    return os.path.join(data, FILE)


class Pause:
    """One thing that is paused.

    Attributes:
        kind: `everywhere`, `session` or `repo`.
        name: id of the session, or the repository's real path; empty for everywhere.
        since: seconds since the epoch.
    """

    def __init__(self, kind: str, name: str = "", since: float = 0.0) -> None:
        self.kind = kind
        self.name = name
        self.since = since

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pause) and (self.kind, self.name) == (other.kind, other.name)

    def __hash__(self) -> int:
        return hash((self.kind, self.name))


class Pauses:
    """The pauses of one user; safe to share between threads.

    Args:
        file: where they are written down.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self._state: tuple[int, ...] = ()
        self._known: tuple[Pause, ...] = ()

    def all(self) -> tuple[Pause, ...]:
        """What is paused now; a file that cannot be read pauses nothing."""
        try:
            found = os.stat(self._file)
        except (OSError, ValueError):
            self._state, self._known = (), ()
            return ()
        state = (found.st_mtime_ns, found.st_size, found.st_ino)
        if state != self._state:
            self._known, self._state = _read(self._file), state
        return self._known

    def hold(self, session: str, cwd: str) -> bool:
        """Whether nothing is to be said in a session that works in `cwd`."""
        known = self.all()
        if not known:
            return False
        if any(
            pause.kind == EVERYWHERE or (pause.kind, pause.name) == ("session", session) for pause in known
        ):
            return True
        from commontrace import repository

        repos = {pause.name for pause in known if pause.kind == "repo"}
        return bool(repos) and bool(cwd) and repository.root(cwd) in repos

    def add(self, pause: Pause) -> None:
        """Pause something, from now on.

        Raises:
            OSError: the file cannot be written.
        """
        begun = Pause(pause.kind, pause.name, pause.since or time.time())
        self._change(lambda known: [*(each for each in known if each != pause), begun])

    def remove(self, pause: Pause) -> bool:
        """End a pause; False where there was none.

        Raises:
            OSError: the file cannot be written.
        """
        there = pause in self.all()
        self._change(lambda known: [each for each in known if each != pause])
        return there

    def _change(self, change: Callable[[Iterable[Pause]], list[Pause]]) -> None:
        from commontrace import environment

        environment.make_private(os.path.dirname(self._file))
        with environment.locked(self._file + ".lock", lambda: None):
            oldest = time.time() - SESSION_SECONDS
            kept = [
                each for each in change(_read(self._file)) if each.kind != "session" or each.since > oldest
            ]
            _write(self._file, kept)


def _read(file: str) -> tuple[Pause, ...]:
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as content:
            lines = content.read(SIZE_LIMIT).splitlines()
    except OSError:
        return ()
    return tuple(pause for pause in map(_parse, lines) if pause is not None)


def _parse(line: str) -> Pause | None:
    parts = line.split(" ", 2)
    if len(parts) < 2 or not parts[0].isdigit():
        return None
    return Pause(parts[1], parts[2] if len(parts) > 2 else "", float(parts[0]))


def _write(file: str, pauses: list[Pause]) -> None:
    """Replace the file, or remove it where nothing is paused any more."""
    if not pauses:
        if os.path.lexists(file):
            os.unlink(file)
        return
    part = f"{file}.{os.getpid()}"
    lines = ("{:.0f} {} {}\n".format(pause.since, pause.kind, pause.name) for pause in pauses)
    with open(
        os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600),
        "w",
        encoding="utf-8",
        errors="surrogateescape",
    ) as content:
        content.writelines(lines)
    os.replace(part, file)
