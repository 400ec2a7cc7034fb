"""Whatever breaks around the hook server: it answers in time, validly or not at all, and writes it down."""

import json
import os
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from socket import create_server
from typing import Any

import pytest

from commontrace import config
from commontrace.config import Permissions, StoreConfig
from commontrace.memory import Memory
from commontrace.paths import Paths
from support import mcp_client, plugin_copy, stand_in_store
from support.machine import ROOT, Machine
from support.mcp_client import McpClient
from support.stand_in_store import StandInStore

ERROR = "ModuleNotFoundError: No module named 'yaml'"
PATIENCE = 40.0
"""Seconds; long enough for everything that is to happen on a loaded machine."""
LINE_LIMIT = 400
FOREVER = 600.0
MEMORY_ERRORS = {"OperationalError", "DatabaseError", "MemoryNewerError", "IsADirectoryError"}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    machine = Machine.create(tmp_path / "m", idle_seconds=1)
    yield machine
    machine.end()


@pytest.fixture
def folders(machine: Machine) -> Paths:
    return Paths.from_environment(machine.environment)


@pytest.fixture
def store(folders: Paths) -> Iterator[StandInStore]:
    with stand_in_store.serving(folders.socket) as running:
        running.answer = {"hits": [stand_in_store.hit()], "abstained": False}
        yield running


def failing(session: str = "s") -> dict[str, Any]:
    return {"event": "PostToolUseFailure", "session": session, "agent": "", "cwd": "/srv",
            "command": "python app.py", "error": f"Exit code 1\n{ERROR}", "interrupted": ""}  # fmt: skip


def answered(server: McpClient, session: str = "s") -> dict[str, Any]:
    """The valid answer to one failure; empty where nothing is said."""
    content = server.call("hook", failing(session))
    return dict(json.loads(content[0]["text"])) if content else {}


def said(server: McpClient, session: str = "s") -> str:
    """What the model is told of one failure."""
    return str(answered(server, session).get("hookSpecificOutput", {}).get("additionalContext", ""))


def logged(folders: Paths) -> list[dict[str, Any]]:
    """The log once there is something in it."""
    log = folders.logs / "hooks.log"
    given_up = time.monotonic() + PATIENCE
    while not (log.exists() and log.read_text().endswith("\n")):
        assert time.monotonic() < given_up, "nothing was written down"
        time.sleep(0.05)
    lines = log.read_text().splitlines()
    assert max(map(len, lines)) <= LINE_LIMIT
    assert "yaml" not in log.read_text()
    return [json.loads(line) for line in lines]


def silent(machine: Machine, folders: Paths) -> list[dict[str, Any]]:
    """What the log says after one failure that was answered with nothing."""
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        server.connect()
        assert said(server) == ""
        return logged(folders)


def test_a_client_that_is_too_old_is_named_once(machine: Machine) -> None:
    """The doctor is not asked before something seems wrong; with such a client nothing seems to be there."""
    prompt = {"event": "UserPromptSubmit", "session": "s", "cwd": "/srv", "prompt": "go on"}
    lines = {}
    for version in ("2.1.196", "2.1.197"):
        with mcp_client.running(ROOT, "hooks", machine.environment) as server:
            server.connect(version)
            answers = [json.loads(server.call("hook", prompt)[0]["text"]) for _ in range(2)]
            lines[version] = [answer.get("systemMessage", "") for answer in answers]
    first, second = lines["2.1.196"]
    assert "Claude Code 2.1.196 is too old" in first
    assert "claude update" in first
    assert [second, *lines["2.1.197"]] == [""] * 3


def hang(store: StandInStore) -> None:
    store.delay = FOREVER


def drip(store: StandInStore) -> None:
    store.drip = 0.5


def garbage(store: StandInStore) -> None:
    store.answer = b"\x00\xff<html>" * 100


def another_schema(store: StandInStore) -> None:
    store.answer = {"hits": [{"id": 3}], "abstained": "no"}


def too_much(store: StandInStore) -> None:
    store.answer = b" " * 5_000_000


def broken(store: StandInStore) -> None:
    store.status, store.answer = 500, b"Traceback (most recent call last)"


def refusing(store: StandInStore) -> None:
    store.status, store.answer = 422, {"title": "unknown field", "status": 422, "detail": ERROR}


@pytest.mark.parametrize("fault", [hang, drip, garbage, another_schema, too_much, broken, refusing])
def test_a_store_that_fails_is_written_down_once(
    machine: Machine, folders: Paths, store: StandInStore, fault: Callable[[StandInStore], None]
) -> None:
    """Silence for the session, one line for the doctor, nothing of what the user ran."""
    fault(store)
    assert [(entry["where"], entry["error"][:5]) for entry in silent(machine, folders)] == [
        ("search", "Store")
    ]


def test_a_connected_store_without_tls(machine: Machine, folders: Paths, store: StandInStore) -> None:
    """What fails there does not keep the local store's answer back."""
    with create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=_talk_plainly, args=(listener,), daemon=True).start()
        url = f"https://127.0.0.1:{listener.getsockname()[1]}"
        allowed = Permissions(queries=True)
        config.connect(
            folders.config, StoreConfig("team", url, api_key="ct_" + "k" * 43, permissions=allowed)
        )
        with mcp_client.running(ROOT, "hooks", machine.environment) as server:
            server.connect()
            assert "Install PyYAML" in "".join(said(server, f"s{attempt}") for attempt in range(5))
            assert {entry["error"] for entry in logged(folders)} == {"StoreUnavailableError"}


