"""When to leave a store alone: one that has failed several times in a row is asked only now and then."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

from commontrace.stores.errors import StorePermissionError, StoreRefusedError, StoreUnavailableError

FAILURES = 3
"""In a row; then the breaker is open."""
REST_SECONDS = 15.0
"""How long a store is left alone at first; twice as long after each trial that fails."""
REST_MOST = 300.0

Answer = TypeVar("Answer")


class StoreRestingError(StoreUnavailableError):
    """The store did not answer several times in a row, and is asked again in a while."""

    def __init__(self) -> None:
        super().__init__(self.__doc__)


class Breaker:
    """Watches the calls to one store; safe to share between threads.

    Closed, every call goes through. Open, none does until the rest is over; then one call is the trial, and
    what becomes of it closes the breaker or begins a longer rest.

    Args:
        clock: seconds that never go back.
        told: is told of each rest how long it is, and None when the store answers again.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        told: Callable[[float | None], None] = lambda _: None,
    ) -> None:
        self._clock = clock
        self._told = told
        self._lock = threading.Lock()
        self._failures = 0
        self._rest = REST_SECONDS
        self._open_until: float | None = None
        self._trial = False

    def call(self, request: Callable[[], Answer]) -> Answer:
        """Make a request, unless the store is being left alone.

        Raises:
            StoreRestingError: it is; nothing was sent.
            StoreError: whatever the request raises.
        """
        if not self._allows():
            raise StoreRestingError
        try:
            answer = request()
        except (StoreRefusedError, StorePermissionError):
            self._answered()
            raise
        except BaseException:
            self._failed()
            raise
        self._answered()
        return answer

    def _allows(self) -> bool:
        with self._lock:
            if self._open_until is None:
                return True
            if self._trial or self._clock() < self._open_until:
                return False
            self._trial = True
            return True

    def _answered(self) -> None:
        with self._lock:
            rested = self._open_until is not None
            self._failures, self._rest = 0, REST_SECONDS
            self._open_until, self._trial = None, False
        if rested:
            self._told(None)

    def _failed(self) -> None:
        rest: float | None = None
        with self._lock:
            self._failures += 1
            if self._open_until is None and self._failures >= FAILURES:
                rest = self._rest
            elif self._trial:
                rest = self._rest = min(2 * self._rest, REST_MOST)
            if rest is not None:
                self._open_until, self._trial = self._clock() + rest, False
        if rest is not None:
            self._told(rest)
