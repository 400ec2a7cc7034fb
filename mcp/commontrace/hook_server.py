"""The MCP loop that Claude Code's `mcp_tool` hooks talk to: JSON-RPC lines on stdin and stdout.

Standard library only and valid on Python 3.9, because it runs before any environment exists. It keeps no
state between messages, so one process can hand the connection to another by `exec`. The tool `hook` is
callable but not listed: it costs the model no tokens, and the model cannot call it.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections import deque
from typing import Any, Deque, Dict, Optional

from commontrace import system

Message = Dict[str, Any]

PROTOCOL_VERSION = "2025-11-25"
TOOL = "hook"
REACHING_THE_MODEL = frozenset(("SessionStart", "UserPromptExpansion", "UserPromptSubmit"))
"""Events whose plain answer the model reads: where it is empty, the client says "completed" in its place."""
PERSONAL = frozenset(("UserPromptExpansion", "DraftMade", "PromptScheduled"))
"""Events that are between the person and us: the person waits for the answer, however long it takes."""
IDLE_SECONDS = 0.5
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
PARSE_ERROR = -32700
READ_SIZE = 1 << 16


class Call:
    """One hook call, answered once: by the thread that runs it, or with silence when its time is over.

    Args:
        identifier: the request's id.
        arguments: what hooks.json passes on.
        received: when it was read (`time.monotonic`).
    """

    def __init__(self, identifier: Any, arguments: Message, received: float) -> None:
        self.identifier = identifier
        self.arguments = arguments
        self.received = received
        self.is_answered = False
        self._lock = threading.Lock()

    @property
    def event(self) -> str:
        """The name of the hook event."""
        return str(self.arguments.get("event"))

    def take(self) -> bool:
        """Whether the caller is the one to answer: true once."""
        with self._lock:
            first, self.is_answered = not self.is_answered, True
        return first


class Answers:
    """What a hook server serves: silence, where a subclass does not know better.

    Attributes:
        is_waiting: whether `idle` is to be called about twice a second while nothing is pending.
    """

    is_waiting = False

    def answer(self, _arguments: Message, _received: float) -> Optional[Message]:
        """Hook JSON for the arguments of a call, or None for silence. It must not raise.

        Args:
            _arguments: what hooks.json passes on.
            _received: when the call came in (`time.monotonic`).
        """
        return None

    def keep(self, _arguments: Message, _said: Message) -> None:
        """Take the answer to a call that had to be answered with silence before."""

    def opened(self, _handshake: Any) -> None:
        """The client has begun the handshake, with these parameters of `initialize`."""

    def initialized(self) -> None:
        """The client has finished the handshake."""

    def idle(self) -> None:
        """Nothing is pending."""

    def deadline(self) -> Optional[float]:
        """Seconds after which a call is answered with silence, whatever holds it up.

        Asked for when the first call is there: looking it up must not delay the handshake.
        """
        return None


class HookServer:
    """Reads requests until stdin closes; every hook call runs in a thread of its own.

    Args:
        answers: what is served.
        version: the plugin's version, told to the client in the handshake.
    """

    def __init__(self, answers: Answers, version: str) -> None:
        self._answers = answers
        self._version = version
        self._deadline: Optional[float] = None
        self._waiting: Deque[Call] = deque()
        self._writing = threading.Lock()
        self._buffer = bytearray()
        self._running = 0
        self._counting = threading.Lock()

    def serve(self) -> None:
        """Answer until end of input; a signal from the client ends the process at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, _leave)
        while self._read():
            pass

    def _read(self) -> bool:
        if not system.readable(0, self._patience()):
            self._silence_overdue()
            if self._answers.is_waiting and not self._buffer and not self._running:
                self._answers.idle()
            return True
        chunk = os.read(0, READ_SIZE)
        self._buffer += chunk
        if b"\n" in chunk:
            *lines, rest = self._buffer.split(b"\n")
            self._buffer = rest
            for line in lines:
                if line.strip():
                    self._dispatch(bytes(line))
        self._silence_overdue()
        return bool(chunk)

    def _patience(self) -> Optional[float]:
        """Seconds until something has to be done without a message from the client."""
        while self._waiting and self._waiting[0].is_answered:
            self._waiting.popleft()
        if self._waiting and self._deadline is not None:
            return max(0.0, self._waiting[0].received + self._deadline - time.monotonic())
        return IDLE_SECONDS if self._answers.is_waiting else None

    def _silence_overdue(self) -> None:
        """Answer the calls whose time is over; they stand in the order in which they came."""
        while self._waiting and self._deadline is not None:
            if self._waiting[0].received + self._deadline > time.monotonic():
                return
            call = self._waiting.popleft()
            if call.take():
                self._say(call, None)

    def _dispatch(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            method, identifier, params = message.get("method"), message.get("id"), message.get("params") or {}
        except (ValueError, AttributeError):
            self._send({"id": None, "error": {"code": PARSE_ERROR, "message": "not a JSON-RPC object"}})
            return
        if method == "notifications/initialized":
            self._answers.initialized()
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
            self._answers.opened(params)
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
        call = Call(identifier, arguments, time.monotonic())
        if call.event not in PERSONAL:
            if self._deadline is None:
                self._deadline = self._answers.deadline()
            self._waiting.append(call)
        with self._counting:
            self._running += 1
        threading.Thread(target=self._run, args=(call,), daemon=True).start()

    def _run(self, call: Call) -> None:
        try:
            said = self._answers.answer(call.arguments, call.received)
            if call.take():
                self._say(call, said)
            elif said is not None:
                self._answers.keep(call.arguments, said)
        finally:
            with self._counting:
                self._running -= 1

    def _say(self, call: Call, said: Optional[Message]) -> None:
        if said is None and call.event in REACHING_THE_MODEL:
            said = {}
        content = [] if said is None else [{"type": "text", "text": json.dumps(said)}]
        self._send({"id": call.identifier, "result": {"content": content, "isError": False}})

    def _send(self, message: Message) -> None:
        line = json.dumps({"jsonrpc": "2.0", **message}, separators=(",", ":")).encode() + b"\n"
        with self._writing:
            sys.stdout.buffer.write(line)
            sys.stdout.buffer.flush()


def _leave(_number: int, _frame: object) -> None:
    """Everything worth keeping is already written, and interpreter shutdown would take too long."""
    os._exit(0)
