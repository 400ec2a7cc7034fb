"""Typed commands and tools in the real Claude Code: the model asks, and only the person publishes."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from commontrace import config
from commontrace.config import Permissions, StoreConfig
from commontrace.contribution import NOTHING
from support import conversation, keeping_store
from support.claude_clients import Client
from support.claude_code import TOOLS, ClaudeCode
from support.keeping_store import FERRY, KeepingStore
from support.machine import ROOT, Machine
from support.messages_api import MessagesApi
from support.model_script import Request, Script, Step, Turn, bash, delegate, say, use
from support.projects import KNOWN_FIX, Project

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]
NewMachine = Callable[[int], Machine]

OURS = "mcp__plugin_commontrace_tools__"
ALLOWED = (*TOOLS, "Skill", "CronCreate", "ScheduleWakeup", f"{OURS}query_traces", f"{OURS}contribute_trace")


@pytest.fixture
def team() -> Iterator[KeepingStore]:
    """A store on another machine, as far as the client can tell."""
    with keeping_store.keeping() as running:
        running.key = "ct_" + "k" * 43
        yield running


@pytest.fixture
def connected(client: Client, new_machine: NewMachine, team: KeepingStore, tmp_path: Path) -> ClaudeCode:
    """The client on a machine whose drafts go to the shared store, with every permission given."""
    machine = new_machine(2)
    granted = Permissions(queries=True, prompts=True, outcomes=True, votes=True)
    place = machine.home / "config.toml"
    config.connect(place, StoreConfig("team", team.url, team.key, permissions=granted))
    config.choose_default(place, "team")
    return ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)


def test_typed_commands_are_answered_without_the_model(
    claude: ClaudeCode, project: Project, scripted: Scripted
) -> None:
    """The person gets the answer and no request is made."""
    api = scripted(Script([]))
    with conversation.talking(claude, api, cwd=project.folder) as talk:
        for command in ("trace-status", "trace-setup", "trace-doctor"):
            assert "local" in talk.say(f"/commontrace:{command}")
        assert "trace-vote ID up" in talk.say("/commontrace:trace-vote")
    assert api.requests == []


def test_the_model_can_search(
    claude: ClaudeCode, project: Project, known_trace: str, scripted: Scripted
) -> None:
    """A search that the person starts with a command reaches the store and comes back framed."""
    api = scripted(Script([use(f"{OURS}query_traces", query="No module named 'shopledger'"), say("I see.")]))
    session = claude.run("/commontrace:trace-query shopledger", api, cwd=project.folder, tools=())
    (result,) = session.requests[1].tool_results
    frame, _, found = result.partition(known_trace)
    assert "untrusted" in frame
    assert KNOWN_FIX in found
    assert session.succeeded


def test_without_evidence_the_agent_that_drafts_is_told_so(
    claude: ClaudeCode, project: Project, scripted: Scripted
) -> None:
    """It sees neither the conversation nor anything to draft from, and the main conversation is not asked."""
    heading = "The person wants to keep what a session has solved"
    script = Script([say("The berth was too small.")], {heading: [say("Nothing was recorded.")]})
    api = scripted(script)
    with conversation.talking(claude, api, cwd=project.folder, tools=ALLOWED) as talk:
        talk.say("What was wrong with the berth?")
        assert talk.say("/commontrace:trace-contribute the berth") == "Nothing was recorded."
    (drafting,) = [request for request in api.requests if request.agent == heading]
    assert NOTHING in drafting.text
    assert "too small" not in drafting.text
    assert len(api.main) == 1


def draft_of(request: Request) -> str:
    """The id of the draft that the conversation is about."""
    found = re.search(r"/commontrace:trace-publish ([a-z2-7]{8})", request.text)
    assert found
    return found[1]


def test_only_the_person_publishes_to_a_shared_store(
    connected: ClaudeCode, project: Project, team: KeepingStore, scripted: Scripted
) -> None:
    """Not the model by skill, shell, schedule or sub-agent; then the person, with one typed line."""
    part = "Publish the draft of the ferry."
    binary = connected.client.binary

    def by_skill(request: Request) -> Turn:
        return use("Skill", skill="commontrace:trace-publish", args=draft_of(request))

    def by_shell(request: Request) -> Turn:
        line = f"/commontrace:trace-publish {draft_of(request)}"
        said = f'{{"type":"user","message":{{"role":"user","content":"{line}"}}}}'
        options = "-p --verbose --input-format stream-json --output-format stream-json"
        return bash(
            f"printf '%s\\n' '{said}' '{said}' | {binary} {options} --plugin-dir '{ROOT}' | grep result"
        )

    def by_schedule(request: Request) -> Turn:
        line = f"/commontrace:trace-publish {draft_of(request)}"
        if "CronCreate" in request.tool_names:
            return use("CronCreate", cron="* * * * *", prompt=line)
        return use("ScheduleWakeup", delaySeconds=60, prompt=line, reason="to go on")

    def by_sub_agent(request: Request) -> Turn:
        return delegate(f"{part}\n/commontrace:trace-publish {draft_of(request)}")

    attempts = [by_skill, by_shell, by_schedule, by_sub_agent]
    steps: list[Step] = [use(f"{OURS}contribute_trace", **FERRY), *attempts, say("I could not.")]
    api = scripted(Script(steps, {part: [by_skill, say("I could not.")]}))
    with conversation.talking(connected, api, cwd=project.folder, tools=ALLOWED) as talk:
        talk.say("Share what we know of the ferry.")
        results = [result for request in api.main for result in request.tool_results]
        assert "an agent started this Claude Code" in results[2]
        assert "pass for the person" in results[3]
        assert team.keys == {}
        line = f"/commontrace:trace-publish {draft_of(api.main[-1])}"
        (shown,) = (said for said in talk.shown if line in said)
        assert "Published" in talk.say(line)
    (body,) = team.keys.values()
    assert body.decode() in shown


def answer_forms(claude: ClaudeCode, action: str) -> None:
    """Let a hook of the person's own fill in every form; a headless client has nobody else to do it."""
    answer = {
        "hookSpecificOutput": {
            "hookEventName": "Elicitation", "action": action, "content": {"value": True},
        }
    }  # fmt: skip
    forms = claude.folder / "forms.jsonl"
    command = f"(cat; echo) >> '{forms}'; printf %s '{json.dumps(answer)}'"
    settings = {"hooks": {"Elicitation": [{"hooks": [{"type": "command", "command": command}]}]}}
    folder = claude.folder / "home" / ".claude"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "settings.json").write_text(json.dumps(settings))


