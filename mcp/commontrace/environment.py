"""The environment that plugin, command line and store share: where it is, whether it is ready, who uses it.

Standard library only, valid on Python 3.9 and light to import, because it runs before any environment exists.
How an environment is built is `commontrace.installer`'s business; it is imported only then.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
import time

from commontrace import system

TYPE_CHECKING = False  # a type checker reads it as true; importing it from typing takes longer than all else
if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator, Mapping
    from typing import BinaryIO

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
"""The folder that holds the plugin."""
RUNTIME_LOCK = os.path.join(ROOT, "requirements", "runtime.txt")

UNUSED_SECONDS = 14 * 24 * 3600
"""Environments of other versions stay this long after their last use: a person may go back a version."""
LOG_BYTES = 256 * 1024
LEAST_BYTES = 20 * 1024 * 1024
"""With less room nothing can be built, not even from a cache; an environment takes about 350 MB."""

_WAITING = "waiting for another process that prepares it"
_PREPARING = "preparing its environment, once: about 350 MB"
_READY = "its environment is ready"
_PROGRESS = frozenset(("", _WAITING, _PREPARING, _READY))
"""What a build says while nothing is wrong."""
_COMPLETE = ".complete"
_IN_USE = ".in-use"
_NAME = re.compile(r"[0-9a-f]{16}(-python[0-9.]*)?")
_REMOVED = ".removed-"
_held: list[int] = []


class NotPreparedError(Exception):
    """The environment is not there and could not be built; the message says why and what to do."""


class HomeUnknownError(NotPreparedError):
    """Your home folder is not known: set HOME, or COMMONTRACE_HOME to a folder for CommonTrace's files."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


def data_dir(environ: Mapping[str, str] = os.environ, platform: str = sys.platform) -> str:
    """The one folder for everything of ours: `COMMONTRACE_HOME`, or the place that platformdirs names.

    Raises:
        HomeUnknownError: neither the environment nor the user database names a home folder.
    """
    chosen = environ.get("COMMONTRACE_HOME")
    return (
        os.path.abspath(chosen) if chosen else os.path.join(_user_data_dir(environ, platform), "commontrace")
    )


def _user_data_dir(environ: Mapping[str, str], platform: str) -> str:
    """What `platformdirs` answers; that package is part of the environment that has yet to be found."""
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return os.path.normpath(local) if local else os.path.join(_home(environ), "AppData", "Local")
    xdg = environ.get("XDG_DATA_HOME", "")
    if os.path.isabs(xdg):
        return xdg
    below = ("Library", "Application Support") if platform == "darwin" else (".local", "share")
    return os.path.join(_home(environ), *below)


def _home(environ: Mapping[str, str]) -> str:
    home = environ.get("HOME", "")
    if not os.path.isabs(home):
        home = system.home()
    if not os.path.isabs(home):
        raise HomeUnknownError
    return home


def environment_dir(lock: str = RUNTIME_LOCK, python: str = "") -> str:
    """Where the environment of a lock file is: named by the lock's content, so a new version gets a new one.

    Args:
        lock: path of a requirements lock.
        python: path of an interpreter, for an environment beside the usual one.
    """
    with open(lock, "rb") as file:
        name = hashlib.sha256(file.read()).hexdigest()[:16]
    suffix = f"-{os.path.basename(os.path.realpath(python))}" if python else ""
    return os.path.join(data_dir(), "env", name + suffix)


def python_path(directory: str) -> str:
    """The Python of an environment."""
    below = ("Scripts", "python.exe") if sys.platform == "win32" else ("bin", "python")
    return os.path.join(directory, *below)


def is_ready(directory: str) -> bool:
    """Whether the environment was built to its end and the Python that it stands on is still there."""
    return os.path.exists(os.path.join(directory, _COMPLETE)) and os.path.exists(python_path(directory))


def build(lock: str = RUNTIME_LOCK, python: str = "", say: Callable[[str], None] = lambda _: None) -> str:
    """Make sure that the environment of `lock` is there, and return its folder.

    Only one process builds; the others wait for it. One that was left half built is built anew.

    Args:
        lock: path of a requirements lock.
        python: path of an interpreter, or nothing for the one that runs this, if it is new enough.
        say: is told in a few words what takes long; not called when the environment is ready.

    Raises:
        NotPreparedError: it could not be built.
    """
    directory = environment_dir(lock, python)
    if is_ready(directory):
        return directory
    try:
        _require_room()
        make_private(os.path.dirname(directory))
        with locked(f"{directory}.lock", lambda: say(_WAITING)) as held:
            if not is_ready(directory):
                _build(directory, lock, python, held, say)
    except OSError as error:
        raise NotPreparedError(unwritable(error, directory)) from error
    return directory


def _build(directory: str, lock: str, python: str, held: int, say: Callable[[str], None]) -> None:
    from commontrace import installer, standby

    say(_PREPARING)
    installer.install(directory, lock, python, held)
    with open(os.path.join(directory, _COMPLETE), "wb"):
        pass
    with contextlib.suppress(OSError):  # what cannot be removed costs disk space, not the start
        _remove_unused(directory)
        standby.ensure(ROOT, directory)
    say(_READY)


