"""A warning that would come with every request while something is away is written once in a while."""

import logging
import threading
import time
from collections import OrderedDict
from typing import Final

EVERY_SECONDS: Final = 60.0
_KNOWN: Final = 256  # different warnings


class Repeats(logging.Filter):
    """Lets the same warning pass once a minute, with how many were left out since; all else passes.

    Args:
        every: Seconds between two.
    """

    def __init__(self, every: float = EVERY_SECONDS) -> None:
        super().__init__()
        self._every = every
        self._known: OrderedDict[tuple[str, str], _Told] = OrderedDict()
        self._lock = threading.Lock()

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether to write it."""
        if record.levelno != logging.WARNING:
            return True
        text = record.getMessage()
        with self._lock:
            told = self._known.pop((record.name, text), None) or _Told()
            self._known[record.name, text] = told
            if len(self._known) > _KNOWN:
                self._known.popitem(last=False)
            if time.monotonic() < told.until:
                told.left_out += 1
                return False
            left_out, told.left_out = told.left_out, 0
            told.until = time.monotonic() + self._every
        if left_out:
            record.msg, record.args = f"{text} (and {left_out} times since the last such line)", ()
        return True


class _Told:
    """When a warning may be written again, and how often it was not."""

    def __init__(self) -> None:
        self.until = 0.0
        self.left_out = 0
