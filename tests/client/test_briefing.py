"""What a session is told of its repository by the hook server: once, by name, and only what still holds."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from commontrace import brief, brief_file, briefing, preparation
from commontrace.hooks import Hooks
from commontrace.memory import repos
from commontrace.memory.repos import Known
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import stand_in_store
from support.briefs import known, written
from support.hook_session import knows
from support.stand_in_store import StandInStore

Json = dict[str, Any]
OUTPUT = "Traceback (most recent call last):\nModuleNotFoundError: No module named 'yaml'"
SECONDS = 10


@pytest.fixture
def hooks(runtime: Runtime) -> Iterator[Hooks]:
    """The hook server of one session; its background work ends with the test."""
    answering = Hooks(runtime)
    yield answering
    answering.settle(SECONDS)


@pytest.fixture
def restarted(runtime: Runtime) -> Iterator[Callable[[], Hooks]]:
    """Makes the hook server of a later session; its background work ends with the test."""
    servers: list[Hooks] = []

    def start() -> Hooks:
        time.sleep(0.01)
        servers.append(Hooks(runtime))
        return servers[-1]

    yield start
    for server in servers:
        server.settle(SECONDS)


def prompt(repo: str, session: str = "s", text: str = "/fix") -> Json:
    """A first prompt that asks for nothing but a brief: no store is asked about a command."""
    return {"event": "UserPromptSubmit", "session": session, "agent": "", "cwd": repo, "prompt": text}


def failing(repo: str, session: str = "s") -> Json:
    return {
        "event": "PostToolUseFailure", "session": session, "agent": "", "cwd": repo, "interrupted": "false",
        "command": "python app.py", "error": "Exit code 1\n" + OUTPUT,
    }  # fmt: skip


def compacted(session: str = "s") -> Json:
    return {"event": "SessionStart", "session": session, "cwd": "/"}


def context(answer: Json | None) -> str:
    assert answer is not None
    assert "\n" not in answer["systemMessage"]
    text = answer["hookSpecificOutput"]["additionalContext"]
    assert isinstance(text, str)
    return text


def test_first_prompt_names_what_the_repository_knows(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """Title, id and one line, framed as untrusted; never the solution."""
    trace = known(store)
    repos.note(runtime.memory, repo, [trace], "shown")
    answer = hooks.answer(prompt(repo))
    text = context(answer)
    assert trace.trace in text
    assert "> No module named yaml" in text
    assert "untrusted" in text
    assert "Install it." not in text
    assert len(text) <= brief.LIMIT
    assert answer is not None
    assert answer["hookSpecificOutput"]["hookEventName"] == "UserPromptSubmit"


def test_it_is_said_once_per_session(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str, restarted: Callable[[], Hooks]
) -> None:
    """Neither a second prompt nor a resumed session hears it again; another session does."""
    repos.note(runtime.memory, repo, [known(store)], "shown")
    assert hooks.answer(prompt(repo)) is not None
    assert hooks.answer(prompt(repo)) is None
    hooks.settle(SECONDS)
    found = written(runtime, repo)
    assert found is not None
    assert found.sessions == ["s"]
    assert restarted().answer(prompt(repo)) is None


def test_the_next_session_is_told_by_its_start_alone(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str, restarted: Callable[[], Hooks]
) -> None:
    """What the brief has said, the first prompt does not repeat."""
    trace = known(store)
    repos.note(runtime.memory, repo, [trace], "shown")
    hooks.answer(prompt(repo))
    hooks.settle(SECONDS)
    found = written(runtime, repo)
    assert found is not None
    assert trace.trace in json.loads(found.answer)["hookSpecificOutput"]["additionalContext"]
    later = restarted()
    assert later.answer(prompt(repo, "later")) is None
    assert runtime.memory.characters("later") > 0
    later.settle(SECONDS)


def test_a_brief_that_came_after_the_start_is_said_with_the_prompt(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """A session that began before the brief was written could not have been told by it."""
    repos.note(runtime.memory, repo, [known(store)], "shown")
    preparation.prepare(runtime, repo, str(runtime.folders.briefs))
    assert hooks.answer(prompt(repo)) is not None


def test_a_task_notification_is_no_first_prompt(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """A sub-agent's output passes by; the person's prompt after it is the first."""
    repos.note(runtime.memory, repo, [known(store)], "shown")
    assert hooks.answer(prompt(repo, text="\n<task-notification>done</task-notification>")) is None
    assert hooks.answer(prompt(repo)) is not None


def test_a_repository_without_traces_gets_nothing(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str, tmp_path: Path
) -> None:
    """Nothing is said, asked or written; another repository's traces are its own."""
    repos.note(runtime.memory, str(tmp_path / "other"), [known(store)], "shown")
    assert hooks.answer(prompt(repo)) is None
    hooks.settle(SECONDS)
    assert store.searches == []
    assert written(runtime, repo) is None


