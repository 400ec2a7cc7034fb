"""A session of hundreds of calls costs no more at its end than at its beginning."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from commontrace.paths import Paths
from support import mcp_client, stand_in_store
from support.machine import Machine
from support.mcp_client import McpClient
from support.stand_in_store import StandInStore

ROOT = Path(__file__).resolve().parents[2]
CALLS = 500
GROWTH_MB = 12
"""What threads, caches and arenas may still add; one kept output per call would be several times that."""
OUTPUT = "line of output\n" * 4000
LIGHT = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
folders = Paths.from_environment({"COMMONTRACE_HOME": sys.argv[2]})
folders.memory.parent.mkdir(parents=True)
from commontrace.memory import Memory
Memory(folders.memory).close()
before = set(sys.modules)
hooks = Hooks(Runtime(Path("unused"), folders, Settings()))
for number in range(5):
    call = {"event": "PostToolUse", "session": "s", "cwd": "/srv", "command": "ls", "stdout": "a"}
    assert hooks.answer(call) is None
print(*sorted(set(sys.modules) - before))
"""


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine.create(tmp_path / "machine", idle_seconds=5)
    yield machine
    machine.end()


@pytest.fixture
def store(machine: Machine) -> Iterator[StandInStore]:
    folders = Paths.from_environment({"COMMONTRACE_HOME": str(machine.home)})
    with stand_in_store.serving(folders.socket) as running:
        running.answer = {"hits": [stand_in_store.hit()], "abstained": False, "degraded": []}
        yield running


def work(client: McpClient, calls: int) -> None:
    """Commands that pass, a few that fail, each with a lot of output."""
    for number in range(calls):
        call = {"session": "s", "cwd": "/srv", "command": f"make part{number % 7}"}
        if number % 10:
            client.call("hook", {"event": "PostToolUse", "stdout": OUTPUT, **call})
        else:
            error = f"Exit code 2\n{OUTPUT}ModuleNotFoundError: No module named 'berth{number % 50}'"
            client.call("hook", {"event": "PostToolUseFailure", "error": error, **call})


def test_a_long_session_does_not_grow(machine: Machine, store: StandInStore) -> None:
    """Neither the hook server nor what it is asked to remember; what is said has its budget."""
    with mcp_client.running(ROOT, "hooks", {**machine.environment, "HOME": str(machine.home)}) as client:
        client.connect()
        work(client, 100)
        process = psutil.Process(client.process.pid)
        early = process.memory_info().rss
        threads = process.num_threads()
        work(client, CALLS - 100)
        assert process.memory_info().rss - early < GROWTH_MB * 1e6
        assert process.num_threads() <= threads + 5
    assert (machine.home / "memory.sqlite3").stat().st_size < 2e6


def test_a_command_that_passes_loads_nothing_heavy(tmp_path: Path) -> None:
    """Most calls are of this kind: no HTTP, no validation, no search."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", LIGHT, ROOT / "mcp", tmp_path / "home"],
        capture_output=True,
        text=True,
        check=True,
    )
    heavy = {
        "httpx",
        "pydantic",
        "fastmcp",
        "commontrace.recall",
        "commontrace.stores",
        "commontrace.context",
    }
    assert not heavy & set(done.stdout.split())
