"""What was solved without help: remembered here, and offered for sharing once."""

import json

import pytest

from commontrace import drafts, status
from commontrace.contribution import NOTHING
from commontrace.drafts import Draft
from commontrace.hooks import Hooks
from commontrace.runtime import Runtime
from support.hook_session import HookSession, context, knows, notice, searches
from support.stand_in_store import StandInStore

ERROR = "Traceback (most recent call last):\nRuntimeError: ferry berth 7 refuses a lilac manifest"
ASSERTION = "E       assert 3 == 4"


def solve(session: HookSession, error: str = ERROR, command: str = "python app.py", runs: int = 2) -> str:
    """Fail, change, pass; what the person is told with the pass."""
    for _ in range(runs):
        session.fails(command, error)
    session.edits("berths.py", "-colour = 'lilac'", "+colour = 'green'")
    session.passes("pip install harbour==2.1")
    answer = session.passes(command)
    assert context(answer) == ""
    return notice(answer)


def test_a_costly_fix_is_offered_once_per_session(session: HookSession) -> None:
    """One line to the person, nothing to the model, and not a second time."""
    offer = solve(session)
    assert "trace-contribute" in offer
    assert "\n" not in offer
    assert solve(session, ERROR.replace("berth 7", "gangway")) == ""


@pytest.mark.parametrize("runs", [1])
def test_a_cheap_fix_is_not_offered(session: HookSession, runs: int) -> None:
    """One failing run and two steps are no news."""
    assert solve(session, runs=runs) == ""


def test_an_error_that_says_nothing_is_not_offered(session: HookSession) -> None:
    """Nobody could find a trace by it."""
    assert solve(session, ASSERTION) == ""


def test_what_a_store_knows_is_not_offered(session: HookSession, store: StandInStore) -> None:
    """It was shown, so it is known, whether it helped or not."""
    knows(store, "Paint the manifest green.")
    assert solve(session) == ""


def test_what_no_store_could_be_asked_about_is_not_offered(session: HookSession, store: StandInStore) -> None:
    """Whether it is known is not known."""
    store.status, store.answer = 500, b"oops"
    assert solve(session) == ""


def test_what_is_drafted_already_is_not_offered(session: HookSession, runtime: Runtime) -> None:
    """The person or the model was faster."""
    session.fails("python app.py", ERROR)
    session.fails("python app.py", ERROR)
    text = "RuntimeError: ferry berth 7 refuses a lilac manifest while loading cargo"
    draft = Draft(
        title=text, context_text=f"Loading ends with {text}.", solution_text="Paint it: colour = green"
    )
    drafts.create(runtime.memory, session.id, draft, "local")
    session.edits("berths.py", "+colour = 'green'")
    assert notice(session.passes("python app.py")) == ""


def test_the_next_session_is_told_how_it_was_solved(session: HookSession, runtime: Runtime) -> None:
    """From this machine's memory, framed, once per session, and only in this repository."""
    solve(session)
    later = HookSession(Hooks(runtime), session.repo, id="later")
    said = context(later.fails("python app.py", ERROR))
    assert "solved in this repository before" in said
    assert "> ran: pip install harbour==2.1" in said
    assert "> edited: berths.py" in said
    assert "untrusted" in said
    assert len(said) <= 1000
    assert context(later.fails("python app.py", ERROR)) == ""
    other = HookSession(Hooks(runtime), f"{session.repo}/..", id="other")
    assert context(other.fails("python app.py", ERROR)) == ""


def test_an_earlier_solution_comes_before_a_trace(
    session: HookSession, runtime: Runtime, store: StandInStore
) -> None:
    """Both are in one frame of at most 1,000 characters."""
    solve(session)
    trace = knows(store, " ".join(f"Paint part {number} of the manifest green." for number in range(40)))
    said = context(HookSession(Hooks(runtime), session.repo, id="later").fails("python app.py", ERROR))
    assert 0 < said.index("solved in this repository before") < said.index(trace)
    assert len(said) <= 1000


def test_an_earlier_solution_needs_no_store(
    session: HookSession, runtime: Runtime, store: StandInStore
) -> None:
    """It is this machine's own memory."""
    solve(session)
    store.status, store.answer = 500, b"oops"
    later = HookSession(Hooks(runtime), session.repo, id="later")
    answer = later.fails("python app.py", ERROR)
    assert "solved in this repository before" in context(answer)
    assert "solved in this repository before" in notice(answer)


def test_the_draft_begins_with_the_recorded_evidence(session: HookSession) -> None:
    """Error, command, change and pass as they were seen; of several problems the one that is meant."""
    solve(session)
    solve(session, ERROR.replace("berth 7", "gangway"), "python gangway.py")
    last, meant = session.asks_to_contribute(), session.asks_to_contribute("the berth in app.py")
    assert "gangway refuses" in last
    assert "berth 7 refuses" in meant
    for line in ("command that failed: python app.py", "ran before it passed: pip install harbour==2.1",
                 "edited before it passed: berths.py", "> +colour = 'green'", "failing runs: 2"):  # fmt: skip
        assert line in meant
    assert len(meant) <= 3000


def test_without_evidence_no_draft_is_asked_for(session: HookSession) -> None:
    """The agent that drafts sees nothing else of the session, so it is told that there is nothing."""
    session.fails("python app.py", ERROR)
    assert session.asks_to_contribute() == NOTHING


def test_what_was_tried_in_vain_is_evidence_of_a_dead_end(session: HookSession) -> None:
    """Where nothing was solved, or where the person means what was not."""
    session.fails("python gangway.py", ERROR.replace("berth 7", "gangway"))
    session.edits("gangway.py", "+rope = 'long'")
    session.passes("pip install ropes")
    session.fails("python gangway.py", ERROR.replace("berth 7", "gangway"))
    tried = session.asks_to_contribute()
    solve(session)
    assert "gangway" in session.asks_to_contribute("dead end: ropes for the gangway")
    assert "berth 7" in session.asks_to_contribute()
    assert "dead end" in tried
    for line in ("> ran in vain: pip install ropes", "> edited in vain: gangway.py", "> +rope = 'long'",
                 "> failing runs: 2", "> it has not passed"):  # fmt: skip
        assert line in tried
    assert len(tried) <= 3000


def test_an_error_that_comes_again_at_once_is_not_searched_again(
    session: HookSession, store: StandInStore
) -> None:
    """Nobody has learned anything in the meantime; another error is."""
    for _ in range(3):
        session.fails("python app.py", ERROR)
    session.fails("python app.py", ERROR.replace("berth 7", "gangway"))
    assert len(searches(store)) == 2


def test_the_meter_counts_what_happened(session: HookSession, runtime: Runtime, store: StandInStore) -> None:
    """For the person, and for scripts."""
    solve(session)
    knows(store, "Paint the manifest green.")
    session.fails("make", "make: *** No rule to make target 'gangway'.  Stop.")
    counts = status.document(runtime)["meter"]
    wanted = {
        "failures": 3,
        "searches": 2,
        "silent": 1,
        "spared": 1,
        "injected": 1,
        "resolved": 1,
        "offers": 1,
    }
    assert {name: counts[name] for name in wanted} == wanted
    assert json.dumps(counts)
    assert "failures recognised: 3" in status.text(status.document(runtime))
