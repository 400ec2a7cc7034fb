"""The whole story in the real Claude Code: one person's fix becomes everybody's, and its evidence grows."""

import json
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support import conversation, projects, team_store
from support.claude_clients import Client
from support.claude_code import TOOLS, ClaudeCode
from support.machine import ROOT, Machine
from support.messages_api import MessagesApi
from support.model_script import Script, bash, pondered, say, use
from support.projects import UNKNOWN

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]
NewMachine = Callable[[int], Machine]

OURS = "mcp__plugin_commontrace_tools__"
DRAFTING = "The person wants to keep what a session has solved"
PROMPT = "Please make the tests pass."
MEND = f"sed -i 's/raise RuntimeError.*/pass/' {UNKNOWN}"
TITLE = "RuntimeError: ferry berth 7 refuses a lilac manifest"
LEARNED = {
    "title": TITLE,
    "context_text": f"The test {UNKNOWN} raises `RuntimeError: ferry berth 7 refuses a lilac manifest`.",
    "solution_text": f"The berth takes any colour now, so the test must not raise: `{MEND}`",
    "tags": ["python", "pytest"],
}
SECONDS = 60
PAUSE = pondered(bash("true"))


def trust(machine: Machine, trace: str, worked: float) -> dict[str, Any]:
    """The evidence on a trace, as a search shows it, once so many outcomes are in or time is up."""
    given_up = time.monotonic() + SECONDS
    while True:
        done = machine.commontrace("search", TITLE, "--store", "team", "--json")
        found: dict[str, Any] = next(
            hit["trust"] for hit in json.loads(done.stdout)["hits"] if hit["id"] == trace
        )
        if found["outcomes_worked"] >= worked or time.monotonic() > given_up:
            return found
        time.sleep(0.5)


def test_a_fix_becomes_reputation(
    client: Client, new_machine: NewMachine, scripted: Scripted, tmp_path: Path
) -> None:
    """Fail, nothing known, fix, pass, publish; elsewhere a vote, the same error, the trace: it works."""
    ada, ben = new_machine(120), new_machine(120)
    with team_store.serving(tmp_path, ada) as team:
        team.connect(ada, "ada")
        team.connect(ben, "ben")
        for machine in (ada, ben):
            machine.commontrace("search", "starts the local store")
        hers = ClaudeCode(client, tmp_path / "ada", ROOT, ada.environment)
        his = ClaudeCode(client, tmp_path / "ben", ROOT, ben.environment)
        trace = _solve_and_publish(hers, scripted, tmp_path)
        before = trust(ben, trace, 0)
        assert (before["votes_up"], before["outcomes_worked"], before["wilson"] or 0.0) == (0, 0, 0.0)
        voted = ben.commontrace("vote", f"team/{trace}", "up")
        assert voted.returncode == 0, voted.stderr
        confirmed = trust(ben, trace, 0)
        assert confirmed["votes_up"] == 1
        assert confirmed["wilson"] > 0
        _meet_again(his, scripted, tmp_path, trace)
        proven = trust(ben, trace, 1)
        assert proven["outcomes_worked"] == 1
        assert proven["wilson"] > confirmed["wilson"]


def _solve_and_publish(claude: ClaudeCode, scripted: Scripted, folder: Path) -> str:
    """Ada's session: the error is new, she solves it, and says yes to sharing it; returns the trace's id."""
    project = projects.create(folder / "shop")
    run = bash(project.pytest(UNKNOWN))
    work = [pondered(run), run, run, bash(MEND), run, PAUSE, say("It passes.")]
    share = [use(f"{OURS}contribute_trace", **LEARNED), say("Drafted.")]
    api = scripted(Script(work, {DRAFTING: share}))
    with conversation.talking(
        claude, api, cwd=project.folder, tools=(*TOOLS, f"{OURS}contribute_trace")
    ) as talk:
        talk.say(PROMPT)
        assert [context for request in api.main for context in request.hook_contexts] == []
        assert [line for line in talk.shown if "trace-contribute" in line]
        asked = len(api.main)
        assert talk.say("/commontrace:trace-contribute the berth") == "Drafted."
        assert len(api.main) == asked
        (evidence, *_) = drafting = [request for request in api.requests if request.agent == DRAFTING]
        assert "ferry berth 7 refuses" in evidence.text
        assert "ran before it passed: sed -i" in evidence.text
        assert PROMPT not in evidence.text
        draft = re.search(r"/commontrace:trace-publish [a-z2-7]{8}", drafting[-1].tool_results[-1])
        assert draft
        assert [line for line in talk.shown if draft[0] in line and str(LEARNED["title"]) in line]
        published = re.search(r"Published draft \w+ to team as ([0-9a-f-]{36})", talk.say(draft[0]))
        assert published
        return published[1]


def _meet_again(claude: ClaudeCode, scripted: Scripted, folder: Path, trace: str) -> None:
    """Ben's session in a repository of his own: he is given the trace, does what it says, and it works."""
    project = projects.create(folder / "ferry")
    run = bash(project.pytest(UNKNOWN))
    steps = [pondered(run), bash(MEND), run, PAUSE, say("It passes.")]
    session = claude.run(PROMPT, scripted(Script(steps)), cwd=project.folder)
    given = [context for request in session.requests for context in request.hook_contexts]
    assert len(given) == 1
    assert trace in given[0]
    assert MEND in given[0]
    assert "untrusted" in given[0]
