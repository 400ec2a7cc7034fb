"""Voting on traces, through the API of a running store."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import func, select

from commontrace_server.database.tables import traces, votes
from commontrace_server.reputation.wilson import lower_bound
from support.community import Community, Person

UNKNOWN = "00000000-0000-7000-8000-00000000dead"


@pytest.fixture
async def author(community: Community) -> Person:
    """Who writes what the others judge."""
    return await community.person("author")


@pytest.fixture
async def reader(community: Community, author: Person) -> Person:
    """A fellow member of the team `crew`."""
    reader = await community.person("reader")
    await community.space("crew", "team", owner=(author,), contributor=(reader,))
    return reader


async def _tallies(community: Community, trace_id: str) -> tuple[float, float]:
    row = await community.row(traces, trace_id)
    return row.votes_up, row.votes_down


async def test_vote_moves_the_tally_and_the_bound(author: Person, reader: Person) -> None:
    """A first vote for a trace is one voice, and its bound is Wilson's."""
    trace = await author.contribute(space="crew")
    vote = await reader.vote(trace)
    assert vote["counted"] is True
    assert vote["tallies"]["votes_up"] == 1
    assert vote["tallies"]["wilson"] == pytest.approx(lower_bound(1, 1))


async def test_vote_can_be_changed(community: Community, author: Person, reader: Person) -> None:
    """The later vote takes the place of the earlier one."""
    trace = await author.contribute(space="crew")
    await reader.vote(trace)
    changed = await reader.vote(trace, -1, reason="harmful")
    said = (changed["value"], changed["reason"], changed["by"])
    assert said == (-1, "harmful", "person")
    assert await _tallies(community, trace) == (0, 1)


async def test_agent_does_not_replace_its_person(
    community: Community, author: Person, reader: Person
) -> None:
    """An agent may vote and change its vote; once the person has voted, theirs stands."""
    trace = await author.contribute(space="crew")
    await reader.vote(trace, -1, reason="wrong", by="agent")
    await reader.vote(trace, by="agent")
    assert (await reader.vote(trace))["by"] == "person"
    ballot = {"value": -1, "reason": "wrong", "by": "agent"}
    answer = await reader.client.put(f"/v1/traces/{trace}/vote", json=ballot)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "person-voted")
    assert await _tallies(community, trace) == (1, 0)


async def test_same_vote_again_changes_nothing(community: Community, author: Person, reader: Person) -> None:
    """A replayed vote is answered like the first one, times included."""
    trace = await author.contribute(space="crew")
    assert await reader.vote(trace) == await reader.vote(trace)
    assert await _tallies(community, trace) == (1, 0)


async def test_vote_can_be_withdrawn_any_number_of_times(
    community: Community, author: Person, reader: Person
) -> None:
    """Withdrawing takes the vote away; withdrawing what is not there is fine."""
    trace = await author.contribute(space="crew")
    await reader.vote(trace, -1)
    for _ in range(2):
        answer = await reader.client.delete(f"/v1/traces/{trace}/vote")
        assert (answer.status_code, answer.content) == (204, b"")
    assert await _tallies(community, trace) == (0, 0)
    assert (await community.row(traces, trace)).wilson == 0


async def test_vote_on_ones_own_trace_is_a_mark(community: Community, author: Person) -> None:
    """It is stored, and counts for nothing."""
    trace = await author.contribute()
    vote = await author.vote(trace)
    assert (vote["value"], vote["counted"], vote["tallies"]["votes_up"]) == (1, False, 0)
    assert await _tallies(community, trace) == (0, 0)


async def test_vote_through_another_account_of_the_same_root_is_a_mark(
    community: Community, author: Person
) -> None:
    """A second account of the author's does not help."""
    twin = await community.person("twin", root=author.root)
    await community.space("crew", "team", owner=(author,), contributor=(twin,))
    trace = await author.contribute(space="crew")
    assert (await twin.vote(trace))["counted"] is False
    assert await _tallies(community, trace) == (0, 0)


async def test_accounts_of_one_root_are_one_voice(
    community: Community, author: Person, reader: Person
) -> None:
    """Three accounts count as one, which says what most of them say and nothing when they are divided."""
    twins = [await community.person(f"twin {number}", root=reader.root) for number in range(2)]
    await community.space("crowd", "team", owner=(author,), contributor=(reader, *twins))
    trace = await author.contribute(space="crowd")
    for person in (reader, *twins):
        await person.vote(trace)
    assert await _tallies(community, trace) == (1, 0)
    await reader.vote(trace, -1)
    assert await _tallies(community, trace) == (1, 0)
    await twins[0].client.delete(f"/v1/traces/{trace}/vote")
    assert await _tallies(community, trace) == (0, 0)
    await twins[1].vote(trace, -1)
    assert await _tallies(community, trace) == (0, 1)


