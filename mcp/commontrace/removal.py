"""What of ours is on this machine, and its removal: what has a name that we give, then folders left empty.

`COMMONTRACE_HOME` may be a folder with other things in it, so nothing is removed for merely being there.
"""

import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from commontrace import environment, newest, pauses, system
from commontrace.paths import Paths

DATA = (
    "store", "logs", "env", "uv", "uv.lock", "pycache", "briefs", "bin",
    pauses.FILE, f"{pauses.FILE}.lock",
)  # fmt: skip
NAMED = ("memory.sqlite3*", f"{newest.FILE}*")
"""The memory with its log, its locks, and the copies of older versions; the note of the newest version."""
STOP_SECONDS = 30.0
"""A store that ends writes everything down before."""
ENDING_SECONDS = 5.0
"""A store that has let go of its locks is still a process for a moment, and may write a compiled module."""
LOCKS = ("store.lock", "keeper.lock", "users.lock")


class StillUsedError(Exception):
    """Something of ours is still running."""


def pieces(folders: Paths) -> list[Path]:
    """Everything of ours that is there, and what a session has left in Claude Code's folder for us."""
    data = [folders.data / name for name in DATA]
    data += [path for pattern in NAMED for path in sorted(folders.data.glob(pattern))]
    places = [*data, folders.config, *_config_leftovers(folders), folders.runtime, folders.briefs]
    return [path for path in dict.fromkeys(places) if os.path.lexists(path)]


def size(paths: list[Path]) -> int:
    """Bytes in files; links count as nothing."""
    there = [path for path in paths if not path.is_symlink()]
    files = (file for path in there for file in (path.rglob("*") if path.is_dir() else [path]))
    return sum(file.lstat().st_size for file in files if file.is_file() and not file.is_symlink())


def stop_store(folders: Paths) -> None:
    """End the local store of this user and wait until its database is closed.

    Raises:
        StillUsedError: it does not end.
    """
    pid = system.listener(str(folders.socket))
    if pid is not None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + STOP_SECONDS
    while not all(_is_free(lock) for lock in _locks(folders.store)):
        if time.monotonic() > until:
            raise StillUsedError(f"the local store does not end: end the process that uses {folders.store}")
        time.sleep(0.05)


def require_unused(folders: Paths) -> None:
    """Check that nobody works with what is to be removed; who is just ending is waited for.

    Raises:
        StillUsedError: a session does.
    """
    environment.let_go()
    until = time.monotonic() + ENDING_SECONDS
    while any(not _is_free(mark) for mark in folders.data.glob("env/*/.in-use")):
        if time.monotonic() > until:
            raise StillUsedError("a session with CommonTrace is open: close it, then repeat this")
        time.sleep(0.05)


def remove(folders: Paths) -> list[Path]:
    """Remove everything of ours, and folders that are empty without it; returns what could not be removed."""
    sys.dont_write_bytecode = True
    for path in pieces(folders):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            with suppress(OSError):
                path.unlink()
    left = pieces(folders)
    for folder in (folders.data, folders.config.parent):
        _prune(folder)
    return left


def _config_leftovers(folders: Paths) -> Iterator[Path]:
    yield folders.config.with_name(f"{folders.config.name}.lock")
    yield from folders.config.parent.glob(".config-*")


def _prune(folder: Path) -> None:
    """Remove a folder if it is empty, and those above it below the user's home."""
    home = Path(os.environ.get("HOME", os.sep))
    for place in (folder, *folder.parents):
        if place == home or (place != folder and home not in place.parents):
            return
        try:
            place.rmdir()
        except FileNotFoundError:
            continue
        except OSError:
            return


def _locks(store: Path) -> Iterator[Path]:
    for name in LOCKS:
        yield from (lock for lock in (store / name, *store.glob(f"*/{name}")) if lock.exists())


def _is_free(lock: Path) -> bool:
    try:
        descriptor = os.open(lock, os.O_RDWR)
    except FileNotFoundError:
        return True
    try:
        return system.try_lock(descriptor)
    finally:
        os.close(descriptor)
