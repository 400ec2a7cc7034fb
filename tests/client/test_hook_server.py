"""The hook server's MCP loop, as a process on the oldest Python at hand."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SERVER = """
import sys, time
sys.path.insert(0, sys.argv[1])
from commontrace.hook_server import Answers, HookServer
class Slow(Answers):
    kept = []
    def answer(self, arguments, received):
        time.sleep(arguments.get("seconds", 0))
        return {"kept": self.kept} if arguments.get("event") == "ask" else arguments.get("say")
    def keep(self, arguments, said):
        self.kept.append(said)
    def deadline(self):
        return float(sys.argv[2]) if len(sys.argv) > 2 else None
HookServer(Slow(), "1.2.3").serve()
"""


class Client:
    """Speaks JSON-RPC lines with a server process."""

    def __init__(self, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", SERVER, str(ROOT / "mcp"), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )

    def send(self, message: object) -> None:
        assert self.process.stdin is not None
        text = message if isinstance(message, bytes) else json.dumps(message).encode()
        self.process.stdin.write(text + b"\n")
        self.process.stdin.flush()

    def receive(self) -> Any:
        assert self.process.stdout is not None
        return json.loads(self.process.stdout.readline())

    def ask(self, method: str, **params: object) -> Any:
        self.send({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        return self.receive()

    def hook(self, **arguments: object) -> Any:
        content = self.ask("tools/call", name="hook", arguments=arguments)["result"]["content"]
        return [json.loads(part["text"]) for part in content]


@contextmanager
def serving(*arguments: str) -> Iterator[Client]:
    running = Client(*arguments)
    try:
        yield running
    finally:
        running.process.kill()
        with running.process:
            pass


@pytest.fixture
def client() -> Iterator[Client]:
    with serving() as running:
        yield running


@pytest.fixture
def hurried() -> Iterator[Client]:
    """A server whose calls have half a second; what is held up takes longer, whatever the machine does."""
    with serving("0.5") as running:
        yield running


def test_handshake_keeps_the_clients_protocol(client: Client) -> None:
    """Both clients connect: unknown first messages are refused at once, then initialize is answered."""
    assert client.ask("server/discover")["error"]["code"] == -32601
    result = client.ask("initialize", protocolVersion="2025-11-25")["result"]
    assert result["protocolVersion"] == "2025-11-25"
    assert result["serverInfo"]["version"] == "1.2.3"


def test_hook_is_callable_but_not_listed(client: Client) -> None:
    """The model cannot see the hook tool, hooks.json can call it."""
    assert client.ask("tools/list")["result"] == {"tools": []}
    answer = client.ask("tools/call", name="hook", arguments={"say": {"a": 1}})["result"]
    assert [json.loads(part["text"]) for part in answer["content"]] == [{"a": 1}]


def test_silence_is_empty_content(client: Client) -> None:
    """Nothing to say is an answer without content."""
    assert client.ask("tools/call", name="hook", arguments={})["result"]["content"] == []


@pytest.mark.parametrize("event", ["UserPromptSubmit", "UserPromptExpansion", "SessionStart"])
def test_silence_is_an_empty_object_where_the_model_would_read_more(client: Client, event: str) -> None:
    """On these events the client turns empty content into words of its own for the model."""
    answer = client.ask("tools/call", name="hook", arguments={"event": event})["result"]
    assert [json.loads(part["text"]) for part in answer["content"]] == [{}]


def test_slow_call_does_not_hold_up_others(client: Client) -> None:
    """Calls are answered concurrently, each under its own id."""
    for number, seconds in ((1, 3), (2, 0)):
        client.send(
            {"jsonrpc": "2.0", "id": number, "method": "tools/call",
             "params": {"name": "hook", "arguments": {"seconds": seconds}}}
        )  # fmt: skip
    assert client.receive()["id"] == 2


@pytest.mark.parametrize(("event", "silence"), [("PostToolUse", []), ("UserPromptSubmit", [{}])])
def test_a_call_that_is_held_up_is_answered_with_silence(
    hurried: Client, event: str, silence: list[object]
) -> None:
    """Whatever holds an answer up, the client has silence in time; the answer is kept for the next hook."""
    assert hurried.hook(event=event, seconds=2, say={"late": 1}) == silence
    assert hurried.hook(event="ask") == [{"kept": []}]
    time.sleep(2)
    assert hurried.hook(event="ask") == [{"kept": [{"late": 1}]}]


def test_every_one_of_parallel_calls_is_answered_once(hurried: Client) -> None:
    """Calls that are held up and calls that are not do not disturb each other."""
    for number in range(8):
        arguments = {"event": "PostToolUse", "seconds": 2 * (number % 2), "say": {"number": number}}
        params = {"name": "hook", "arguments": arguments}
        hurried.send({"jsonrpc": "2.0", "id": number, "method": "tools/call", "params": params})
    received = [hurried.receive() for _ in range(8)]
    said = {
        message["id"]: [json.loads(part["text"]) for part in message["result"]["content"]]
        for message in received
    }
    assert said == {number: [] if number % 2 else [{"number": number}] for number in range(8)}
    time.sleep(2)
    assert hurried.ask("ping")["result"] == {}


def test_a_person_waits_for_the_answer(hurried: Client) -> None:
    """A typed command has no deadline of ours."""
    assert hurried.hook(event="UserPromptExpansion", seconds=1, say={"a": 1}) == [{"a": 1}]


@pytest.mark.parametrize("line", [b"not json", b"[1]", b"\xff\xfe", b'"x"'])
def test_garbage_is_refused_and_the_server_lives(client: Client, line: bytes) -> None:
    """Input that is no request gets an error, and the next request its answer."""
    client.send(line)
    assert client.receive()["error"]["code"] == -32700
    assert client.ask("ping")["result"] == {}


def test_unknown_tool_is_refused(client: Client) -> None:
    """Only the hook tool exists."""
    assert client.ask("tools/call", name="read_file", arguments={})["error"]["code"] == -32602


def test_end_of_input_ends_the_server(client: Client) -> None:
    """The server goes with its client."""
    client.ask("ping")
    assert client.process.stdin is not None
    client.process.stdin.close()
    assert client.process.wait(5) == 0


def test_interrupt_ends_the_server_cleanly(client: Client) -> None:
    """Claude Code ends servers with SIGINT; that is no failure."""
    client.ask("ping")
    client.process.send_signal(2)
    assert client.process.wait(5) == 0
