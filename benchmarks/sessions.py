"""Sessions as the plugin's servers see them: the client's handshake and calls, without the client."""

import itertools
import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

from commontrace import environment

Json = dict[str, Any]
STEPS = ((signal.SIGINT, 0.1), (signal.SIGTERM, 0.4), (signal.SIGKILL, 10.0))
"""How the client ends a server: each signal, and how long it waits after it, in seconds."""


class ServerGoneError(Exception):
    """The server has ended before it answered."""


class Server:
    """A server that speaks MCP over its pipes, and one caller.

    Args:
        command: what starts it.
        environ: its whole environment.
    """

    def __init__(self, command: Sequence[str], environ: Mapping[str, str]) -> None:
        self._ids = itertools.count(1)
        self.process = subprocess.Popen(  # noqa: S603  our own program
            command,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=environ["COMMONTRACE_HOME"],
            start_new_session=True,
        )

    @classmethod
    def of_plugin(cls, root: Path, name: str, environ: Mapping[str, str]) -> Self:
        """A server of the plugin, started as `.mcp.json` says.

        Args:
            root: the plugin's folder.
            name: of the server, `hooks` or `tools`.
            environ: its whole environment.
        """
        entry = json.loads((root / ".mcp.json").read_text())["mcpServers"][name]
        parts = (entry["command"], *entry["args"])
        return cls([part.replace("${CLAUDE_PLUGIN_ROOT}", str(root)) for part in parts], environ)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """End it the way the client does."""
        for number, seconds in STEPS:
            try:
                self.process.send_signal(number)
                self.process.wait(seconds)
            except subprocess.TimeoutExpired:
                continue
            else:
                break
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:
                    continue

    def abandon(self, seconds: float) -> None:
        """Leave it the way a client does that is killed, and wait for its end.

        Raises:
            subprocess.TimeoutExpired: it goes on without a client.
        """
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()
        self.process.wait(seconds)

    def connect(self) -> None:
        """The handshake."""
        self._ask("initialize", {"protocolVersion": "2025-11-25", "capabilities": {}})
        self._send({"jsonrpc": "2.0", "method": "notifications/initialized"})

    def tools(self) -> list[Json]:
        """What it lists."""
        listed: list[Json] = self._ask("tools/list", {})["result"]["tools"]
        return listed

    def call(self, tool: str, arguments: Mapping[str, Any]) -> str:
        """The text that a tool answers with, empty for silence.

        Raises:
            ServerGoneError: there is nobody to answer.
        """
        answer = self._ask("tools/call", {"name": tool, "arguments": dict(arguments)})
        return "".join(part.get("text", "") for part in answer["result"]["content"])

    def _ask(self, method: str, params: Json) -> Json:
        identifier = next(self._ids)
        self._send({"jsonrpc": "2.0", "id": identifier, "method": method, "params": params})
        assert self.process.stdout is not None
        for line in self.process.stdout:
            answer: Json = json.loads(line)
            if answer.get("id") == identifier:
                return answer
        raise ServerGoneError

    def _send(self, message: Json) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.write(json.dumps(message).encode() + b"\n")
            self.process.stdin.flush()
        except OSError as error:
            raise ServerGoneError from error


def environ_of(home: Path, idle_seconds: int) -> dict[str, str]:
    """The whole environment of what runs in a COMMONTRACE_HOME.

    Args:
        home: the COMMONTRACE_HOME.
        idle_seconds: how long the local store stays after its last client has gone.
    """
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "COMMONTRACE_HOME": str(home),
        "COMMONTRACE_IDLE_SECONDS": str(idle_seconds),
    }


def share_environment(home: Path) -> None:
    """Stand the environment that runs this in for the one that a first start would build."""
    directory = home / "env" / Path(environment.environment_dir()).name
    directory.mkdir(mode=0o700, parents=True)
    for part in ("bin", "lib", "pyvenv.cfg"):
        (directory / part).symlink_to(Path(sys.prefix) / part)
    (directory / ".complete").touch()
