"""The file that holds what a session in a repository is told when it starts.

The hook server writes it; at the next start a process reads it that does nothing else. Standard library only,
valid on Python 3.9, and light to import: importing `json` alone would take longer than all of this. So the
answer to Claude Code is kept ready made, and the few lines around it need no parser:

    commontrace-brief 1 FINGERPRINT        of everything below
    PATH                                   of the repository
    ID ID ...                              traces in the brief
    SESSION SESSION ...                    sessions that have had all of them
    {"hookSpecificOutput": ...}            hook JSON, in ASCII
"""

from __future__ import annotations

import os
import stat

from commontrace import system

TYPE_CHECKING = False  # a type checker reads it as true; importing it from typing takes longer than all else
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FOLDER = "briefs"
PYTHON = "python"
"""A link beside the briefs, to the interpreter that wrote them: it is known to work, and no shim."""
VALID_SECONDS = 24 * 3600
SIZE_LIMIT = 16 * 1024
_MAGIC = b"commontrace-brief 1 "
_PRIME = (1 << 128) - 159
_SOON_SECONDS = 60
"""A clock that was set back a little does not make a brief invalid."""


class Brief:
    """What one file says.

    Attributes:
        root: real path of the repository.
        traces: ids of the traces in it.
        sessions: sessions that have had all of them before.
        answer: hook JSON, one line of ASCII.
        written_at: seconds since the epoch; set when it is read.
    """

    def __init__(
        self,
        root: str,
        traces: Sequence[str],
        sessions: Sequence[str],
        answer: str,
        written_at: float = 0.0,
    ) -> None:
        self.root = root
        self.traces = traces
        self.sessions = sessions
        self.answer = answer
        self.written_at = written_at

    def to_bytes(self) -> bytes:
        """The file's content."""
        lines = (self.root, " ".join(self.traces), " ".join(self.sessions), self.answer)
        rest = b"".join(os.fsencode(line) + b"\n" for line in lines)
        return _MAGIC + _fingerprint(rest) + b"\n" + rest


def folder(environ: Mapping[str, str] = os.environ) -> str:
    """Where the briefs are: Claude Code's folder for the plugin's data, else a folder of ours."""
    given = environ.get("CLAUDE_PLUGIN_DATA", "")
    if not os.path.isabs(given):
        from commontrace import environment

        given = environment.data_dir(environ)
    return os.path.join(given, FOLDER)


def path(briefs: str, root: str) -> str:
    """The file of the repository at `root` in the folder `briefs`."""
    return os.path.join(briefs, _fingerprint(os.fsencode(root)).decode())


def read(briefs: str, root: str, now: float) -> Brief | None:
    """The brief of a repository, or None unless it is there, recent, whole, and the user's own.

    Args:
        briefs: the folder.
        root: real path of the repository.
        now: seconds since the epoch.
    """
    try:
        content, written_at = _content(path(briefs, root), now)
    except (OSError, ValueError):
        return None
    head, _, rest = content.partition(b"\n")
    if head != _MAGIC + _fingerprint(rest):
        return None
    lines = rest.split(b"\n")
    if len(lines) != 5 or os.fsdecode(lines[0]) != root or not lines[3].isascii():
        return None
    traces, sessions = (os.fsdecode(line).split() for line in lines[1:3])
    return Brief(root, traces, sessions, lines[3].decode("ascii"), written_at)


def _content(file: str, now: float) -> tuple[bytes, float]:
    """Content and time of a regular file that this user owns alone; empty where it may not be used."""
    descriptor = os.open(file, os.O_RDONLY | system.NO_LINK)
    try:
        found = os.fstat(descriptor)
        recent = -_SOON_SECONDS <= now - found.st_mtime <= VALID_SECONDS
        if not (
            stat.S_ISREG(found.st_mode)
            and system.owns_alone(found)
            and recent
            and found.st_size <= SIZE_LIMIT
        ):
            return b"", 0.0
        return os.read(descriptor, SIZE_LIMIT), found.st_mtime
    finally:
        os.close(descriptor)


def _fingerprint(content: bytes) -> bytes:
    """Tells damage and different paths apart; it is no protection, and hashlib takes too long to import."""
    return b"%032x" % (int.from_bytes(b"\x01" + content, "big") % _PRIME)
