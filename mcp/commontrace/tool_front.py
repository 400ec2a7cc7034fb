"""The tool server's front: lists the tools at once, and starts FastMCP when one is called.

Importing FastMCP takes over a second and tens of megabytes, and most sessions call no tool. Standard library
only and valid on Python 3.9, because it also runs where no environment exists yet.
"""

from __future__ import annotations

import json
import os
import subprocess
import threading
from typing import Any, Callable, Dict, List, Optional

from commontrace import VERSION, client_version, environment
from commontrace.hook_server import Answers, HookServer, Message

IN_ENVIRONMENT = "--in-environment"
MANIFEST = os.path.join(os.path.dirname(os.path.realpath(__file__)), "tools", "manifest.json")
"""What FastMCP would answer to `tools/list`; a test holds the two together."""
PREPARING = (
    "CommonTrace is still preparing its environment (once, about a minute). "
    "Go on without it and try again later."
)
ENDED = "CommonTrace's tools have ended unexpectedly. Call again to start them anew."
HANDSHAKE = "commontrace-front"
"""Id of the handshake that the front repeats with FastMCP; its answer is not passed on."""


class ToolFront(HookServer):
    """Serves what never changes itself and passes calls on.

    It is a server of the handshake era of the protocol: what newer clients ask first is not known here, and
    they go on with the handshake.

    Args:
        root: the plugin's folder.
    """

    def __init__(self, root: str) -> None:
        super().__init__(Answers(), VERSION)
        self._root = root
        self._handshake: Message = {}
        self._backend: Optional[Backend] = None
        with open(MANIFEST, encoding="utf-8") as file:
            self._manifest: Message = json.load(file)

    def _dispatch(self, line: bytes) -> None:
        try:
            message = json.loads(line)
            method = message.get("method")
        except (ValueError, AttributeError):
            method = ""
        if method == "tools/call" and "id" in message:
            self._pass_on(message, line)
        elif method is None or (method and "id" not in message):
            self._tell(method, line)
        else:
            super()._dispatch(line)

    def _static(self, method: str, params: Any) -> Optional[Message]:
        result = super()._static(method, params)
        if method == "initialize" and result is not None:
            self._handshake = params if isinstance(params, dict) else {}
            result["serverInfo"]["name"] = "commontrace"
            result["instructions"] = self._instructions()
        elif method == "tools/list":
            result = {"tools": self._manifest["tools"]}
        return result

    def _instructions(self) -> str:
        """What the model reads first; of a client that drops our hooks only the model can tell the person."""
        complaint = client_version.complaint(self._handshake)
        told = "\nTell the person once: {}".format(complaint) if complaint else ""
        return str(self._manifest["instructions"]) + told

    def _pass_on(self, message: Message, line: bytes) -> None:
        problem = ""
        try:
            backend = self._server()
            if backend is None:
                problem = PREPARING
            elif not backend.ask(message["id"], line):
                problem = ENDED
        except (environment.NotPreparedError, OSError) as error:
            problem = "CommonTrace is not working: {}".format(error)
        if problem:
            self._send(failed(message["id"], problem))

    def _tell(self, method: Optional[str], line: bytes) -> None:
        """Pass on an answer or a notification, if there is anyone for it."""
        if self._backend is not None and method != "notifications/initialized":
            self._backend.tell(line)

    def _server(self) -> Optional[Backend]:
        """FastMCP, started if need be; None as long as there is no environment for it."""
        if self._backend is None or self._backend.gone:
            directory = environment.environment_dir()
            if not environment.is_ready(directory):
                return None
            self._backend = Backend(command(self._root, directory), self._handshake, self._send)
        return self._backend


class Backend:
    """The FastMCP server in a process of its own; it ends with its input, so it cannot outlive the front.

    Args:
        arguments: the command that starts it.
        handshake: the parameters of the client's `initialize`, for what it can do.
        send: writes a message to the client.
    """

    def __init__(self, arguments: List[str], handshake: Message, send: Callable[[Message], None]) -> None:
        self.gone = False
        self._send = send
        self._pending: Dict[str, Any] = {}
        self._lock = threading.Lock()
        self._process = subprocess.Popen(  # noqa: S603  our own program
            arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        first = {"jsonrpc": "2.0", "id": HANDSHAKE, "method": "initialize", "params": handshake}
        self.tell(json.dumps(first).encode())
        self.tell(b'{"jsonrpc": "2.0", "method": "notifications/initialized"}')
        threading.Thread(target=self._listen, name="backend", daemon=True).start()

    def ask(self, identifier: Any, line: bytes) -> bool:
        """Pass a request on; False if it will not be answered."""
        with self._lock:
            if self.gone:
                return False
            self._pending[repr(identifier)] = identifier
        self.tell(line)
        return True

    def tell(self, line: bytes) -> None:
        """Pass a line on; one that ends now answers what it owes in `_listen`."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(line + b"\n")
            self._process.stdin.flush()
        except (BrokenPipeError, ValueError):
            return

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            try:
                message = json.loads(line)
            except ValueError:
                continue  # something that a library printed
            identifier = message.get("id")
            if identifier != HANDSHAKE:
                with self._lock:
                    if "method" not in message:
                        self._pending.pop(repr(identifier), None)
                self._send(message)
        with self._lock:
            self.gone = True
            owed = list(self._pending.values())
        for identifier in owed:
            self._send(failed(identifier, ENDED))
        self._process.wait()


def command(root: str, directory: str) -> List[str]:
    """What starts FastMCP in an environment."""
    cache = "pycache_prefix=" + environment.pycache_dir()
    server = os.path.join(root, "mcp", "server.py")
    return [environment.python_path(directory), "-I", "-X", cache, server, IN_ENVIRONMENT]


def failed(identifier: Any, text: str) -> Message:
    """The answer to a call that could not be made."""
    return {"id": identifier, "result": {"content": [{"type": "text", "text": text}], "isError": True}}
