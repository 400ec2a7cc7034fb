"""What is done beside the answers to hooks, in order, one thing at a time."""

import queue
import threading
import time
from collections.abc import Callable


class Chores:
    """A thread that works off what it is given; it starts with the first thing.

    Args:
        record: takes the errors: where, and what.
    """

    def __init__(self, record: Callable[[str, BaseException], None]) -> None:
        self._record = record
        self._waiting: queue.SimpleQueue[tuple[str, Callable[[], object]]] = queue.SimpleQueue()
        self._idle = threading.Condition()
        self._pending = 0
        self._started = False

    def add(self, where: str, work: Callable[[], object]) -> None:
        """Have something done; `where` names it in the error log."""
        with self._idle:
            self._pending += 1
            if not self._started:
                self._started = True
                threading.Thread(target=self._run, name="chores", daemon=True).start()
        self._waiting.put((where, work))

    def settle(self, seconds: float) -> None:
        """Wait until everything is done."""
        until = time.monotonic() + seconds
        with self._idle:
            self._idle.wait_for(lambda: not self._pending, max(0.0, until - time.monotonic()))

    def _run(self) -> None:
        while True:
            where, work = self._waiting.get()
            try:
                work()
            except Exception as error:  # noqa: BLE001  a thread's edge; it is written down and the next one is done
                self._record(where, error)
            finally:
                with self._idle:
                    self._pending -= 1
                    self._idle.notify_all()
