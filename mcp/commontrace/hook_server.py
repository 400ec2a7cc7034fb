"""The MCP loop that Claude Code's `mcp_tool` hooks talk to: JSON-RPC lines on stdin and stdout.

Standard library only and valid on Python 3.9, because it runs before any environment exists. It keeps no
state between messages, so one process can hand the connection to another by `exec`. The tool `hook` is
callable but not listed: it costs the model no tokens, and the model cannot call it.
"""

from __future__ import annotations

import json
import os
import selectors
import signal
import sys
import threading
from typing import Any, Callable, Dict, Optional

Message = Dict[str, Any]
Answer = Callable[[Message], Optional[Message]]

PROTOCOL_VERSION = "2025-11-25"
TOOL = "hook"
REACHING_THE_MODEL = frozenset(("SessionStart", "UserPromptExpansion", "UserPromptSubmit"))
"""Events whose plain answer the model reads: where it is empty, the client says "completed" in its place."""
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
PARSE_ERROR = -32700
READ_SIZE = 1 << 16


class HookServer:
    """Reads requests until stdin closes; every hook call runs in a thread of its own.

    Args:
        answer: turns the arguments of a hook call into hook JSON, or None for silence. It must not raise.
        version: the plugin's version, told to the client in the handshake.
        initialized: called once the client has finished the handshake.
        idle: called about twice a second while nothing is pending, if given; used to wait for something.
    """

    def __init__(
        self,
        answer: Answer,
        version: str,
        initialized: Optional[Callable[[], None]] = None,
        idle: Optional[Callable[[], None]] = None,
    ) -> None:
        self._answer = answer
        self._version = version
        self._initialized = initialized
        self._idle = idle
        self._writing = threading.Lock()
        self._buffer = bytearray()
        self._running = 0
        self._counting = threading.Lock()

    def serve(self) -> None:
        """Answer until end of input; a signal from the client ends the process at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        with selectors.DefaultSelector() as selector:
            selector.register(0, selectors.EVENT_READ)
            while self._read(selector):
                pass

    def _read(self, selector: selectors.BaseSelector) -> bool:
        if self._idle is not None and not selector.select(timeout=0.5):
            if not self._buffer and not self._running:
                self._idle()
            return True
        chunk = os.read(0, READ_SIZE)
        self._buffer += chunk
        if b"\n" in chunk:
            *lines, rest = self._buffer.split(b"\n")
            self._buffer = rest
            for line in lines:
                if line.strip():
                    self._dispatch(bytes(line))
        return bool(chunk)

    def _dispatch(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            method, identifier, params = message.get("method"), message.get("id"), message.get("params") or {}
        except (ValueError, AttributeError):
            self._send({"id": None, "error": {"code": PARSE_ERROR, "message": "not a JSON-RPC object"}})
            return
        if method == "notifications/initialized" and self._initialized is not None:
            self._initialized()
        if identifier is None or method is None:
            return
        if method == "tools/call" and isinstance(params, dict):
            self._call(identifier, params)
            return
        result = self._static(method, params)
        if result is None:
            error = {"code": METHOD_NOT_FOUND, "message": "method not found: {}".format(method)}
            self._send({"id": identifier, "error": error})
        else:
            self._send({"id": identifier, "result": result})

    def _static(self, method: str, params: Any) -> Optional[Message]:
        if method == "initialize":
            asked = params.get("protocolVersion") if isinstance(params, dict) else None
            return {
                "protocolVersion": asked if isinstance(asked, str) else PROTOCOL_VERSION,
                "capabilities": {"tools": {}},
                "serverInfo": {"name": "commontrace-hooks", "version": self._version},
            }
        return {"ping": {}, "tools/list": {"tools": []}}.get(method)

    def _call(self, identifier: Any, params: Message) -> None:
        arguments = params.get("arguments")
        if params.get("name") != TOOL or not isinstance(arguments, dict):
            error = {"code": INVALID_PARAMS, "message": "unknown tool or arguments that are not an object"}
            self._send({"id": identifier, "error": error})
            return
        with self._counting:
            self._running += 1
        threading.Thread(target=self._run, args=(identifier, arguments), daemon=True).start()

    def _run(self, identifier: Any, arguments: Message) -> None:
        try:
            said = self._answer(arguments)
            if said is None and str(arguments.get("event")) in REACHING_THE_MODEL:
                said = {}
            content = [] if said is None else [{"type": "text", "text": json.dumps(said)}]
            self._send({"id": identifier, "result": {"content": content, "isError": False}})
        finally:
            with self._counting:
                self._running -= 1

    def _send(self, message: Message) -> None:
        line = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode() + b"\n"
        with self._writing:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


def _leave(_number: int, _frame: object) -> None:
    """Everything worth keeping is already written, and interpreter shutdown would take too long."""
    os._exit(0)
