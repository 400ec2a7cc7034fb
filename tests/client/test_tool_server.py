"""The tool server as a real process: at once there, FastMCP behind it, and gone with its client."""

import json
import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest
from fastmcp import Client
from fastmcp.client.transports import StdioTransport

from support import keeping_store, mcp_client, processes
from support.keeping_store import STARTER, KeepingStore
from support.machine import ROOT, Machine
from support.mcp_client import McpClient

ENTRY = json.loads((ROOT / ".mcp.json").read_text())["mcpServers"]["tools"]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """One for all tests, because a first start compiles FastMCP."""
    running = Machine.create(tmp_path_factory.mktemp("m") / "home", idle_seconds=1)
    yield running
    running.end()


@pytest.fixture(scope="module")
def store(machine: Machine) -> Iterator[KeepingStore]:
    with keeping_store.keeping(machine.home / "run" / "store.sock") as running:
        yield running


@pytest.fixture
def server(machine: Machine) -> Iterator[McpClient]:
    with mcp_client.running(ROOT, "tools", machine.environment) as client:
        client.connect()
        yield client


def said(answer: dict[str, Any]) -> str:
    return str(answer["result"]["content"][0]["text"])


def test_the_handshake_needs_no_environment(tmp_path: Path) -> None:
    """Before the environment exists the tools are listed, and a call says what to wait for."""
    with mcp_client.running(ROOT, "tools", {"COMMONTRACE_HOME": str(tmp_path / "fresh")}) as client:
        assert client.connect()["result"]["serverInfo"]["name"] == "commontrace"
        assert len(client.ask("tools/list")["result"]["tools"]) == 5
        answer = client.ask("tools/call", {"name": "list_tags", "arguments": {}})
    assert answer["result"]["isError"]
    assert "preparing its environment" in said(answer)


def test_the_model_of_too_old_a_client_is_asked_to_say_so(tmp_path: Path) -> None:
    """Such a client drops the hooks without a word: nothing else of ours reaches the person there."""
    told = {}
    for version in ("2.1.196", "2.1.197"):
        with mcp_client.running(ROOT, "tools", {"COMMONTRACE_HOME": str(tmp_path / "fresh")}) as client:
            told[version] = client.connect(version)["result"]["instructions"]
    asked = told["2.1.196"].removeprefix(told["2.1.197"])
    assert asked.strip().startswith("Tell the person once: Claude Code 2.1.196 is too old")
    assert "claude update" in asked


def test_a_session_without_calls_starts_no_second_process(server: McpClient) -> None:
    """FastMCP costs a second and tens of megabytes, so it waits for the first call."""
    server.ask("tools/list")
    assert psutil.Process(server.process.pid).children() == []


def test_calls_are_answered_by_fastmcp(server: McpClient, store: KeepingStore) -> None:
    """The first call starts it, the next ones find it; errors are results that the model can read."""
    assert "> python (2)" in said(server.ask("tools/call", {"name": "list_tags", "arguments": {}}))
    trace = server.ask("tools/call", {"name": "get_trace", "arguments": {"id": STARTER}})
    assert "> Install PyYAML." in said(trace)
    wrong = server.ask("tools/call", {"name": "get_trace", "arguments": {"id": "x"}})
    assert wrong["result"]["isError"]
    assert len(psutil.Process(server.process.pid).children()) == 1


def test_termination_ends_the_front(server: McpClient) -> None:
    """What Claude Code sends second is as good as what it sends first."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(5) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_signal_ends_both_processes(
    server: McpClient, store: KeepingStore, machine: Machine, number: signal.Signals
) -> None:
    """However Claude Code ends the front, nothing of it is left."""
    server.ask("tools/call", {"name": "list_tags", "arguments": {}})
    (backend,) = psutil.Process(server.process.pid).children()
    server.process.send_signal(number)
    assert server.process.wait(5) == (-number if number == signal.SIGKILL else 0)
    assert psutil.wait_procs([backend], timeout=10)[1] == []


def test_end_of_input_ends_both_processes(server: McpClient, store: KeepingStore, machine: Machine) -> None:
    """The server goes with its client."""
    server.ask("tools/call", {"name": "list_tags", "arguments": {}})
    assert server.process.stdin is not None
    server.process.stdin.close()
    assert server.process.wait(5) == 0
    assert processes.wait_until_none(machine.home, 10) == []


def test_a_call_that_cannot_be_answered_any_more_is(server: McpClient, store: KeepingStore) -> None:
    """When FastMCP dies the call ends as an error, and the next one starts it anew."""
    server.ask("tools/call", {"name": "list_tags", "arguments": {}})
    (backend,) = psutil.Process(server.process.pid).children()
    backend.kill()
    backend.wait(5)
    answers = [server.ask("tools/call", {"name": "list_tags", "arguments": {}}) for _ in range(2)]
    assert "> python (2)" in said(answers[-1])


@pytest.mark.parametrize("line", ["not json", "[1]", '{"id": 7}', '{"method": "notifications/cancelled"}'])
def test_odd_input_does_not_end_the_front(server: McpClient, line: str) -> None:
    """Garbage, answers to nothing and notifications are survived."""
    assert server.process.stdin is not None
    server.process.stdin.write(line + "\n")
    server.process.stdin.flush()
    assert server.ask("ping")["result"] == {}


async def test_a_client_of_the_newest_era_connects(machine: Machine, store: KeepingStore) -> None:
    """A client that asks in the newest way first goes on with the handshake."""
    arguments = [argument.replace("${CLAUDE_PLUGIN_ROOT}", str(ROOT)) for argument in ENTRY["args"]]
    environment = {"PATH": os.environ["PATH"], **machine.environment}
    transport = StdioTransport(ENTRY["command"], arguments, env=environment, keep_alive=False)
    async with Client(transport, mode="auto") as client:
        result = await client.call_tool("list_tags")
    assert "> python (2)" in result.content[0].text


def test_a_projects_env_file_configures_nothing(
    machine: Machine, store: KeepingStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server starts in the project's folder, and a hostile project could hold settings for FastMCP."""
    (tmp_path / ".env").write_text("FASTMCP_LOG_LEVEL=nonsense\n")
    monkeypatch.chdir(tmp_path)
    with mcp_client.running(ROOT, "tools", machine.environment) as client:
        client.connect()
        assert "> python (2)" in said(client.ask("tools/call", {"name": "list_tags", "arguments": {}}))


def test_eight_calls_at_once_are_all_answered(server: McpClient, store: KeepingStore) -> None:
    """Calls that arrive while FastMCP is still starting are not lost."""
    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(server.ask, "tools/call", {"name": "list_tags", "arguments": {}}) for _ in range(8)
        ]
        assert all("> python (2)" in said(call.result()) for call in calls)
