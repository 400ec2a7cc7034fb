"""Files and locks between processes, on the systems that have them.

`flock` locks belong to the open file: they go when the process goes, however it goes, and are never inherited
by programs that it starts (Python opens files close-on-exec).
"""

import fcntl
import os
import time
from pathlib import Path

from commontrace_server.postgres.errors import StartTimeoutError

RETRY_SECONDS = 0.01


def open_lock(path: Path) -> int:
    """Opens the lock file `path`, creating it readable by its owner only."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def open_log(path: Path) -> int:
    """Opens `path` for appending, creating it readable by its owner only."""
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


def take_shared(path: Path, deadline: float) -> int:
    """Takes a shared lock on `path` and returns the file descriptor that holds it.

    Raises:
        StartTimeoutError: somebody held it exclusively until `deadline` (of the monotonic clock).
    """
    descriptor = open_lock(path)
    while not _try(descriptor, fcntl.LOCK_SH):
        if time.monotonic() > deadline:
            os.close(descriptor)
            raise StartTimeoutError(f"An earlier server is still shutting down ({path} is locked).")
        time.sleep(RETRY_SECONDS)
    return descriptor


def is_exclusively_locked(path: Path) -> bool:
    """Whether somebody holds `path` exclusively."""
    return not _obtainable(path, fcntl.LOCK_SH)


def is_locked(path: Path) -> bool:
    """Whether somebody holds `path`, shared or exclusively."""
    return not _obtainable(path, fcntl.LOCK_EX)


def _obtainable(path: Path, operation: int) -> bool:
    if not path.exists():
        return True
    descriptor = open_lock(path)
    try:
        return _try(descriptor, operation)
    finally:
        os.close(descriptor)


def _try(descriptor: int, operation: int) -> bool:
    try:
        fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
