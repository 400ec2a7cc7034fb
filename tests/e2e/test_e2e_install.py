"""The ways in: from a marketplace folder and from a copy of the repository; and the way out."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support import plugin_copy
from support.claude_clients import Client
from support.claude_code import ClaudeCode
from support.machine import ROOT, Machine
from support.messages_api import MessagesApi
from support.model_script import Script, bash, pondered, say
from support.projects import FAILING, Project

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]
PROMPT = "Please make the tests pass."


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The repository as it was cloned, in a folder with a space and letters of other scripts."""
    return plugin_copy.create(tmp_path / "plugins für alle" / "commontrace")


def assert_it_works(claude: ClaudeCode, project: Project, trace: str, scripted: Scripted) -> None:
    """A failing command gets the known fix."""
    api = scripted(Script([pondered(bash(project.pytest(FAILING))), say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert trace in "".join(session.requests[1].hook_contexts)
    assert session.mcp_servers["plugin:commontrace:hooks"] == "connected"
    assert (session.succeeded, session.stderr) == (True, "")


def test_from_a_marketplace_folder_and_out_again(
    *,
    client: Client,
    machine: Machine,
    known_trace: str,
    checkout: Path,
    project: Project,
    scripted: Scripted,
    tmp_path: Path,
) -> None:
    """The line of the README, nothing asked; after the removal nothing of it is started."""
    claude = ClaudeCode(client, tmp_path / "claude", None, machine.environment)
    claude.folder.mkdir()
    (line,) = re.findall(
        r"^claude plugin marketplace add .*$", (ROOT / "README.md").read_text(), re.MULTILINE
    )
    for command in line.split(" && "):
        done = claude.command(*command.split()[1:], cwd=checkout)
        assert done.returncode == 0, done.stdout + done.stderr
    assert_it_works(claude, project, known_trace, scripted)
    done = claude.command("plugin", "uninstall", "commontrace@commontrace")
    assert done.returncode == 0, done.stdout + done.stderr
    after = claude.run(PROMPT, scripted(Script([say("Nothing.")])), cwd=project.folder)
    assert not any("commontrace" in name for name in after.mcp_servers)
    assert after.hook_answers == []


def test_from_a_clone_by_its_folder(
    *,
    client: Client,
    machine: Machine,
    known_trace: str,
    checkout: Path,
    project: Project,
    scripted: Scripted,
    tmp_path: Path,
) -> None:
    """`--plugin-dir` is all that it takes; nothing is written into the clone."""
    before = sorted(checkout.rglob("*"))
    claude = ClaudeCode(client, tmp_path / "claude", checkout, machine.environment)
    assert_it_works(claude, project, known_trace, scripted)
    assert sorted(checkout.rglob("*")) == before


def test_an_environment_that_cannot_be_built_disturbs_nothing(
    client: Client, checkout: Path, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """Where the environment cannot be built the session goes on, and one line says what mends it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "env").write_text("in the way")
    claude = ClaudeCode(client, tmp_path / "claude", checkout, {"COMMONTRACE_HOME": str(home)})
    api = scripted(Script([pondered(bash(project.pytest(FAILING))), say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    (line,) = session.system_messages
    assert line.startswith("CommonTrace is not working: cannot write to") or "preparing" in line
    assert (session.succeeded, session.requests[1].hook_contexts) == (True, [])
