"""Whose turn it is to send: one process at a time, found out without anything that could be left behind."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from commontrace import system

POLL_SECONDS = 0.05


@contextmanager
def turn(path: str, wait: float) -> Iterator[bool]:
    """Whether this process may send now; the kernel ends the turn of a process that dies.

    Args:
        path: the lock file.
        wait: seconds to wait for another process.
    """
    until = time.monotonic() + wait
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        while not (mine := system.try_lock(descriptor)) and time.monotonic() < until:
            time.sleep(POLL_SECONDS)
        yield mine
    finally:
        os.close(descriptor)
