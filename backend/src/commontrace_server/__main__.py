"""The store's commands where it is installed as a package: `python -m commontrace_server serve`."""

import sys

from commontrace_server.cli import main

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
