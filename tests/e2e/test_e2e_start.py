"""What the real Claude Code is told of a repository when a session begins, and after a compaction."""

from collections.abc import Callable

import pytest

from support.claude_code import ClaudeCode, Session
from support.machine import Machine
from support.messages_api import MessagesApi
from support.model_script import Script, bash, pondered, say
from support.projects import FAILING, KNOWN_FIX, KNOWN_TRACE, Project

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]
PROMPT = "What is this project?"


def told_by(session: Session, event: str) -> list[str]:
    """What the hooks of one event told the model."""
    answers = [answer.json for answer in session.hook_answers if answer.event == event]
    return [answer["hookSpecificOutput"]["additionalContext"] for answer in answers if answer]


def assert_named(context: list[str], trace: str) -> None:
    """One context: the trace by id and title, framed as untrusted, without its solution."""
    (text,) = context
    text, closing, _ = text.partition("</commontrace-reference>")  # the client's own words may follow
    assert closing
    assert trace in text
    assert KNOWN_TRACE["title"] in text
    assert "untrusted" in text
    assert KNOWN_FIX not in text
    assert len(text) <= 800


def test_first_session_is_told_with_its_prompt_and_later_ones_at_their_start(
    claude: ClaudeCode, machine: Machine, project: Project, scripted: Scripted
) -> None:
    """Each session's first request names the repository's trace, once; a resumed session still knows it."""
    trace = machine.contribute(KNOWN_TRACE, project.folder)
    api = scripted(Script([pondered(say("A shop.")), pondered(say("A shop.")), say("Still.")]))
    first = claude.run(PROMPT, api, cwd=project.folder)
    assert_named(first.requests[0].hook_contexts, trace)
    assert len(told_by(first, "UserPromptSubmit")) == len(first.system_messages) == 1
    second = claude.run(PROMPT, api, cwd=project.folder)
    assert_named(second.requests[0].hook_contexts, trace)
    assert len(told_by(second, "SessionStart")) == len(second.system_messages) == 1
    resumed = claude.run("And now?", api, cwd=project.folder, resume=second.id)
    assert resumed.requests[0].hook_contexts == []
    assert "".join(run.stderr for run in (first, second, resumed)) == ""
    assert_forgotten(claude, machine, project, scripted, trace)


def assert_forgotten(
    claude: ClaudeCode, machine: Machine, project: Project, scripted: Scripted, trace: str
) -> None:
    """What is taken back is gone after one start at the latest, and `status` says which sessions saw it."""
    assert machine.commontrace("forget", "--for-good", trace, "--yes").returncode == 0
    api = scripted(Script([pondered(say("A shop.")), say("A shop.")]))
    claude.run(PROMPT, api, cwd=project.folder)
    after = claude.run(PROMPT, api, cwd=project.folder)
    assert trace not in after.requests[0].text
    assert after.requests[0].hook_contexts == []
    told = machine.commontrace("status").stdout.partition("taken back by its store since")[2]
    assert told.count(f"{trace}  in session ") >= 2


def test_a_repository_without_traces_gets_nothing(
    claude: ClaudeCode, known_trace: str, project: Project, scripted: Scripted
) -> None:
    """That the store knows something is no reason to speak of it here."""
    api = scripted(Script([pondered(say("A shop.")), say("A shop.")]))
    for session in (claude.run(PROMPT, api, cwd=project.folder), claude.run(PROMPT, api, cwd=project.folder)):
        assert known_trace not in session.requests[0].text
        assert session.requests[0].hook_contexts == []
        assert "hook success" not in session.requests[0].text
        assert session.system_messages == []
        assert {answer.outcome for answer in session.hook_answers} == {"success"}


def test_a_compaction_keeps_what_was_shown(
    claude: ClaudeCode, known_trace: str, project: Project, scripted: Scripted
) -> None:
    """The summary may forget the fix; the session is told again which traces it has had."""
    api = scripted(Script([pondered(bash(project.pytest(FAILING))), say("I see."), say("Yes.")]))
    first = claude.run(PROMPT, api, cwd=project.folder)
    assert known_trace in "".join(first.requests[1].hook_contexts)
    compacted = claude.run("/compact", api, cwd=project.folder, resume=first.id)
    assert_named(told_by(compacted, "SessionStart"), known_trace)
    after = claude.run("Go on.", api, cwd=project.folder, resume=first.id)
    assert known_trace in after.requests[0].text
