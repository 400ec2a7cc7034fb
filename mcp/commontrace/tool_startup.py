"""How the tool server comes up: as a front that answers at once, or as the FastMCP server behind it.

Standard library only and valid on Python 3.9 up to the point where the environment takes over.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import List

from commontrace import environment, system
from commontrace.tool_front import IN_ENVIRONMENT, ToolFront


def main(root: str, arguments: List[str]) -> None:
    """Serve the tools until the client goes; ends the process.

    Args:
        root: the plugin's folder.
        arguments: empty when Claude Code starts us; the front's own mark where it starts FastMCP.
    """
    system.keep_to_ourselves()
    if IN_ENVIRONMENT in arguments:
        _serve(root)
    else:
        ToolFront(root).serve()
    os._exit(0)


def _serve(root: str) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)  # FastMCP itself would wait for the end of its input
    sys.dont_write_bytecode = False  # compiled modules go to our own folder now; the next start is faster
    environment.hold()
    # a project may hold a .env file, and it does not get to configure the server that reads it
    os.environ["FASTMCP_ENV_FILE"] = os.devnull
    # A thousand modules stay for good: looking for garbage took a sixth of the time of loading them.
    gc.disable()
    from pathlib import Path

    from commontrace.runtime import Runtime
    from commontrace.tools import server

    gc.freeze()
    gc.enable()
    runtime = Runtime.from_environment(Path(root))
    server.run(runtime, os.environ.get("CLAUDE_CODE_SESSION_ID", ""))


def _leave(_number: int, _frame: object) -> None:
    """Every answer and every write is already out, and interpreter shutdown would take too long."""
    os._exit(0)
