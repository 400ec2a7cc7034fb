"""A failing command in the real Claude Code gets the known fix, and nothing else gets anything."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from support import processes
from support.claude_clients import Client
from support.claude_code import ClaudeCode, Session
from support.machine import ROOT, Machine
from support.messages_api import MessagesApi
from support.model_script import Script, Turn, bash, delegate, pondered, say, together
from support.projects import FAILING, KNOWN_FIX, KNOWN_TRACE, PASSING, UNKNOWN, Project

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]
NewMachine = Callable[[int], Machine]

PROMPT = "Please make the tests pass."


def contexts(session: Session, agent: str = "main") -> list[list[str]]:
    """What hooks added to each request of one agent."""
    return [request.hook_contexts for request in session.requests if request.agent == agent]


def assert_known_fix(context: list[str], trace: str) -> None:
    """One context: framed as untrusted, then the trace's id and confidence, then the fix."""
    assert len(context) == 1
    frame, _, shown = context[0].partition(trace)
    assert "untrusted" in frame
    assert re.search(r"confidence [01]\.\d\d", shown)
    assert KNOWN_FIX in shown


def test_the_next_request_after_a_failing_command_holds_the_fix(
    claude: ClaudeCode, project: Project, known_trace: str, scripted: Scripted
) -> None:
    """The model reads the fix together with the failure, not one step later; the person gets a line."""
    api = scripted(Script([pondered(bash(project.pytest(FAILING))), say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    before, after = contexts(session)
    assert before == []
    assert_known_fix(after, known_trace)
    assert session.succeeded
    (line,) = session.system_messages
    assert "shopledger" in line
    assert "\n" not in line
    assert line not in api.main[1].text


@pytest.mark.parametrize("line", ["{} | tail -20", "{} || true", "{} 2>&1 ; echo finished"])
def test_a_failure_that_the_exit_status_hides_gets_the_fix(
    claude: ClaudeCode, project: Project, known_trace: str, scripted: Scripted, line: str
) -> None:
    """Models rarely run a command bare; what surrounds it must not hide its failure."""
    api = scripted(Script([pondered(bash(line.format(project.pytest(FAILING)))), say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert_known_fix(contexts(session)[1], known_trace)


def test_a_failing_command_of_a_sub_agent_gets_the_fix(
    claude: ClaudeCode, project: Project, known_trace: str, scripted: Scripted
) -> None:
    """A sub-agent that runs the command is the one that reads the fix."""
    part = "Run the ledger tests and report."
    steps = {part: [pondered(bash(project.pytest(FAILING))), say("They fail.")]}
    api = scripted(Script([delegate(part), say("I see.")], steps))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert_known_fix(contexts(session, part)[1], known_trace)
    assert contexts(session) == [[], []]


@pytest.mark.usefixtures("known_trace")
def test_a_fix_is_shown_once_per_session(claude: ClaudeCode, project: Project, scripted: Scripted) -> None:
    """A second failure of the same kind adds nothing, after a resume neither."""
    fail = bash(project.pytest(FAILING))
    again = bash(project.pytest(FAILING, "-x"))
    api = scripted(Script([pondered(fail), again, say("Hm."), pondered(again), say("Hm.")]))
    first = claude.run(PROMPT, api, cwd=project.folder)
    second = claude.run("Try again.", api, cwd=project.folder, resume=first.id)
    assert [len(context) for context in contexts(first)] == [0, 1, 0]
    assert contexts(second) == [[], []]


@pytest.mark.usefixtures("known_trace")
def test_parallel_failures_get_the_fix_once(claude: ClaudeCode, project: Project, scripted: Scripted) -> None:
    """Two hooks that run at the same moment agree on who shows a trace."""
    commands = [project.pytest(FAILING), project.pytest(FAILING, "-x")]
    both = together(*(("Bash", {"command": command}) for command in commands))
    api = scripted(Script([pondered(both), say("Hm.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert [len(context) for context in contexts(session)] == [0, 1]


@pytest.mark.usefixtures("known_trace")
def test_silence_where_there_is_nothing_to_say(
    claude: ClaudeCode, project: Project, scripted: Scripted
) -> None:
    """Commands that succeed, or fail as nobody knows, add nothing for model or person."""
    commands = [pondered(bash(project.pytest(PASSING))), bash(project.pytest(UNKNOWN)), bash("true")]
    api = scripted(Script([*commands, say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert contexts(session) == [[], [], [], []]
    assert session.system_messages == []
    assert {answer.outcome for answer in session.hook_answers} == {"success"}


def test_a_store_that_cannot_start_disturbs_nothing(
    client: Client, new_machine: NewMachine, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """Without a store the session ends as it would without the plugin; the person may be told, once."""
    machine = new_machine(2)
    machine.break_store()
    claude = ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)
    api = scripted(Script([bash(project.pytest(FAILING)), bash("sleep 2"), say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert session.succeeded
    assert session.stderr == ""
    assert contexts(session) == [[], [], []]
    assert all("trace-doctor" in line for line in session.system_messages[:1])
    assert len(session.system_messages) <= 1
    assert {answer.outcome for answer in session.hook_answers} == {"success"}
    assert processes.wait_until_none(machine.home, 10) == []


def test_a_store_that_starts_with_the_session_gives_the_fix_with_a_later_command(
    client: Client, new_machine: NewMachine, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """What the first failure could not wait for is offered as soon as the store is there, once."""
    machine = new_machine(5)
    trace = machine.contribute(KNOWN_TRACE)
    assert processes.wait_until_none(machine.home, 30) == []
    claude = ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)
    pauses = [bash(f"sleep 4; echo {number}") for number in range(3)]
    api = scripted(Script([bash(project.pytest(FAILING)), *pauses, say("I see.")]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    (shown,) = [context for added in contexts(session) for context in added]
    assert_known_fix([shown], trace)


def test_nothing_is_left_after_the_session(
    client: Client, new_machine: NewMachine, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """A session that started the store is over, and soon no process of ours is left."""
    machine = new_machine(2)
    claude = ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)
    during: list[int] = []

    def look(_: object) -> Turn:
        during.append(len(processes.belonging(machine.home)))
        return say("I see.")

    api = scripted(Script([bash(project.pytest(FAILING)), bash("sleep 4"), look]))
    session = claude.run(PROMPT, api, cwd=project.folder)
    assert session.succeeded
    assert during[0] > 1
    assert processes.wait_until_none(machine.home, 30) == []


def test_the_plugin_and_its_marketplace_are_valid(client: Client, tmp_path: Path) -> None:
    """Both clients accept both manifests, the hooks and the commands without a warning."""
    claude = ClaudeCode(client, tmp_path / "claude")
    for manifest in ("plugin.json", "marketplace.json"):
        checked = claude.command("plugin", "validate", "--strict", str(ROOT / ".claude-plugin" / manifest))
        assert checked.returncode == 0, f"{manifest}: {checked.stdout}{checked.stderr}"
