"""How far a command is, on standard error: drawn on a terminal, in lines elsewhere.

Drawn by rich, which FastMCP brings; it keeps to NO_COLOR and to the terminal's width.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

QUIET_SECONDS = 1.0
EVERY_SECONDS = 0.5
LINES_SECONDS = 5.0
"""Between two lines in a log."""


class Progress:
    """Counts what is done, once it takes long enough to wonder.

    Args:
        done: what is counted, and what was done with it.
        size: bytes of all of it, if they are known: then there is a bar, and the time that is left.
    """

    def __init__(self, done: str, size: int | None = None) -> None:
        self._done = done
        self._size = size
        self._next = time.monotonic() + QUIET_SECONDS
        self._said = ""
        self._bar: Bar | None = None
        self._task: TaskID | None = None

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar is not None:
            self._bar.stop()

    def reach(self, count: int, read: int = 0) -> None:
        """Say how far it is, now and then.

        Args:
            count: done so far.
            read: bytes of it.
        """
        if time.monotonic() < self._next:
            return
        words = f"{count} {self._done}"
        if not sys.stderr.isatty():
            self._next = time.monotonic() + LINES_SECONDS
            if words != self._said:
                self._said = words
                print(words, file=sys.stderr, flush=True)
            return
        self._next = time.monotonic() + EVERY_SECONDS
        bar = self._bar = self._bar or _bar(known=self._size is not None)
        if self._task is None:
            self._task = bar.add_task(words, total=self._size)
        bar.update(self._task, description=words, completed=read)


def _bar(*, known: bool) -> "Bar":
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    left = (BarColumn(), TimeRemainingColumn()) if known else (TimeElapsedColumn(),)
    words = TextColumn("{task.description}", markup=False)
    bar = Bar(SpinnerColumn(), words, *left, console=Console(stderr=True))
    bar.start()
    return bar


@contextmanager
def waiting(what: str) -> Iterator[None]:
    """Say on a terminal what is being waited for, once it takes long enough to wonder."""
    if not sys.stderr.isatty():
        yield
        return
    over = threading.Event()
    thread = threading.Thread(target=_wait, args=[what, over], daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _wait(what: str, over: threading.Event) -> None:
    if over.wait(QUIET_SECONDS):
        return
    from rich.console import Console
    from rich.text import Text

    with Console(stderr=True).status(Text(f"{what}...")):
        over.wait()
