"""Makes sure that an environment exists and prints the path of its Python, for the launchers beside it.

Usage: launch.py LOCK, where LOCK is the name of a lock in requirements/ or a path. Valid on Python 3.9.
"""

from __future__ import annotations

import os
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import threading

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "mcp"))

from commontrace import environment, system  # noqa: E402  the path has to be set first


def main(name: str) -> None:
    """Print the Python of the environment that the lock describes, after building it where needed."""
    system.keep_to_ourselves()
    lock = name if os.path.isabs(name) else os.path.join(ROOT, "requirements", f"{name}.txt")
    say = Saying()
    try:
        directory = environment.build(lock, say=say)
    except environment.NotPreparedError as error:
        sys.exit(f"commontrace: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        say.end()
    sys.stdout.buffer.write(os.fsencode(environment.python_path(directory)))


class Saying:
    """Says what takes long; on a terminal the seconds that it has taken are counted below.

    Attributes:
        every: seconds between two counts.
    """

    def __init__(self, every: float = 1.0) -> None:
        self.every = every
        self._counting: threading.Thread | None = None
        self._over: threading.Event | None = None

    def __call__(self, text: str) -> None:
        """Say this."""
        self.end()
        print(f"commontrace: {text}", file=sys.stderr, flush=True)
        if sys.stderr.isatty():
            import threading  # most starts have nothing to say

            self._over = threading.Event()
            self._counting = threading.Thread(target=self._count, args=[self._over], daemon=True)
            self._counting.start()

    def end(self) -> None:
        """Count no longer."""
        if self._counting is not None and self._over is not None:
            self._over.set()
            self._counting.join()
            self._counting = None

    def _count(self, over: threading.Event) -> None:
        began = time.monotonic()
        while not over.wait(self.every):
            print(f"\r  {time.monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True)
        print("\r            \r", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
