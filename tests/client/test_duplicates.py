"""A draft that says what its store has already: the person is pointed to the vote."""

import pytest

from commontrace import drafts, duplicates, publishing
from commontrace.drafts import Draft, DraftRecord
from commontrace.runtime import Runtime
from support.hook_session import knows
from support.stand_in_store import StandInStore

SOLUTION = "Give the manifest a colour that the berth knows: colour = green."


def draft(runtime: Runtime, solution: str = SOLUTION) -> DraftRecord:
    error = "RuntimeError: ferry berth 7 refuses a lilac manifest"
    made = Draft(title=error, context_text=f"Loading ends with `{error}`.", solution_text=solution)
    return duplicates.mark(runtime, drafts.create(runtime.memory, "s", made, "local"))


def test_the_person_reads_which_trace_says_the_same(runtime: Runtime, store: StandInStore) -> None:
    """Before the yes, with the line that votes for it; the bytes of the draft stay what they are."""
    trace = knows(store, f"{SOLUTION} Berths are picky.")
    record = draft(runtime)
    assert record.similar == trace
    shown = publishing.shown(runtime, record)
    assert f"/commontrace:trace-vote {trace} up" in shown
    assert record.body in shown
    assert trace not in record.body


@pytest.mark.parametrize(
    ("solution", "confidence"),
    [(SOLUTION, 0.2), ("Moor the ferry somewhere else, for instance at pier 9.", 0.95)],
    ids=["another problem", "another solution"],
)
def test_what_is_new_is_not_held_up(
    runtime: Runtime, store: StandInStore, solution: str, confidence: float
) -> None:
    """Another problem, or another way to solve it, is worth a trace."""
    knows(store, solution, confidence=confidence)
    assert draft(runtime).similar is None


def test_a_store_that_fails_holds_no_draft_up(runtime: Runtime, store: StandInStore) -> None:
    """The draft is kept as it is."""
    store.status, store.answer = 500, b"oops"
    assert draft(runtime).similar is None