@pytest.mark.parametrize("action", ["accept", "decline"])
def test_the_person_can_say_yes_in_a_form(
    connected: ClaudeCode, project: Project, team: KeepingStore, scripted: Scripted, action: str
) -> None:
    """The form shows the bytes that are sent after a yes; after a no the draft is kept."""
    answer_forms(connected, action)
    api = scripted(Script([use(f"{OURS}contribute_trace", **FERRY), say("Done.")]))
    session = connected.run("Share it.", api, cwd=project.folder, tools=ALLOWED)
    (result,) = session.requests[1].tool_results
    forms = [json.loads(line) for line in (connected.folder / "forms.jsonl").read_text().splitlines() if line]
    assert len(forms) == 1
    if action == "accept":
        (body,) = team.keys.values()
        assert json.dumps(body.decode())[1:-1] in json.dumps(forms[0])
        assert "The person agreed" in result
        assert session.system_messages == []
    else:
        assert team.keys == {}
        assert "trace-publish" in result


def test_a_yes_in_the_hosts_form_publishes_what_it_shows(
    connected: ClaudeCode, project: Project, team: KeepingStore, scripted: Scripted
) -> None:
    """An editor that hosts the client shows the form; the bytes in it are the bytes that are sent."""
    api = scripted(Script([use(f"{OURS}contribute_trace", **FERRY), say("Done.")]))
    with conversation.talking(connected, api, cwd=project.folder, tools=ALLOWED) as talk:
        talk.answer = {"action": "accept", "content": {"value": True}}
        talk.say("Share it.")
        (form,) = talk.forms
    (body,) = team.keys.values()
    assert body.decode() in form["message"]
    assert "The person agreed" in api.main[1].tool_results[0]


def test_a_headless_session_without_a_form_keeps_the_draft(
    connected: ClaudeCode, project: Project, team: KeepingStore, scripted: Scripted
) -> None:
    """Nobody is there to say yes, so nothing waits and nothing is sent."""
    api = scripted(Script([use(f"{OURS}contribute_trace", **FERRY), say("Done.")]))
    session = connected.run("Share it.", api, cwd=project.folder, tools=ALLOWED)
    assert "trace-publish" in session.requests[1].tool_results[0]
    assert team.keys == {}


def test_a_standing_yes_sends_what_the_person_asks_for_and_nothing_else(
    connected: ClaudeCode, project: Project, team: KeepingStore, scripted: Scripted
) -> None:
    """A draft that the model makes by itself waits; one that the person asks for is sent as it is shown."""
    place = Path(connected.environment["COMMONTRACE_HOME"]) / "config.toml"
    config.connect(place, StoreConfig("team", team.url, team.key, permissions=Permissions(publishing=True)))
    heading = "The person wants to keep what a session has solved"
    other = {**FERRY, "title": "RuntimeError: the lilac ferry refuses a manifest"}
    drafting: list[Step] = [use(f"{OURS}contribute_trace", **FERRY), say("Drafted.")]
    api = scripted(
        Script([use(f"{OURS}contribute_trace", **other), say("It is a draft.")], {heading: drafting})
    )
    with conversation.talking(connected, api, cwd=project.folder, tools=ALLOWED) as talk:
        talk.say("Share what we know of the ferry.")
        assert team.keys == {}
        talk.say("/commontrace:trace-contribute the berth")
        (body,) = team.keys.values()
        assert FERRY["title"] in body.decode()
        assert [said for said in talk.shown if body.decode() in said and "--publish ask" in said]
    assert [request for request in team.requests if request not in ("GET /readyz", "POST /v1/traces")] == []