def test_an_injected_fix_is_in_the_next_brief(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """What was shown in a repository is what its next session is told of, written for this user alone."""
    hit = stand_in_store.hit()
    store.traces[hit["id"]] = {**hit, "status": "published", "origin": "person", "signatures": []}
    store.answer = {"hits": [hit], "abstained": False, "degraded": []}
    (Path(repo) / "src").mkdir()
    assert hooks.answer(failing(repo + "/src")) is not None
    hooks.settle(SECONDS)
    found = written(runtime, repo)
    assert found is not None
    assert found.traces == [f"local/{hit['id']}"]
    file = brief_file.path(str(runtime.folders.briefs), repo)
    assert Path(file).stat().st_mode & 0o777 == 0o600
    assert Path(file).parent.stat().st_mode & 0o777 == 0o700


def test_fixes_that_come_together_are_prepared_for_together(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one brief is being prepared, all that is shown meanwhile waits for one more, which knows it."""
    prepare, begun, go_on = preparation.prepare, threading.Semaphore(0), threading.Event()

    def slow(*told: Any) -> list[Known]:
        begun.release()
        assert go_on.wait(SECONDS)
        return prepare(*told)

    monkeypatch.setattr(preparation, "prepare", slow)
    shown = []
    for session in ("a", "b", "c", "d"):
        hit = stand_in_store.hit()
        store.traces[hit["id"]] = {**hit, "status": "published", "origin": "person", "signatures": []}
        store.answer = {"hits": [hit], "abstained": False, "degraded": []}
        assert hooks.answer(failing(repo, session)) is not None
        shown.append(f"local/{hit['id']}")
        assert begun.acquire(timeout=SECONDS) if session == "a" else True
    go_on.set()
    hooks.settle(SECONDS)
    assert begun.acquire(timeout=SECONDS)
    assert not begun.acquire(blocking=False)
    found = written(runtime, repo)
    assert found is not None
    assert set(found.traces) == set(shown)


def test_a_brief_that_nobody_waits_for_waits_for_more(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Failures that follow each other are prepared for once, and what ends meanwhile still prepares it."""
    monkeypatch.setattr(briefing, "QUIET_SECONDS", 10 * SECONDS)
    shown = []
    for session in ("a", "b"):
        shown.append(f"local/{knows(store, f'Install it for {session}.')}")
        assert hooks.answer(failing(repo, session)) is not None
    assert written(runtime, repo) is None
    assert store.reads == []
    hooks.settle(SECONDS)
    found = written(runtime, repo)
    assert found is not None
    assert set(found.traces) == set(shown)
    assert len(store.reads) == 1


@pytest.mark.parametrize("automatic", [True, False])
def test_dependencies_are_asked_for_together(
    hooks: Hooks, store: StandInStore, repo: str, automatic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A repository without a history gets what the store is sure of for its whole stack, and nothing less."""
    monkeypatch.setattr(briefing, "QUIET_SECONDS", 10 * SECONDS)  # not while a prompt waits
    Path(repo, "requirements.txt").write_text("fastapi\nsqlalchemy\n")
    hit = stand_in_store.hit(automatic=automatic)
    store.answer = {"hits": [hit], "abstained": False, "degraded": []}
    said = hooks.answer(prompt(repo))
    assert (said is not None) == automatic
    assert store.searches[0]["kind"] == "session_context"
    assert "fastapi" in store.searches[0]["query"]


def test_a_language_alone_is_not_asked_for(hooks: Hooks, store: StandInStore, repo: str) -> None:
    """A store is sure of a hundred traces for one word; none of them is about this repository."""
    Path(repo, "requirements.txt").write_text("pytest\n")
    assert hooks.answer(prompt(repo)) is None
    hooks.settle(SECONDS)
    assert store.searches == []


def test_an_answer_too_late_for_the_prompt_comes_with_the_next_hook(
    runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """A prompt waits for nobody; what it missed is said once, as soon as it is there."""
    Path(repo, "requirements.txt").write_text("fastapi\nsqlalchemy\n")
    store.answer = {"hits": [stand_in_store.hit()], "abstained": False, "degraded": []}
    store.delay = 0.5
    hooks = Hooks(Runtime(Path("unused"), runtime.folders, Settings(deadline_ms=1)))
    hooks._runtime.local.connected.set()
    assert hooks.answer(prompt(repo)) is None
    hooks.settle(SECONDS)
    later = {"event": "PostToolUse", "session": "s", "cwd": repo, "command": "ls", "stdout": "app.py"}
    assert "No module named yaml" in context(hooks.answer(later))
    assert hooks.answer(later) is None
    hooks.settle(SECONDS)
    hooks._runtime.release()


def test_compaction_keeps_what_was_shown(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """After the context was summed up, the session's traces are named again, by title and id."""
    hit = stand_in_store.hit()
    store.traces[hit["id"]] = {**hit, "status": "published", "origin": "person", "signatures": []}
    store.answer = {"hits": [hit], "abstained": False, "degraded": []}
    assert hooks.answer(failing(repo)) is not None
    hooks.settle(SECONDS)
    answer = hooks.answer(compacted())
    text = context(answer)
    assert hit["id"] in text
    assert hit["title"] in text
    assert hit["solution_text"] not in text
    assert answer is not None
    assert answer["hookSpecificOutput"]["hookEventName"] == "SessionStart"
    assert hooks.answer(compacted("other")) is None


def test_everything_told_counts_against_the_sessions_budget(
    hooks: Hooks, runtime: Runtime, store: StandInStore, repo: str
) -> None:
    """However often a session is compacted, it is given 6,000 characters at most."""
    repos.note(runtime.memory, repo, [known(store, "T" * 90) for _ in range(4)], "shown")
    said = [context(hooks.answer(prompt(repo)))]
    for _ in range(20):
        answer = hooks.answer(compacted())
        said += [context(answer)] if answer else []
    assert 6000 - brief.LIMIT <= sum(map(len, said)) <= 6000
