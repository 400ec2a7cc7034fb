"""The plugin's tool server as Claude Code starts it: on any Python >= 3.9, with nothing installed.

The process that Claude Code talks to answers the handshake at once; FastMCP runs behind it, in the shared
environment, from the first call on. Start this by its path: `python -m mcp.server` is another program.
"""

import os
import sys

sys.dont_write_bytecode = True  # this runs from the plugin's folder, which holds code and nothing else
HERE = os.path.dirname(os.path.realpath(__file__))
sys.path[:0] = [HERE]

from commontrace import tool_startup  # noqa: E402  the path has to be set first

if __name__ == "__main__":
    tool_startup.main(os.path.dirname(HERE), sys.argv[1:])