def _talk_plainly(listener: Any) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.sendall(b"HTTP/1.1 400 plain\r\n\r\n")


def a_folder(memory: Path) -> None:
    memory.mkdir()


def no_database(memory: Path) -> None:
    memory.write_bytes(b"not a database" * 200)


def newer(memory: Path) -> None:
    with closing(sqlite3.connect(memory)) as connection:
        connection.execute("PRAGMA user_version = 999")


def taken(memory: Path) -> None:
    """As a full disk is: every write fails, and so does a file beside it."""
    Memory(memory).close()
    memory.with_name(f"{memory.name}-wal").unlink(missing_ok=True)
    memory.with_name(f"{memory.name}-wal").mkdir()


@pytest.mark.parametrize("fault", [a_folder, no_database, newer, taken])
def test_a_memory_that_cannot_be_used(
    machine: Machine, folders: Paths, store: StandInStore, fault: Callable[[Path], None]
) -> None:
    """Nothing is shown that could come twice; the reason is written down, and the person told once."""
    fault(folders.memory)
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        server.connect()
        answers = [answered(server) for _ in range(3)]
        assert {entry["error"] for entry in logged(folders)} <= MEMORY_ERRORS
    (line,) = [answer["systemMessage"] for answer in answers if answer]
    assert str(folders.memory) in line
    assert "/commontrace:trace-doctor" in line
    assert "Install PyYAML" not in json.dumps(answers)


def test_settings_that_cannot_be_read(machine: Machine, folders: Paths, store: StandInStore) -> None:
    """The person is told once, with the line; the store of this machine goes on answering."""
    folders.config.write_text("default_store = \n")
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        server.connect()
        answers = [answered(server) for _ in range(8)]
    assert sum("is not valid TOML" in answer.get("systemMessage", "") for answer in answers) == 1
    assert sum("Install PyYAML" in json.dumps(answer) for answer in answers) == 1


def test_a_log_that_cannot_be_written(machine: Machine, folders: Paths, store: StandInStore) -> None:
    """Then even that is silent, and known fixes are still shown."""
    folders.logs.write_text("in the way")
    store.answer, store.status = b"", 500
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        server.connect()
        assert said(server) == ""
        store.answer, store.status = {"hits": [stand_in_store.hit()], "abstained": False}, 200
        assert "Install PyYAML" in "".join(said(server, f"s{attempt}") for attempt in range(5))


def test_a_clock_that_was_set_back(machine: Machine, folders: Paths, store: StandInStore) -> None:
    """What was written in what is now the future does not keep anything back."""
    future = time.time() + 3650 * 24 * 3600
    with closing(Memory(folders.memory)) as memory, memory.write() as connection:
        connection.execute("INSERT OR REPLACE INTO notes VALUES ('expired_at', ?)", (future,))
        connection.execute(
            "INSERT INTO shown (session, agent, trace, confidence, characters, shown_at)"
            " VALUES ('other', '', 'x', 1, 9, ?)",
            (future,),
        )
    with mcp_client.running(ROOT, "hooks", machine.environment) as server:
        server.connect()
        assert "Install PyYAML" in "".join(said(server, f"s{attempt}") for attempt in range(5))


@pytest.mark.parametrize(
    "missing",
    [
        "mcp/commontrace/hooks.py",
        "mcp/commontrace/recall.py",
        "mcp/commontrace/render.py",
        "mcp/commontrace/briefing.py",
        "mcp/commontrace/memory/schema.py",
        "mcp/commontrace/stores/models.py",
        "mcp/commontrace_rules/signature.py",
        "mcp/commontrace_rules/screening/__init__.py",
    ],
)
def test_a_plugin_that_was_copied_in_part(
    machine: Machine, folders: Paths, store: StandInStore, tmp_path: Path, missing: str
) -> None:
    """A session goes on as if there were no plugin; the person is told, or the log says it."""
    plugin = plugin_copy.create(tmp_path / "plugin")
    (plugin / missing).unlink()
    with mcp_client.running(plugin, "hooks", machine.environment) as server:
        server.connect()
        assert said(server) == ""
        assert "Error" in logged(folders)[0]["error"]


def test_a_user_without_a_home_folder(tmp_path: Path) -> None:
    """The person is told with the first prompt what to set; everything else is silence."""
    code = (
        "import pwd, runpy, sys\n"
        "def nobody(uid): raise KeyError(uid)\n"
        "pwd.getpwuid = nobody\n"
        "sys.argv = ['server.py']\n"
        f"runpy.run_path({str(ROOT / 'hooks' / 'server.py')!r}, run_name='__main__')\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code],
        env={"PATH": os.environ["PATH"]},
        cwd=tmp_path,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    with process:
        server = McpClient(process)
        server.connect()
        assert said(server) == ""
        (block,) = server.call("hook", {"event": "UserPromptSubmit", "session": "s", "prompt": "hello"})
        assert "set HOME" in json.loads(block["text"])["systemMessage"]
        process.kill()
    assert list(tmp_path.iterdir()) == []
