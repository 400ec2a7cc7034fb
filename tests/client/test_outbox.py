"""The outbox: what is queued reaches its store once, and what a store says has its consequence."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest

from commontrace import drafts, environment
from commontrace.config import Permissions, StoreConfig
from commontrace.consent import Approved, Desk
from commontrace.drafts import Draft, DraftInvalidError
from commontrace.memory import Memory
from commontrace.outbox import Outbox
from commontrace.outbox.delivery import FIRST_DELAY, LONGEST_DELAY, delay
from commontrace.stores import Store, StorePermissionError
from support import keeping_store
from support.keeping_store import STARTER, KeepingStore, problem

DRAFT = Draft(
    title="pytest cannot import yaml",
    context_text="pytest fails with `ModuleNotFoundError: No module named 'yaml'`.",
    solution_text="The package is called PyYAML: `pip install pyyaml`.",
)
KEY = "ct_" + "k" * 43


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def remote() -> Iterator[KeepingStore]:
    with keeping_store.keeping() as running:
        running.key = KEY
        yield running


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with closing(Memory(tmp_path / "m" / "memory.sqlite3")) as opened:
        yield opened


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stores(remote: KeepingStore) -> Iterator[dict[str, Store]]:
    allowed = Permissions(outcomes=True, votes=True)
    team = Store.connected(StoreConfig("team", remote.url, api_key=KEY, permissions=allowed))
    with closing(team):
        yield {"team": team}


@pytest.fixture
def outbox(memory: Memory, stores: dict[str, Store], clock: Clock) -> Outbox:
    return Outbox(memory, stores, clock)


def approved(memory: Memory, title: str = DRAFT.title, store: str = "team") -> Approved:
    record = drafts.create(memory, "s", DRAFT.model_copy(update={"title": title}), store)
    desk = Desk(memory)
    desk.offer("s", record.id)
    answer = desk.approve_typed("s", record.id)
    assert isinstance(answer, Approved)
    return answer


def vote(value: int = 1, by: str = "person", **fields: Any) -> dict[str, Any]:
    return {"trace": STARTER, "value": value, "by": by, **fields}


def test_an_approved_draft_is_sent_byte_for_byte(
    outbox: Outbox, memory: Memory, remote: KeepingStore
) -> None:
    """What the store gets is what the person was shown, and the draft knows that it was sent."""
    yes = approved(memory)
    outbox.publish(yes)
    (receipt,) = outbox.drain()
    assert receipt.state == "sent"
    assert receipt.result in remote.traces
    assert list(remote.keys.values()) == [yes.record.body.encode()]
    assert drafts.get(memory, yes.record.id).state == "sent"
    assert outbox.drain() == []


def test_a_yes_queues_a_draft_once(outbox: Outbox, memory: Memory, remote: KeepingStore) -> None:
    """The same approval used twice is refused, and the store has one trace."""
    yes = approved(memory)
    outbox.publish(yes)
    with pytest.raises(DraftInvalidError):
        outbox.publish(yes)
    outbox.drain()
    assert len(remote.keys) == 1


def test_a_draft_that_changed_after_the_yes_is_not_queued(outbox: Outbox, memory: Memory) -> None:
    """Between the yes and the queue nothing can be slipped in."""
    yes = approved(memory)
    drafts.retarget(memory, yes.record.id, "public")
    with pytest.raises(DraftInvalidError, match="show it again"):
        outbox.publish(yes)
    assert outbox.items() == []


def test_votes_and_outcomes_are_sent(outbox: Outbox, remote: KeepingStore) -> None:
    """The id is in the address, the rest in the body; a value of 0 withdraws."""
    outbox.put("vote", "team", vote(-1, reason="outdated"))
    outbox.put("outcome", "team", {"trace": STARTER, "worked": True, "session": "s", "packages": {"a": "1"}})
    outbox.drain()
    assert remote.votes == {STARTER: {"value": -1, "by": "person", "reason": "outdated"}}
    assert remote.outcomes == {(STARTER, "s"): {"worked": True, "session": "s", "packages": {"a": "1"}}}
    outbox.put("vote", "team", vote(0))
    outbox.drain()
    assert remote.votes == {}


def test_an_outcome_is_queued_once(outbox: Outbox, remote: KeepingStore) -> None:
    """Seeing the same thing twice in a session is one observation; seeing something else replaces it."""
    fields = {"trace": STARTER, "worked": False, "session": "s"}
    assert outbox.put("outcome", "team", fields) == outbox.put("outcome", "team", fields)
    outbox.put("outcome", "team", {**fields, "session": "other"})
    outbox.put("outcome", "team", {**fields, "worked": True})
    assert [receipt.state for receipt in outbox.drain()] == ["sent", "sent"]
    assert {session: body["worked"] for (_, session), body in remote.outcomes.items()} == {
        "other": False,
        "s": True,
    }


def test_a_newer_vote_replaces_one_that_waits(outbox: Outbox, remote: KeepingStore) -> None:
    """The last word is what the store gets, whatever was queued before."""
    outbox.put("vote", "team", vote(1))
    outbox.put("vote", "team", vote(-1, reason="wrong"))
    outbox.drain()
    assert remote.votes[STARTER]["value"] == -1
    assert [request for request in remote.requests if request.startswith("PUT")] == [
        f"PUT /v1/traces/{STARTER}/vote"
    ]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("vote", vote(by="agent")), ("outcome", {"trace": STARTER, "worked": True, "session": "s"})],
)
def test_what_the_person_has_not_allowed_is_not_even_queued(
    memory: Memory, remote: KeepingStore, kind: Any, body: dict[str, Any]
) -> None:
    """Votes of the model and outcomes each need their permission; a vote of the person needs none."""
    with closing(Store.connected(StoreConfig("team", remote.url, api_key=KEY))) as team:
        outbox = Outbox(memory, {"team": team})
        with pytest.raises(StorePermissionError, match="commontrace setup --name team"):
            outbox.put(kind, "team", body)
        assert outbox.items() == []
        outbox.put("vote", "team", vote())
        assert [receipt.state for receipt in outbox.drain()] == ["sent"]


def test_a_permission_that_was_withdrawn_stops_what_waits(
    memory: Memory, remote: KeepingStore, outbox: Outbox
) -> None:
    """What was allowed when it was queued is not sent once it is not allowed."""
    outbox.put("vote", "team", vote(by="agent"))
    with closing(Store.connected(StoreConfig("team", remote.url, api_key=KEY))) as team:
        (receipt,) = Outbox(memory, {"team": team}, lambda: 2_000_000.0).drain()
    assert receipt.state == "refused"
    assert remote.votes == {}


def test_a_store_that_is_down_is_tried_again_later(
    outbox: Outbox, memory: Memory, remote: KeepingStore, clock: Clock
) -> None:
    """A failure of the store costs time, never the trace."""
    remote.failing = problem(503, "database-unavailable", "Try again.")
    outbox.publish(approved(memory))
    (receipt,) = outbox.drain()
    assert receipt.state == "queued"
    assert "database-unavailable" in str(receipt.error)
    assert outbox.drain() == []
    remote.failing = None
    clock.now += LONGEST_DELAY
    assert [receipt.state for receipt in outbox.drain()] == ["sent"]


def test_a_clock_that_was_set_back_keeps_nothing_waiting(
    outbox: Outbox, memory: Memory, remote: KeepingStore, clock: Clock
) -> None:
    """An attempt that was put off while the clock was years ahead does not wait for years."""
    clock.now += 10 * 365 * 24 * 3600
    remote.failing = problem(503, "database-unavailable", "Try again.")
    outbox.publish(approved(memory))
    outbox.drain()
    clock.now -= 10 * 365 * 24 * 3600
    assert [receipt.state for receipt in outbox.drain()] == ["queued"]
    assert outbox.drain() == []
    remote.failing = None
    clock.now += LONGEST_DELAY
    assert [receipt.state for receipt in outbox.drain()] == ["sent"]


def test_a_store_that_is_down_is_asked_once_per_round(
    outbox: Outbox, remote: KeepingStore, memory: Memory
) -> None:
    """Ten waiting items do not wait for ten timeouts."""
    remote.failing = problem(503, "x", "y")
    for number in range(10):
        outbox.publish(approved(memory, f"pytest cannot import yaml {number}"))
    outbox.drain()
    assert len(remote.requests) == 1


def test_a_store_that_cannot_be_reached_keeps_no_other_waiting(
    memory: Memory, stores: dict[str, Store], remote: KeepingStore
) -> None:
    """Stores fail by themselves."""
    gone = Store(httpx.Client(base_url="http://127.0.0.1:9"), "gone")
    with closing(gone):
        outbox = Outbox(memory, {"gone": gone, **stores})
        outbox.put("vote", "gone", vote())
        outbox.put("vote", "team", vote())
        assert {receipt.item.store: receipt.state for receipt in outbox.drain()} == {
            "gone": "queued",
            "team": "sent",
        }


def test_a_busy_store_is_left_alone_for_as_long_as_it_asks(memory: Memory, clock: Clock) -> None:
    """Retry-After outranks the usual delay."""
    busy = httpx.MockTransport(lambda _: httpx.Response(429, headers={"Retry-After": "900"}))
    with closing(Store(httpx.Client(base_url="http://store", transport=busy), "team")) as team:
        outbox = Outbox(memory, {"team": team}, clock)
        outbox.put("vote", "team", vote())
        outbox.drain()
        assert outbox.items("queued")[0].next_at == clock.now + 900


@pytest.mark.parametrize("status", [401, 403])
def test_a_key_that_is_not_accepted_can_be_mended(
    outbox: Outbox, memory: Memory, remote: KeepingStore, clock: Clock, status: int
) -> None:
    """The trace waits until the person has given the store a valid key."""
    remote.failing = problem(status, "no", "Ask for a key.")
    outbox.publish(approved(memory))
    assert outbox.drain()[0].state == "queued"
    remote.failing = None
    clock.now += LONGEST_DELAY
    assert outbox.drain()[0].state == "sent"


@pytest.mark.parametrize("status", [404, 409, 413, 422])
def test_a_trace_that_the_store_refuses_is_a_draft_again(
    outbox: Outbox, memory: Memory, remote: KeepingStore, status: int
) -> None:
    """The reason is kept for status; the person may correct the draft or approve it again."""
    remote.failing = problem(status, "no", "It holds a secret.")
    yes = approved(memory)
    outbox.publish(yes)
    (receipt,) = outbox.drain()
    assert receipt.state == "refused"
    assert "It holds a secret" in str(outbox.items("refused")[0].last_error)
    assert drafts.get(memory, yes.record.id).state == "draft"
    remote.failing = None
    outbox.publish(yes)
    assert [receipt.state for receipt in outbox.drain()] == ["sent"]


def test_what_was_taken_back_is_not_said_to_be_stored(
    outbox: Outbox, memory: Memory, remote: KeepingStore
) -> None:
    """The same text again finds the retracted trace; the person is told, and has the draft."""
    yes = approved(memory)
    outbox.publish(yes)
    (sent,) = outbox.drain()
    remote.traces[str(sent.result)]["status"] = "retracted"
    again = approved(memory)
    outbox.publish(again)
    (receipt,) = outbox.drain()
    assert receipt.state == "refused"
    assert f"{sent.result}, which is retracted" in str(receipt.error)
    assert drafts.get(memory, again.record.id).state == "draft"


def test_a_store_that_was_disconnected_loses_nothing(
    outbox: Outbox, memory: Memory, stores: dict[str, Store], clock: Clock
) -> None:
    """Its items wait for it to be connected again."""
    outbox.publish(approved(memory))
    (receipt,) = Outbox(memory, {}, clock).drain()
    assert "any more" in str(receipt.error)
    clock.now += LONGEST_DELAY
    assert [receipt.state for receipt in outbox.drain()] == ["sent"]


def test_one_process_sends_at_a_time(outbox: Outbox, memory: Memory, remote: KeepingStore) -> None:
    """While another process sends, nothing is sent, and nothing waits for it unless asked to."""
    row = outbox.publish(approved(memory))
    with environment.locked(f"{memory.path}.sending", lambda: None):
        assert outbox.drain() == []
        assert outbox.flush(row, wait=0.1).state == "queued"
    assert remote.requests == []
    assert outbox.flush(row, wait=0.1).state == "sent"
    assert outbox.flush(row, wait=0.1).state == "sent"
    assert len(remote.requests) == 1


def test_flush_does_not_wait_for_the_next_attempt(
    outbox: Outbox, memory: Memory, remote: KeepingStore
) -> None:
    """A person who asks is not made to wait for the back-off."""
    remote.failing = problem(503, "x", "y")
    row = outbox.publish(approved(memory))
    outbox.drain()
    remote.failing = None
    assert outbox.flush(row, wait=1).state == "sent"


def test_a_yes_can_be_taken_back_until_the_first_attempt(
    outbox: Outbox, memory: Memory, remote: KeepingStore
) -> None:
    """After an attempt nobody knows whether the store has it."""
    yes = approved(memory)
    outbox.publish(yes)
    assert outbox.cancel(yes.record.id)
    assert drafts.get(memory, yes.record.id).state == "draft"
    assert outbox.items() == []
    outbox.publish(yes)
    remote.failing = problem(503, "x", "y")
    outbox.drain()
    assert not outbox.cancel(yes.record.id)


def test_the_delay_doubles_up_to_an_hour() -> None:
    """With jitter from half to all of it, and no overflow after years."""
    assert [delay(attempts, 1.0) for attempts in (1, 2, 3)] == [FIRST_DELAY, 2 * FIRST_DELAY, 4 * FIRST_DELAY]
    assert delay(1, 0.0) == FIRST_DELAY / 2
    assert delay(10_000, 1.0) == LONGEST_DELAY


def test_what_waits_is_kept_as_it_will_be_sent(outbox: Outbox) -> None:
    """Status can show it byte for byte."""
    outbox.put("vote", "team", vote(-1, reason="spam"))
    (item,) = outbox.items("queued")
    assert json.loads(item.body) == {"value": -1, "by": "person", "reason": "spam"}