def build_detached(lock: str = RUNTIME_LOCK) -> subprocess.Popen[bytes]:
    """Start `build` in a process of its own that outlives this one; what it says is in the log.

    Raises:
        NotPreparedError: not even that could be started.
    """
    import subprocess

    _require_room()
    command = [sys.executable, "-I", "-S", os.path.join(ROOT, "scripts", "launch.py"), lock]
    try:
        with open_log() as log:
            return subprocess.Popen(  # noqa: S603  our own program
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                cwd=data_dir(),
                **system.detached(),
            )
    except OSError as error:
        raise NotPreparedError(unwritable(error, data_dir())) from error


def _require_room() -> None:
    free = system.free_bytes(data_dir())
    if free < LEAST_BYTES:
        raise NotPreparedError(
            f"the disk of {data_dir()} is full: 350 MB are needed and {free // 2**20} MB are free. "
            "Make room, or set COMMONTRACE_HOME to a folder on another disk."
        )


def unwritable(error: OSError, place: str) -> str:
    """What is wrong where `place`, or what the error names, could not be written, and what to do."""
    return (
        f"cannot write to {error.filename or place}: {error.strerror}. "
        "Make room or give yourself access, or set COMMONTRACE_HOME to another folder."
    )


def log_path() -> str:
    """The log of what builds said."""
    return os.path.join(data_dir(), "logs", "environment.log")


def open_log() -> BinaryIO:
    """The log, opened at its end; begun anew when it has grown large."""
    path = log_path()
    make_private(os.path.dirname(path))
    grown = os.path.exists(path) and os.path.getsize(path) > LOG_BYTES
    return open(path, "wb" if grown else "ab")


def last_words() -> str:
    """The last line of the log: after a failed build it says what failed and what to do."""
    try:
        with open(log_path(), "rb") as log:
            lines = log.read().decode(errors="replace").strip().splitlines()
    except OSError as error:
        return str(error)
    if not lines:
        return f"its environment could not be built, and {log_path()} does not say why: is the disk full?"
    return lines[-1].partition("commontrace: ")[2] or lines[-1]


def last_failure() -> str:
    """Why the last build failed, empty if none did or another one runs."""
    words = last_words() if os.path.exists(log_path()) else ""
    return "" if words in _PROGRESS else words


def pycache_dir() -> str:
    """Where compiled modules go (`sys.pycache_prefix`): the plugin's folder may not be ours to write."""
    return os.path.join(data_dir(), "pycache")


def hold(directory: str = sys.prefix) -> None:
    """Mark the environment as used by this process for as long as it lives, however it ends."""
    try:
        os.utime(os.path.join(directory, _COMPLETE))
        fd = os.open(os.path.join(directory, _IN_USE), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError:
        return  # not an environment of ours, or not ours to write: then it is not ours to remove either
    system.try_lock(fd, shared=True)
    _held.append(fd)


def let_go() -> None:
    """Take back every mark of `hold`."""
    while _held:
        os.close(_held.pop())


def _remove_unused(current: str) -> None:
    """Remove environments that nobody has used for a while, and that no living process holds."""
    folder = os.path.dirname(current)
    for name in os.listdir(folder):
        directory = os.path.join(folder, name)
        if name.startswith(_REMOVED):
            _remove(directory)
        elif _NAME.fullmatch(name) and directory != current and _is_unused(directory):
            # renamed first: whoever comes now finds no environment rather than half of one
            doomed = os.path.join(folder, f"{_REMOVED}{name}-{os.getpid()}")
            with contextlib.suppress(OSError):  # Windows refuses while a file in it is open: it is in use
                os.rename(directory, doomed)
                _remove(os.path.join(pycache_dir(), directory.lstrip(os.sep)))
            _remove(doomed)


def _is_unused(directory: str) -> bool:
    marker = os.path.join(directory, _COMPLETE)
    used = os.path.getmtime(marker if os.path.exists(marker) else directory)
    if time.time() - used < UNUSED_SECONDS:
        return False
    building = _can_lock(f"{directory}.lock")
    return building and _can_lock(os.path.join(directory, _IN_USE))


def _remove(directory: str) -> None:
    import shutil

    shutil.rmtree(directory, ignore_errors=True)


def make_private(folder: str) -> None:
    """Create a folder of ours, and those above it, for this user alone; one that is there stays as it is."""
    if not os.path.isdir(folder):
        parent = os.path.dirname(folder)
        if parent != folder and folder != data_dir():
            make_private(parent)
        os.makedirs(folder, mode=0o700, exist_ok=True)


@contextlib.contextmanager
def locked(path: str, on_wait: Callable[[], None]) -> Iterator[int]:
    """Hold the lock file `path`; the kernel frees it when the holder ends, however that happens.

    Yields:
        The file descriptor that carries the lock. A child that inherits it holds the lock as well.
    """
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not system.try_lock(fd):
            on_wait()
            while not system.try_lock(fd):
                time.sleep(0.05)
        yield fd
    finally:
        os.close(fd)


def _can_lock(path: str) -> bool:
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        return system.try_lock(fd)
    finally:
        os.close(fd)
