"""Outcomes of traces, through the API of a running store."""

import asyncio
from typing import Any

import pytest

from commontrace_server.database.tables import traces
from support.community import Community, Person

UNKNOWN = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture
async def author(community: Community) -> Person:
    """Who writes what the others try."""
    return await community.person("author")


@pytest.fixture
async def reader(community: Community, author: Person) -> Person:
    """A fellow member of the team `crew`."""
    reader = await community.person("reader")
    await community.space("crew", "team", owner=(author,), contributor=(reader,))
    return reader


async def _tallies(community: Community, trace_id: str) -> tuple[float, float]:
    row = await community.row(traces, trace_id)
    return row.outcomes_worked, row.outcomes_failed


async def test_outcome_that_worked_verifies_the_trace(author: Person, reader: Person) -> None:
    """It counts, and the trace was last seen to work now."""
    trace = await author.contribute(space="crew")
    outcome = await reader.observe(trace, worked=True)
    assert outcome["counted"] is True
    assert outcome["tallies"]["outcomes_worked"] == 1
    assert outcome["tallies"]["last_verified_at"] is not None


async def test_outcome_that_failed_verifies_nothing(author: Person, reader: Person) -> None:
    """It counts against the trace."""
    trace = await author.contribute(space="crew")
    tallies = (await reader.observe(trace, worked=False))["tallies"]
    assert (tallies["outcomes_failed"], tallies["last_verified_at"]) == (1, None)


async def test_same_outcome_again_changes_nothing(
    community: Community, author: Person, reader: Person
) -> None:
    """A replay is answered 200 with the first one's numbers, and verifies nothing anew."""
    trace = await author.contribute(space="crew")
    body = {"session": "one", "worked": True, "signature": "1:00000000000000aa", "packages": {"yaml": "6.0"}}
    first = await reader.client.post(f"/v1/traces/{trace}/outcomes", json=body)
    again = await reader.client.post(f"/v1/traces/{trace}/outcomes", json=body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()


async def test_later_outcome_of_a_session_replaces_the_earlier(
    community: Community, author: Person, reader: Person
) -> None:
    """What worked at first and failed after all has failed."""
    trace = await author.contribute(space="crew")
    await reader.observe(trace, worked=True)
    await reader.observe(trace, worked=False)
    assert await _tallies(community, trace) == (0, 1)


async def test_sessions_of_one_root_are_one_voice(
    community: Community, author: Person, reader: Person
) -> None:
    """A thousand sessions of one account are no crowd; most of them decide."""
    trace = await author.contribute(space="crew")
    for number in range(3):
        await reader.observe(trace, worked=True, session=f"good {number}")
    assert await _tallies(community, trace) == (1, 0)
    for number in range(4):
        await reader.observe(trace, worked=False, session=f"bad {number}")
    assert await _tallies(community, trace) == (0, 1)


async def test_author_cannot_confirm_themselves_among_others(
    community: Community, author: Person, reader: Person
) -> None:
    """In a shared space an outcome on one's own trace moves nothing, its date of verification included."""
    trace = await author.contribute(space="crew")
    outcome = await author.observe(trace, worked=True)
    assert (outcome["counted"], outcome["tallies"]["last_verified_at"]) == (False, None)
    assert await _tallies(community, trace) == (0, 0)


async def test_outcome_in_a_personal_space_counts(community: Community, author: Person) -> None:
    """There is nobody else to observe anything."""
    trace = await author.contribute()
    assert (await author.observe(trace, worked=False))["counted"] is True
    assert await _tallies(community, trace) == (0, 1)


async def test_no_outcome_of_a_storm_is_lost(community: Community, author: Person) -> None:
    """Accounts that report at once, several sessions each, leave one voice each."""
    people = [await community.person(f"user {number}") for number in range(8)]
    await community.space("crowd", "team", owner=(author,), contributor=tuple(people))
    trace = await author.contribute(space="crowd")
    await asyncio.gather(
        *(
            person.observe(trace, worked=number < 5, session=f"session {session}")
            for number, person in enumerate(people)
            for session in range(3)
        )
    )
    assert await _tallies(community, trace) == (5, 3)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"session": ""}, "session"),
        ({"session": "x" * 201}, "session"),
        ({"session": "nul\0"}, "session"),
        ({"worked": None}, "worked"),
        ({"signature": "anything"}, "signature"),
        ({"packages": {"nul\0": "1"}}, "packages.nul\\x00.[key]"),
        ({"packages": {str(number): "1" for number in range(101)}}, "packages"),
        ({"weight": 5}, "weight"),
    ],
)
async def test_bad_outcome_is_refused(author: Person, changes: dict[str, Any], field: str) -> None:
    """What breaks a rule is named."""
    trace = await author.contribute()
    body = {"session": "one", "worked": True} | changes
    answer = await author.client.post(f"/v1/traces/{trace}/outcomes", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


async def test_unreadable_trace_has_no_outcomes(community: Community, author: Person) -> None:
    """A foreign private trace and one that does not exist get the same answer."""
    stranger = await community.person("stranger")
    private = await author.contribute()
    answers = [
        await stranger.client.post(f"/v1/traces/{trace}/outcomes", json={"session": "one", "worked": True})
        for trace in (private, UNKNOWN)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
