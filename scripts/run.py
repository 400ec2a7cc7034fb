"""The commands, inside the environment: the store's go to the server package, all others to the client.

Usage: run.py COMMAND ... with the Python of an environment that `launch.py` built.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "mcp"), str(ROOT / "backend" / "src")]

from commontrace import environment, system  # noqa: E402  the path has to be set first

SERVER_COMMANDS = frozenset({"serve", "worker", "migrate", "admin"})


def main(argv: list[str]) -> int:
    """Run one command and return its exit status."""
    system.keep_to_ourselves()
    sys.pycache_prefix = environment.pycache_dir()
    environment.hold()
    if argv[:1] == ["bench"]:
        # at the end: the folders `mcp` and `tests` at the root must not hide packages of these names
        sys.path.append(str(ROOT))
        from benchmarks.cli import main as bench

        return bench(argv[1:])
    if argv and argv[0] in SERVER_COMMANDS:
        from commontrace_server import cli as server

        return server.main(argv)
    from commontrace import cli as client

    # httpx's own command line, which nobody calls here, would bring click, rich and pygments
    sys.modules["httpx._main"] = None  # type: ignore[assignment]
    return client.main(argv)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