async def test_no_vote_of_a_storm_is_lost(community: Community, author: Person, reader: Person) -> None:
    """Many accounts that vote, change and withdraw at once leave the sum of what they said last."""
    people = [await community.person(f"voter {number}") for number in range(12)]
    twins = [await community.person(f"twin {number}", root=reader.root) for number in range(4)]
    await community.space("crowd", "team", owner=(author,), contributor=(*people, *twins))
    trace = await author.contribute(space="crowd")

    async def storm(person: Person, number: int) -> None:
        for step in range(3):
            await person.vote(trace, 1 if (number + step) % 2 else -1)
        if number % 3 == 0:
            await person.client.delete(f"/v1/traces/{trace}/vote")
        elif number % 3 == 1:
            await person.vote(trace)

    await asyncio.gather(*(storm(person, number) for number, person in enumerate(people)))
    await asyncio.gather(*(storm(twin, number) for number, twin in enumerate(twins)))
    # By number: 0, 3, 6, 9 are silent; 1, 4, 7, 10 say yes; 2, 5, 8, 11 what (number + 2) % 2 says.
    # The twins: 0 and 3 are silent, 1 says yes, 2 says no: they are divided.
    assert await _tallies(community, trace) == (4 + 2, 2)


async def test_equal_votes_at_once_are_one(community: Community, author: Person, reader: Person) -> None:
    """A vote that is sent several times at the same moment counts once."""
    trace = await author.contribute(space="crew")
    answers = await asyncio.gather(*(reader.vote(trace) for _ in range(8)))
    assert all(answer["tallies"]["votes_up"] == 1 for answer in answers)
    async with community.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(votes)) == 1


async def test_a_search_does_not_wait_for_a_vote(
    community: Community, author: Person, reader: Person
) -> None:
    """While a vote's transaction is open, the trace is read and found as ever."""
    trace = await author.contribute(space="crew")
    async with community.engine.begin() as connection:
        await connection.execute(select(traces).with_for_update(key_share=True))
        assert (await reader.client.get(f"/v1/traces/{trace}")).status_code == 200
        found = await reader.client.post("/v1/search", json={"query": "No module named 'yaml'"})
        assert found.json()["hits"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "value"),
        ({"value": 0}, "value"),
        ({"value": 2}, "value"),
        ({"value": True}, "value"),
        ({"value": "1"}, "value"),
        ({"value": -1}, "body"),
        ({"value": 1, "reason": "spam"}, "body"),
        ({"value": -1, "reason": "dull"}, "reason"),
        ({"value": -1, "reason": "nul\0"}, "reason"),
        ({"value": 1, "by": "crowd"}, "by"),
        ({"value": 1, "weight": 100}, "weight"),
    ],
)
async def test_bad_vote_is_refused(author: Person, reader: Person, body: dict[str, Any], field: str) -> None:
    """What breaks a rule is named, and nothing is stored."""
    trace = await author.contribute(space="crew")
    answer = await reader.client.put(f"/v1/traces/{trace}/vote", json=body)
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
async def test_unreadable_trace_is_not_found(community: Community, author: Person, method: str) -> None:
    """A foreign private trace and one that does not exist get the same answer."""
    stranger = await community.person("stranger")
    private = await author.contribute()
    answers = [
        await stranger.client.request(method, f"/v1/traces/{trace}/vote", **_body(method))
        for trace in (private, UNKNOWN)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()


async def test_reader_cannot_vote(community: Community, author: Person) -> None:
    """Who may only read gets a 403 that says what is missing, and leaves no trace."""
    guest = await community.person("guest")
    await community.space("crew", "team", owner=(author,), reader=(guest,))
    trace = await author.contribute(space="crew")
    answer = await guest.client.put(f"/v1/traces/{trace}/vote", json={"value": 1})
    assert (answer.status_code, answer.json()["title"]) == (403, "Role missing")
    assert await _tallies(community, trace) == (0, 0)


async def test_key_without_the_scope_cannot_vote(community: Community, author: Person) -> None:
    """A key that only reads gets a 403 as well."""
    watcher = await community.person("watcher", scopes=("read",))
    await community.space("crew", "team", owner=(author,), contributor=(watcher,))
    trace = await author.contribute(space="crew")
    answer = await watcher.client.put(f"/v1/traces/{trace}/vote", json={"value": 1})
    assert (answer.status_code, answer.json()["title"]) == (403, "Scope missing")


def _body(method: str) -> dict[str, Any]:
    return {"json": {"value": 1}} if method == "PUT" else {}
