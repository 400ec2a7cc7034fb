"""The harness itself notices what the other tests rely on it to notice."""

import http.client
import subprocess
import sys
from pathlib import Path

import pytest

from support import processes
from support.claude_clients import Client
from support.claude_code import ClaudeCode
from support.messages_api import MessagesApi
from support.model_script import Script, bash, delegate, say

pytestmark = pytest.mark.e2e


def test_a_request_to_another_host_is_recorded_and_refused() -> None:
    """The stand-in is the only proxy a session has, so nothing passes it unseen."""
    with MessagesApi(Script([])) as api:
        connection = http.client.HTTPConnection(api.url.removeprefix("http://"))
        connection.set_tunnel("elsewhere.example", 443)
        with pytest.raises(OSError, match="403"):
            connection.request("GET", "/")
        connection.close()
    assert [line.split()[:2] for line in api.strays] == [["CONNECT", "elsewhere.example:443"]]


def test_a_session_without_the_plugin_is_scripted_to_its_end(client: Client, tmp_path: Path) -> None:
    """Main agent and sub-agent get their own turns, a resume goes on, a compaction gets its summary."""
    part = "Look around and report."
    script = Script(
        [bash("echo one; false"), delegate(part), say("First."), say("Second.")],
        agents={part: [bash("echo two"), say("Seen.")]},
        summary="<summary>What went before.</summary>",
    )
    claude = ClaudeCode(client, tmp_path / "claude")
    with MessagesApi(script) as api:
        first = claude.run("Begin.", api, cwd=tmp_path)
        compacted = claude.run("/compact", api, cwd=tmp_path, resume=first.id)
        second = claude.run("Go on.", api, cwd=tmp_path, resume=first.id)
    assert [request.agent for request in first.requests] == ["main", "main", part, part, "main"]
    assert [api.requests[1].tool_results, api.requests[3].tool_results] == [["Exit code 1\none"], ["two"]]
    assert [request.agent for request in compacted.requests] == ["summary"]
    assert "What went before." in second.requests[0].text
    assert [first.result, second.result] == ["First.", "Second."]
    assert [request.hook_contexts for request in api.requests] == [[]] * len(api.requests)
    assert api.strays == []


def test_processes_of_a_home_are_found_by_their_working_directory(tmp_path: Path) -> None:
    """PostgreSQL's processes overwrite their command line and environment, but not where they are."""
    waiting = [sys.executable, "-c", "input()"]
    with subprocess.Popen(waiting, cwd=tmp_path, env={}, stdin=subprocess.PIPE) as process:
        assert [found.pid for found in processes.belonging(tmp_path)] == [process.pid]
        processes.end_all(tmp_path)
    assert processes.belonging(tmp_path) == []
