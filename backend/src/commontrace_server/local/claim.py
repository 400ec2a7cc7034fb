"""Who may be the store of a data directory: the one process that holds its lock."""

import time
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from commontrace_server import listeners

_LOCK_FILE: Final = "store.lock"
_STAND_BY_SECONDS: Final = 60.0
_POLL_SECONDS: Final = 0.05


class StoreSilentError(Exception):
    """Another process holds the store's lock but does not answer. End it (the lock file names the folder)."""

    def __init__(self, lock: Path) -> None:
        super().__init__(
            f"another process holds {lock} but does not answer on the socket: end it, then retry"
        )


def claim(data: Path, path: Path) -> FileLock | None:
    """Take the lock of the store in `data`, or return None once another process answers on the socket `path`.

    A store that is just ending neither answers nor has let go yet: then this waits, and takes over.

    Raises:
        StoreSilentError: Neither happened for a minute.
        OSError: The lock cannot be made in `data`.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    lock = FileLock(data / _LOCK_FILE, mode=0o600)
    deadline = time.monotonic() + _STAND_BY_SECONDS
    while time.monotonic() < deadline:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            if listeners.answers(path):
                return None
            time.sleep(_POLL_SECONDS)
        else:
            return lock
    raise StoreSilentError(data / _LOCK_FILE)
