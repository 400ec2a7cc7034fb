"""The plugin's folder is replaced or removed under a running session: the session goes on as it began."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from commontrace import loading, standby
from commontrace.paths import Paths
from support import plugin_copy, processes
from support.machine import ROOT, Machine
from support.mcp_client import McpClient

SECONDS = 200
LOADED_SECONDS = loading.AFTER_SECONDS + 4
"""After the store is there, which itself takes seconds: a loaded machine has loaded all modules by then."""
ERROR = "Exit code 1\nTraceback (most recent call last):\nModuleNotFoundError: No module named 'yaml'"


@pytest.fixture
def machine(tmp_path: Path, used_store: Path) -> Iterator[Machine]:
    machine = Machine.create(tmp_path / "machine", idle_seconds=60)
    machine.keep(used_store)
    yield machine
    machine.end()


@pytest.fixture
def session(machine: Machine, tmp_path: Path) -> Iterator[McpClient]:
    """A session of a plugin that is gone by now; all that it needs was loaded before."""
    plugin = plugin_copy.create(tmp_path / "plugin 1.0")
    with subprocess.Popen(
        ["sh", plugin / "scripts" / "python", "-I", "-S", plugin / "hooks" / "server.py"],
        env={"PATH": os.environ["PATH"], "HOME": str(machine.home), **machine.environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        client = McpClient(process)
        client.connect()
        until(lambda: is_settled(machine, process.pid))
        time.sleep(LOADED_SECONDS)
        shutil.rmtree(plugin)
        yield client
        process.kill()


def until(condition: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.1)


def is_settled(machine: Machine, server: int) -> bool:
    """Whether the store is there, the code was copied, and the server is the one that stays."""
    folders = Paths.from_environment(machine.environment)
    return (
        folders.socket.exists()
        and (machine.home / "bin" / "commontrace").exists()
        and b"--in-environment" in Path(f"/proc/{server}/cmdline").read_bytes()
    )


def fails(client: McpClient, number: int) -> str:
    """What the hook says when a command fails, in a session of its own."""
    event = {"event": "PostToolUseFailure", "session": f"s{number}", "cwd": "/", "command": "python app.py"}
    return "".join(part["text"] for part in client.call("hook", {**event, "error": ERROR}))


def test_a_session_outlives_its_plugins_folder(session: McpClient, machine: Machine) -> None:
    """Failures are answered, typed commands too, and the store starts again from the copy of the code."""
    until(lambda: "pyyaml" in fails(session, time.monotonic_ns()).lower())
    typed = {"event": "UserPromptExpansion", "session": "s", "name": "commontrace:trace-status"}
    (said,) = session.call("hook", {**typed, "arguments": ""})
    assert "Drafts that wait for your yes" in said["text"]
    for process in processes.belonging(machine.home):
        with suppress(psutil.NoSuchProcess):  # the database's own processes come and go
            if "serve" in process.cmdline():
                process.kill()
    until(lambda: "pyyaml" in fails(session, time.monotonic_ns()).lower())
    log = machine.home / "logs" / "hooks.log"
    assert not log.exists() or "ImportError" not in log.read_text()


def test_without_a_plugin_the_copy_of_its_code_is_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only then: a plugin that is there is always the newer of the two."""
    monkeypatch.setenv("COMMONTRACE_HOME", str(tmp_path / "home"))
    gone = tmp_path / "gone"
    assert standby.code(str(gone)) == str(gone)
    standby.ensure(str(ROOT), sys.prefix)
    assert standby.code(str(ROOT)) == str(ROOT)
    kept = Path(standby.code(str(gone)))
    assert (kept / "scripts" / "run.py").is_file()
    assert kept.is_relative_to(tmp_path / "home" / "bin")


def test_all_that_a_hook_may_use_is_loaded() -> None:
    """Every module of the client, but for those that only other programs start."""
    names = set(loading.modules())
    assert names >= {"commontrace.typed", "commontrace.doctor.stores", "commontrace.publishing",
                     "commontrace_rules.redaction.values", "commontrace.context.locks"}  # fmt: skip
    assert not any(f"{name}.".startswith(("commontrace.cli.", "commontrace.tools.")) for name in names)
