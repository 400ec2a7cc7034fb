"""A person's yes: bound to session, process and exact bytes, good once, for half an hour."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from commontrace import consent, drafts
from commontrace.consent import Approved, Desk, Refusal
from commontrace.drafts import Draft, DraftInvalidError, DraftNotFoundError, DraftRecord
from commontrace.memory import Memory

DRAFT = Draft(
    title="pytest cannot import yaml",
    context_text="pytest fails with `ModuleNotFoundError: No module named 'yaml'`.",
    solution_text="The package is called PyYAML: `pip install pyyaml`.",
)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Memory]:
    with closing(Memory(tmp_path / "m" / "memory.sqlite3")) as opened:
        yield opened


@pytest.fixture
def record(memory: Memory) -> DraftRecord:
    return drafts.create(memory, "s", DRAFT, "team")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(memory: Memory, clock: Clock) -> Desk:
    return Desk(memory, clock)


def refused(answer: Approved | Refusal) -> str:
    assert isinstance(answer, Refusal)
    return answer.reason


def test_the_yes_of_the_session_that_was_shown_the_draft_counts(desk: Desk, record: DraftRecord) -> None:
    """What is approved is the draft as it was shown."""
    desk.offer("s", record.id)
    assert desk.approve_typed("s", record.id.upper()) == Approved(record)


def test_a_yes_counts_once(desk: Desk, record: DraftRecord) -> None:
    """The second yes is told to have the draft shown again."""
    nonce = desk.offer("s", record.id)
    desk.approve_typed("s", record.id)
    assert "answered already" in refused(desk.approve_typed("s", record.id))
    assert "answered already" in refused(desk.approve("s", record.id, nonce))


def test_of_concurrent_answers_one_counts(desk: Desk, record: DraftRecord) -> None:
    """Two threads cannot both spend one yes."""
    desk.offer("s", record.id)
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: desk.approve_typed("s", record.id), range(16)))
    assert sum(isinstance(answer, Approved) for answer in answers) == 1


def test_another_session_cannot_say_yes(desk: Desk, record: DraftRecord) -> None:
    """A second Claude Code that an agent starts has a session of its own; the first one's yes stays good."""
    desk.offer("s", record.id)
    assert "shown in this session" in refused(desk.approve_typed("other", record.id))
    assert "shown in this session" in refused(desk.approve_typed("", record.id))
    assert isinstance(desk.approve_typed("s", record.id), Approved)


def test_another_process_cannot_say_yes(desk: Desk, record: DraftRecord, memory: Memory) -> None:
    """What was shown is in the memory of the process that showed it, even for the same session."""
    desk.offer("s", record.id)
    assert "shown in this session" in refused(Desk(memory).approve_typed("s", record.id))


def test_changed_bytes_need_a_new_showing(desk: Desk, record: DraftRecord, memory: Memory) -> None:
    """Whatever changed the draft since, the yes was for what was read."""
    desk.offer("s", record.id)
    with memory.write() as connection:
        connection.execute("UPDATE drafts SET body = replace(body, 'PyYAML', 'PyYAML2')")
    assert "changed since it was shown" in refused(desk.approve_typed("s", record.id))


def test_another_destination_needs_a_new_showing(desk: Desk, record: DraftRecord, memory: Memory) -> None:
    """A yes to one store is no yes to another."""
    desk.offer("s", record.id)
    drafts.retarget(memory, record.id, "public")
    assert "changed since it was shown" in refused(desk.approve_typed("s", record.id))


def test_bytes_that_change_between_reading_and_showing_are_not_approved(
    desk: Desk, record: DraftRecord, memory: Memory
) -> None:
    """The yes is for the record that was shown, not for the one that is kept by then."""
    drafts.retarget(memory, record.id, "public")
    desk.offer_shown("s", record)
    assert "changed since it was shown" in refused(desk.approve_typed("s", record.id))


def test_a_yes_comes_within_half_an_hour(desk: Desk, record: DraftRecord, clock: Clock) -> None:
    """Nobody remembers longer what they have read."""
    desk.offer("s", record.id)
    clock.now = consent.LIFE_SECONDS - 1
    assert desk.was_offered("s", record.id)
    clock.now = consent.LIFE_SECONDS
    assert not desk.was_offered("s", record.id)
    assert "too long ago" in refused(desk.approve_typed("s", record.id))


def test_only_the_latest_showing_counts(desk: Desk, record: DraftRecord) -> None:
    """The nonce of an earlier showing, or a guessed one, is refused."""
    first = desk.offer("s", record.id)
    second = desk.offer("s", record.id)
    assert first != second
    assert "shown again since" in refused(desk.approve("s", record.id, first))
    third = desk.offer("s", record.id)
    assert isinstance(desk.approve("s", record.id, third), Approved)


def test_what_is_no_draft_cannot_be_shown_or_approved(
    desk: Desk, record: DraftRecord, memory: Memory
) -> None:
    """Unknown and discarded drafts are told apart."""
    with pytest.raises(DraftNotFoundError):
        desk.offer("s", "abcdefgh")
    assert "no draft" in refused(desk.approve_typed("s", "abcdefgh"))
    desk.offer("s", record.id)
    drafts.discard(memory, record.id)
    assert "discarded" in refused(desk.approve_typed("s", record.id))
    with pytest.raises(DraftInvalidError, match="discarded"):
        desk.offer("s", record.id)


def test_showing_needs_a_session(desk: Desk, record: DraftRecord) -> None:
    """An event without a session is nobody's."""
    with pytest.raises(DraftInvalidError, match="session"):
        desk.offer("", record.id)
