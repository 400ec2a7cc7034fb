"""What a person's prompt is answered with, against stores on real sockets."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from commontrace.config import Permissions
from commontrace.hooks import Hooks
from commontrace.memory import Memory
from commontrace.paths import Paths
from commontrace.recall import SESSION_BUDGET
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from commontrace.stores import Store
from support import hook_session, stand_in_store
from support.hook_session import context, knows, notice, searches
from support.stand_in_store import StandInStore

QUESTION = "How do I make the nightly importer retry when the broker is down?"


@pytest.fixture
def hooks(runtime: Runtime) -> Hooks:
    return Hooks(runtime)


def prompt(text: str = QUESTION, agent: str = "") -> dict[str, Any]:
    return {"event": "UserPromptSubmit", "session": "s", "agent": agent, "cwd": "", "prompt": text}


def listing() -> dict[str, Any]:
    return {"event": "PostToolUse", "session": "s", "agent": "", "cwd": "", "command": "ls", "stdout": "a"}


def test_a_prompt_that_a_trace_answers_is_answered_with_it(hooks: Hooks, store: StandInStore) -> None:
    """As a question, framed like every other trace; the prompt itself is not repeated."""
    knows(store, "Wrap the call in a retry.")
    answer = hooks.answer(prompt())
    assert "> Wrap the call in a retry." in context(answer)
    assert "nightly" not in context(answer)
    assert len(context(answer)) <= 1000
    assert "known fix" in notice(answer)
    (asked,) = searches(store)
    assert (asked["kind"], asked["query"]) == ("question", QUESTION)


def test_what_was_shown_is_not_shown_again(hooks: Hooks, store: StandInStore) -> None:
    """Neither for the same prompt nor for another."""
    knows(store, "Wrap the call in a retry.")
    assert hooks.answer(prompt())
    assert hooks.answer(prompt()) is None
    assert hooks.answer(prompt("And what about the broker itself?")) is None
    assert len(searches(store)) == 2


@pytest.mark.parametrize("field", ["automatic", "abstained"])
def test_silence_where_the_store_is_not_sure(hooks: Hooks, store: StandInStore, field: str) -> None:
    """The store's own threshold for questions decides."""
    hit = stand_in_store.hit(automatic=field != "automatic")
    store.answer = {"hits": [hit], "abstained": field == "abstained", "degraded": []}
    assert hooks.answer(prompt()) is None


@pytest.mark.parametrize(
    ("text", "agent"),
    [
        ("<task-notification>the importer is done</task-notification>", ""),
        ("/commontrace:trace-status", ""),
        ("x " * 10_001, ""),
        ("  ", ""),
        (QUESTION, "sub"),
    ],
    ids=["notification", "command", "material", "empty", "sub-agent"],
)
def test_what_is_no_question_of_the_person_is_not_asked(
    hooks: Hooks, store: StandInStore, text: str, agent: str
) -> None:
    """Nothing of it reaches a store, this machine's included."""
    knows(store, "Wrap the call in a retry.")
    assert hooks.answer(prompt(text, agent)) is None
    assert searches(store) == []


def test_a_prompt_goes_only_to_stores_that_may_have_it(
    hooks: Hooks, runtime: Runtime, store: StandInStore, tmp_path: Path
) -> None:
    """The permission for errors is not one for prompts; what is sent is redacted and carries a signature."""
    key = "AKIA" + "Q3EGXAMPLEYZ7TUV"
    text = f"why?\nAWS_ACCESS_KEY_ID={key}\nModuleNotFoundError: No module named 'yaml'"
    with (
        stand_in_store.serving(tmp_path / "open.sock") as opened,
        stand_in_store.serving(tmp_path / "shut.sock") as shut,
    ):
        for name, granted in (
            ("open", Permissions(prompts=True)),
            ("shut", Permissions(queries=True, outcomes=True, votes=True)),
        ):
            transport = httpx.HTTPTransport(uds=str(tmp_path / f"{name}.sock"))
            runtime.stores[name] = Store(
                httpx.Client(base_url="http://s", transport=transport), name, granted
            )
        hooks.answer(prompt(text))
        (asked,) = searches(opened)
        assert searches(shut) == []
    assert asked["signature"] == searches(store)[0]["signature"]
    assert key not in json.dumps(asked)


def test_an_answer_that_comes_too_late_is_said_by_the_next_hook(folders: Paths, store: StandInStore) -> None:
    """Once, and not to a sub-agent; a prompt waits no longer than a failure does."""
    knows(store, "Wrap the call in a retry.")
    store.delay = 0.3
    hurried = Runtime(Path("unused"), folders, Settings(deadline_ms=40))
    hurried.local.connected.set()
    hooks = Hooks(hurried)
    assert hooks.answer(prompt()) is None
    asked = hooks._prompts._asked["s"]
    asked.inquiry.wait(asked.inquiry.started + hook_session.SECONDS)
    assert hooks.answer({**listing(), "agent": "sub"}) is None
    assert "Wrap the call in a retry." in context(hooks.answer(listing()))
    assert hooks.answer(listing()) is None
    hurried.release()


def test_a_new_prompt_ends_the_wait_for_the_one_before(hooks: Hooks, store: StandInStore) -> None:
    """What answers an old prompt does not answer the new one."""
    knows(store, "Wrap the call in a retry.")
    hooks._prompts.ask("s", "", QUESTION)
    hooks._prompts.ask("s", "", "/clear")
    assert hooks.answer(listing()) is None


def test_the_session_budget_holds_for_prompts(hooks: Hooks, runtime: Runtime, store: StandInStore) -> None:
    """However sure the stores are, a session is given no more."""
    for number in range(12):
        knows(store, " ".join(f"Fix {number} has part {part}." for part in range(60)))
        hooks.answer(prompt(f"{QUESTION} {number}"))
    memory: Memory = runtime.memory
    assert SESSION_BUDGET - 1000 < memory.characters("s") <= SESSION_BUDGET
