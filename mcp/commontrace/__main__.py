"""The client's commands where it is installed as a package: `python -m commontrace mcp-http`."""

import sys

from commontrace.cli import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
