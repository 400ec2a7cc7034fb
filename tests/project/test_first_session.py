"""The first session on a machine: silent until the environment is there, which is said once."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from commontrace import environment
from commontrace.hook_server import IDLE_SECONDS
from support import checkout
from support.checkout import Checkout
from support.mcp_client import McpClient

SECONDS = 200
FAILURE = {"event": "PostToolUseFailure", "session": "s", "command": "make", "error": "Exit code 2\nError: x"}
PROMPT = {"event": "UserPromptSubmit", "session": "s", "prompt": "go on"}


@pytest.fixture
def tree(tmp_path: Path) -> Checkout:
    return checkout.create(tmp_path)


@contextmanager
def session(tree: Checkout) -> Iterator[McpClient]:
    """The hook server as the client starts it."""
    with subprocess.Popen(
        ["sh", tree.root / "scripts" / "python", "-I", "-S", tree.root / "hooks" / "server.py"],
        env={"HOME": str(tree.home), "PATH": tree.path, **tree.variables},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        try:
            yield McpClient(process)
        finally:
            process.kill()


def told(client: McpClient, event: dict[str, str]) -> dict[str, Any]:
    """The hook JSON of one call."""
    content = client.call("hook", event)
    return json.loads(content[0]["text"]) if content else {}


def test_it_is_said_once_that_the_environment_is_being_prepared(tree: Checkout) -> None:
    """Failures get nothing meanwhile; the connection lives on in the environment's Python."""
    tree.use_uv()
    with session(tree) as client:
        client.connect()
        first = told(client, PROMPT)
        assert "preparing its environment" in first.get("systemMessage", "")
        assert told(client, FAILURE) == {}
        until = time.monotonic() + SECONDS
        command = Path(f"/proc/{client.process.pid}/cmdline")
        while b"--in-environment" not in command.read_bytes():
            assert time.monotonic() < until
            time.sleep(0.1)
        assert client.ask("ping")["result"] == {}


def test_what_keeps_it_from_working_is_said_with_its_remedy(tree: Checkout) -> None:
    """Also when it turns out only while the environment is being built; each line once."""
    tree.use_uv()
    tree.variables |= {"UV_OFFLINE": "1", "UV_NO_CACHE": "1"}
    with session(tree) as client:
        client.connect()
        said = [told(client, PROMPT)["systemMessage"]]
        until = time.monotonic() + SECONDS
        while len(said) < 2:
            assert time.monotonic() < until
            line = told(client, PROMPT).get("systemMessage")
            said += [line] if line else []
            time.sleep(2 * IDLE_SECONDS)  # it looks at the build only while nothing is asked of it
        assert "is not working" in said[1]
        assert "try again" in said[1]
        assert told(client, PROMPT) == told(client, FAILURE) == {}


def test_the_next_session_says_at_once_why_the_last_attempt_failed(tree: Checkout) -> None:
    """A session may be too short to see its own attempt fail."""
    tree.use_uv()
    tree.variables |= {"UV_OFFLINE": "1", "UV_NO_CACHE": "1"}
    assert tree.launch().returncode == 1
    log = tree.data / "logs" / "environment.log"
    log.write_text("commontrace: its environment could not be built (no network). Try again.\n")
    with session(tree) as client:
        client.connect()
        line = told(client, PROMPT)["systemMessage"]
    assert "could not be built (no network). Try again. It is trying again" in line


def test_a_client_that_is_too_old_is_named_while_it_is_prepared(tree: Checkout) -> None:
    """With what mends it, and beside what the session is told anyway."""
    tree.use_uv()
    with session(tree) as client:
        client.connect("2.1.196")
        line = told(client, PROMPT)["systemMessage"]
    assert line.startswith(
        "Claude Code 2.1.196 is too old for CommonTrace's hooks: update it (`claude update`)"
    )
    assert "preparing its environment" in line


def test_a_data_folder_that_cannot_be_written_is_named(tree: Checkout) -> None:
    """At once, with what mends it."""
    tree.variables["COMMONTRACE_HOME"] = str(tree.home / "notes.txt" / "below")
    (tree.home / "notes.txt").write_text("a file")
    with session(tree) as client:
        client.connect()
        line = told(client, PROMPT)["systemMessage"]
    assert "notes.txt" in line
    assert "set COMMONTRACE_HOME to another folder" in line


def test_a_full_disk_is_said_at_once(tree: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is started that could not even write down why it fails."""
    monkeypatch.setattr(environment, "LEAST_BYTES", 1 << 62)
    monkeypatch.setenv("COMMONTRACE_HOME", str(tree.home / "data"))
    with pytest.raises(environment.NotPreparedError, match=r"is full.*Make room, or set COMMONTRACE_HOME"):
        environment.build_detached()
    assert not (tree.home / "data").exists()
