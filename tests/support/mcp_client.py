"""Speaks with an MCP server of the plugin the way Claude Code does: JSON-RPC lines with a real process."""

import itertools
import json
import os
import queue
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

Json = dict[str, Any]
ANSWER_SECONDS = 120
"""Long enough for a loaded machine; what has a deadline of its own answers much sooner."""


class ServerSilentError(Exception):
    """The server did not answer a request in time."""


class McpClient:
    """Sends requests to one server process and sorts its answers by id; usable from several threads."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._ids = itertools.count(1)
        self._answers: dict[int, queue.Queue[Json]] = {}
        self._writing = threading.Lock()
        threading.Thread(target=self._read, daemon=True).start()

    def ask(self, method: str, params: Mapping[str, Any] | None = None) -> Json:
        """The whole answer to one request: a `result` or an `error`.

        Raises:
            ServerSilentError: there was none in time.
        """
        identifier = next(self._ids)
        answer = self._answers[identifier] = queue.Queue()
        self._send({"jsonrpc": "2.0", "id": identifier, "method": method, "params": dict(params or {})})
        try:
            return answer.get(timeout=ANSWER_SECONDS)
        except queue.Empty:
            raise ServerSilentError(f"no answer to {method}; exit status {self.process.poll()}") from None

    def connect(self, version: str = "2.1.330") -> Json:
        """The handshake of the newest client, which first asks for something that we do not know.

        Args:
            version: what it says that it is.
        """
        self.ask("server/discover")
        client = {"name": "claude-code", "version": version}
        asked = {"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client}
        answer = self.ask("initialize", asked)
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})
        return answer

    def call(self, tool: str, arguments: Mapping[str, Any]) -> list[Json]:
        """The content that a tool answers with."""
        answer = self.ask("tools/call", {"name": tool, "arguments": dict(arguments)})
        assert "result" in answer, answer
        return list(answer["result"]["content"])

    def _send(self, message: Json) -> None:
        assert self.process.stdin is not None
        with self._writing:
            self.process.stdin.write(json.dumps(message) + "\n")
            self.process.stdin.flush()

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                message = json.loads(line)
                if message.get("id") in self._answers:
                    self._answers[message["id"]].put(message)
        except ValueError:
            if not self.process.stdout.closed:  # which the end of a test does, whoever still reads
                raise


@contextmanager
def running(root: Path, server: str, environment: Mapping[str, str]) -> Iterator[McpClient]:
    """Start a server of the plugin at `root` as its .mcp.json says; not connected yet."""
    entry = json.loads((root / ".mcp.json").read_text())["mcpServers"][server]
    command = [
        part.replace("${CLAUDE_PLUGIN_ROOT}", str(root)) for part in (entry["command"], *entry["args"])
    ]
    process = subprocess.Popen(
        command,
        env={"PATH": os.environ["PATH"], **entry.get("env", {}), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        try:
            yield McpClient(process)
        finally:
            process.kill()
