"""What both clients really send to hooks, through the plugin's own templates and its real hook server."""

import json
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from commontrace import hook_templates
from commontrace.paths import Paths
from support import mcp_client, stand_in_store
from support.machine import ROOT, Machine
from support.mcp_client import McpClient
from support.stand_in_store import StandInStore

Json = dict[str, Any]

HOOKS = ROOT / "hooks" / "hooks.json"
PAYLOADS = sorted((ROOT / "tests" / "payloads").glob("v*/*.json"))
VERSIONS = sorted({file.parent for file in PAYLOADS})
OUTPUT = """\
==================================== ERRORS ====================================
________________________ ERROR collecting test_shop.py _________________________
test_shop.py:1: in <module>
    import yaml
E   ModuleNotFoundError: No module named 'yaml'
=========================== short test summary info ============================
ERROR test_shop.py
1 error in 0.08s"""
CONNECTING_SECONDS = 20
HANGING_SECONDS = 60


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """A machine whose local store is the stand-in."""
    machine = Machine.create(tmp_path_factory.mktemp("payloads") / "m", idle_seconds=1)
    yield machine
    machine.end()


@pytest.fixture(scope="module")
def running_store(machine: Machine) -> Iterator[StandInStore]:
    with stand_in_store.serving(Paths.from_environment(machine.environment).socket) as store:
        yield store


@pytest.fixture
def store(running_store: StandInStore) -> StandInStore:
    """The stand-in, which knows an answer to every search."""
    running_store.answer = {"hits": [stand_in_store.hit()], "abstained": False, "degraded": []}
    running_store.delay = 0.0
    return running_store


@pytest.fixture(scope="module")
def hook_server(machine: Machine, running_store: StandInStore) -> Iterator[McpClient]:
    """The hook server, started from .mcp.json and connected to the stand-in."""
    running_store.answer = {"hits": [stand_in_store.hit()], "abstained": False, "degraded": []}
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        server.connect()
        given_up = time.monotonic() + CONNECTING_SECONDS
        while not server.call("hook", failure(payload(VERSIONS[0]))):
            assert time.monotonic() < given_up, "the hook server does not find its store"
            time.sleep(0.1)
        yield server


def payload(version: Path, name: str = "PostToolUseFailure.Bash") -> Json:
    """A captured payload as if it came from a new session."""
    captured = json.loads((version / f"{name}.json").read_text())
    return {**captured, "session_id": str(uuid.uuid4())}


def failure(captured: Json) -> Json:
    """The one call that hooks.json makes for a payload whose command is a failing test run."""
    changed: Json = {"tool_input": {"command": "python -m pytest"}, "error": f"Exit code 2\n{OUTPUT}"}
    if captured["hook_event_name"] == "PostToolUse":
        response = {**captured["tool_response"], "stdout": OUTPUT}
        changed = {"tool_input": {"command": "python -m pytest | tail -20"}, "tool_response": response}
    (arguments,) = hook_templates.calls(HOOKS, {**captured, **changed})
    return arguments


def assert_valid(content: list[Json], event: str) -> None:
    """Silence, or exactly one text block that is hook JSON for this event and within its bounds."""
    if not content:
        return
    (block,) = content
    assert block["type"] == "text"
    answer = json.loads(block["text"])
    assert answer.keys() <= {"hookSpecificOutput", "systemMessage"}
    assert "\n" not in answer.get("systemMessage", "")
    if "hookSpecificOutput" in answer:
        assert answer["hookSpecificOutput"]["hookEventName"] == event
        assert 0 < len(answer["hookSpecificOutput"]["additionalContext"]) <= 1000


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("file", PAYLOADS, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_every_captured_payload_gets_valid_hook_json_or_silence(hook_server: McpClient, file: Path) -> None:
    """Whatever a client sends, and even what no hook asks for, the answer is one that clients accept."""
    captured = json.loads(file.read_text())
    event = captured["hook_event_name"]
    calls = list(hook_templates.calls(HOOKS, captured)) or [{**captured, "event": event}]
    for arguments in calls:
        assert_valid(hook_server.call("hook", arguments), event)


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("version", VERSIONS, ids=lambda version: version.name)
@pytest.mark.parametrize("name", ["PostToolUseFailure.Bash", "PostToolUse.Bash", "PostToolUse.Bash.subagent"])
def test_an_error_in_a_captured_payload_is_recognised(
    hook_server: McpClient, version: Path, name: str
) -> None:
    """The templates pass on what detection needs, for failures, pipes and sub-agents of both clients."""
    captured = payload(version, name)
    said = (hook_server.call("hook", failure(payload(version, name))) for _ in range(5))
    content = next(filter(None, said), [])
    assert content
    assert_valid(content, captured["hook_event_name"])


def test_eight_failures_are_answered_while_the_store_hangs(
    hook_server: McpClient, store: StandInStore
) -> None:
    """A hanging store costs no hook more than its deadline: all are answered long before the store is."""
    store.delay = HANGING_SECONDS
    calls = [failure(payload(VERSIONS[0])) for _ in range(8)]
    with ThreadPoolExecutor(len(calls)) as pool:
        assert list(pool.map(lambda arguments: hook_server.call("hook", arguments), calls)) == [[]] * 8


def test_the_server_offers_the_model_nothing(machine: Machine) -> None:
    """No tool is listed; an unknown method is refused at once, even before the handshake."""
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        assert server.ask("server/discover")["error"]["code"] == -32601
        assert "tools" in server.connect()["result"]["capabilities"]
        assert server.ask("tools/list")["result"] == {"tools": []}
        assert server.ask("prompts/list")["error"]["code"] == -32601


def test_a_setting_that_cannot_be_used_silences_the_hooks(machine: Machine) -> None:
    """Whatever is wrong with the installation, a hook gets its empty answer and the session goes on."""
    environment = {**machine.environment, "COMMONTRACE_IDLE_SECONDS": "soon"}
    with mcp_client.running(ROOT, "hooks", environment) as server:
        server.connect()
        assert_valid(server.call("hook", failure(payload(VERSIONS[0]))), "PostToolUseFailure")
