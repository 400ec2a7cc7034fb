"""How far a command of the store is: drawn on standard error where that is a terminal, and nowhere else."""

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

QUIET_SECONDS: Final = 1.0  # in which there is nothing to wonder about
_EVERY_SECONDS: Final = 0.2

Reach = Callable[[int, int], None]
"""Takes how much is done, and of how much."""


@contextmanager
def progress(what: str) -> Iterator[Reach]:
    """Say what takes long and for how long; with a bar as soon as it is known of how much.

    Drawn by rich, which keeps to NO_COLOR and to the terminal's width; it is gone when the work is done.
    """
    drawing = _Drawing(what)
    if not sys.stderr.isatty():
        yield drawing.reach
        return
    thread = threading.Thread(target=drawing.draw, daemon=True)
    thread.start()
    try:
        yield drawing.reach
    finally:
        drawing.over.set()
        thread.join()


class _Drawing:
    """A bar that appears when it is worth it."""

    def __init__(self, what: str) -> None:
        self.over = threading.Event()
        self._what = what
        self._reached: tuple[int, int | None] = (0, None)

    def reach(self, done: int, of: int) -> None:
        """See `Reach`."""
        self._reached = (done, of)

    def draw(self) -> None:
        """Draw until it is over."""
        if self.over.wait(QUIET_SECONDS):
            return
        from rich.console import Console
        from rich.progress import BarColumn, Progress, SpinnerColumn, TaskProgressColumn, TextColumn
        from rich.progress import TimeElapsedColumn as Elapsed

        words = TextColumn("{task.description}", markup=False)
        columns = (SpinnerColumn(), words, BarColumn(), TaskProgressColumn(), Elapsed())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(self._what, total=None)
            while not self.over.wait(_EVERY_SECONDS):
                done, of = self._reached
                words_now = self._what if of is None else f"{self._what}: {done} of {of}"
                bar.update(task, description=words_now, completed=done, total=of)
