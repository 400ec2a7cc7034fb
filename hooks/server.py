"""The plugin's hook server as Claude Code starts it: on any Python >= 3.9, with nothing installed.

It answers the handshake at once. As long as the shared environment does not exist it has it built in the
background and says nothing else; then it becomes the same server on the environment's Python.
"""

import os
import sys

if sys.pycache_prefix is None:
    sys.dont_write_bytecode = True  # the plugin's folder holds code and nothing else
ROOT = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path[:0] = [os.path.join(ROOT, "mcp")]

from commontrace import hook_startup  # noqa: E402  the path has to be set first

if __name__ == "__main__":
    hook_startup.main(ROOT, sys.argv[1:])
