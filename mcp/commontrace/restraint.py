"""How often the same error is asked about: ever more rarely, but never not at all."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 600.0
"""After this time every error is asked about again, however often nothing came of it."""
ERRORS_MOST = 512

Reader = tuple[str, str]


class Cooldown:
    """Remembers for each reader and error when it was answered last.

    Args:
        clock: seconds that only go forward.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._rests: OrderedDict[tuple[Reader, str], tuple[float, float]] = OrderedDict()

    def spares(self, reader: Reader, error: str) -> bool:
        """Whether it is too soon to ask about this error again."""
        with self._lock:
            until, _ = self._rests.get((reader, error), (0.0, 0.0))
            return self._clock() < until

    def answered(self, reader: Reader, error: str) -> None:
        """An answer came, whatever it was: the next rest is twice as long."""
        with self._lock:
            _, last = self._rests.pop((reader, error), (0.0, FIRST_SECONDS / 2))
            rest = min(LONGEST_SECONDS, last * 2)
            self._rests[reader, error] = (self._clock() + rest, rest)
            while len(self._rests) > ERRORS_MOST:
                self._rests.popitem(last=False)
