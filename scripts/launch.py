"""Makes sure that an environment exists and prints the path of its Python, for the launchers beside it.

Usage: launch.py LOCK, where LOCK is the name of a lock in requirements/ or a path. Valid on Python 3.9.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, os.path.join(ROOT, "mcp"))

from commontrace import environment, system  # noqa: E402  the path has to be set first


def main(name: str) -> None:
    """Print the Python of the environment that the lock describes, after building it where needed."""
    system.keep_to_ourselves()
    lock = name if os.path.isabs(name) else os.path.join(ROOT, "requirements", f"{name}.txt")
    try:
        directory = environment.build(lock, say=_say)
    except environment.NotPreparedError as error:
        sys.exit(f"commontrace: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
    sys.stdout.buffer.write(os.fsencode(environment.python_path(directory)))


def _say(text: str) -> None:
    print(f"commontrace: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
