"""Reputation through the API: who is told what, and that a rebuild changes no number."""

import asyncio
import random
from typing import Any

import pytest
from sqlalchemy import text

from commontrace_server.database import create_engine
from commontrace_server.database import engine as database_engine
from commontrace_server.reputation import contributors, recount
from support.community import Community, Person

_EVIDENCE = text("""
    SELECT id, known_up, known_down, known_worked, known_failed, other_up, other_down, other_worked,
           other_failed, confirmations, wilson FROM traces ORDER BY id
""")
_VOICES = text("SELECT * FROM voices WHERE votes <> 0 OR outcomes <> 0 ORDER BY trace_id, root")
_REPUTATION = text("SELECT * FROM reputation ORDER BY author_id, space_id, tag")


async def _numbers(community: Community) -> list[Any]:
    async with community.engine.connect() as connection:
        return [list(await connection.execute(query)) for query in (_EVIDENCE, _VOICES, _REPUTATION)]


async def test_rebuild_gives_the_same_numbers(community: Community) -> None:
    """Votes, changes, withdrawals and outcomes one by one add up to what is counted anew from all of them."""
    chance = random.Random(3)
    people = [await community.person(f"person {number}") for number in range(4)]
    twins = [await community.person(f"twin {number}", root=people[1].root) for number in range(2)]
    guests = [await community.person(f"guest {number}") for number in range(2)]
    await community.space("commons", "public", contributor=(*people, *twins))
    written = [
        await people[0].contribute(title=f"t{number}", space="commons", tags=["a", f"tag{number}"])
        for number in range(3)
    ]
    written.append(await people[2].contribute(title="mine"))
    for _ in range(60):
        person, trace = chance.choice([*people, *twins, *guests]), chance.choice(written[:3])
        act = chance.randrange(4)
        if act == 0:
            await person.client.delete(f"/v1/traces/{trace}/vote")
        elif act == 1:
            await person.observe(trace, chance.random() < 0.6, session=chance.choice("xy"))
        else:
            await person.vote(trace, chance.choice([1, 1, -1]))
    await people[2].observe(written[3], worked=True)
    await contributors.refresh(community.engine)
    before = await _numbers(community)
    await recount.recount_all(community.engine)
    await contributors.refresh(community.engine)
    assert await _numbers(community) == before
    assert len(before[2]) > 1


async def test_contributor_is_told_per_tag(community: Community) -> None:
    """Overall and per tag, the best first, from known and unknown voices."""
    author, first, second = [await community.person(name) for name in ("author", "first", "second")]
    await community.space("crew", "team", contributor=(author, first, second))
    good = await author.contribute(title="good", space="crew", tags=["docker"])
    bad = await author.contribute(title="bad", space="crew", tags=["yaml"])
    await first.observe(good, worked=True)
    await second.vote(bad, -1)
    await contributors.refresh(community.engine)
    said = (await first.client.get(f"/v1/contributors/{author.id}")).json()
    assert (said["name"], said["traces"], said["positive"], said["negative"]) == ("author", 2, 2, 1)
    assert [(tag["tag"], tag["positive"], tag["negative"]) for tag in said["tags"]] == [
        ("docker", 2, 0),
        ("yaml", 0, 1),
    ]
    assert 0 < said["wilson"] < 1


async def test_one_admirer_is_one_voice(community: Community) -> None:
    """However many of an author's traces a root votes for."""
    author, fan = await community.person("author"), await community.person("fan")
    await community.space("crew", "team", contributor=(author, fan))
    for number in range(5):
        await fan.vote(await author.contribute(title=f"t{number}", space="crew"))
    await contributors.refresh(community.engine)
    said = (await fan.client.get(f"/v1/contributors/{author.id}")).json()
    assert (said["positive"], said["roots"]) == (1, 1)


async def test_nobody_is_told_of_whom_they_cannot_see(community: Community) -> None:
    """An account without a visible trace and none at all get the same answer; oneself is known."""
    hidden, stranger = await community.person("hidden"), await community.person("stranger")
    await hidden.contribute()
    nobody = "00000000-0000-7000-8000-00000000ffff"
    answers = [await stranger.client.get(f"/v1/contributors/{who}") for who in (hidden.id, nobody)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert (await stranger.client.get(f"/v1/contributors/{stranger.id}")).status_code == 200


async def test_foreign_spaces_stay_out_of_a_reputation(community: Community) -> None:
    """What a team that one is not in says, and its tags, are not told."""
    author, mate, outsider = [await community.person(name) for name in ("author", "mate", "outsider")]
    await community.space("crew", "team", contributor=(author, mate))
    await community.space("commons", "public", contributor=(author, mate))
    await mate.vote(await author.contribute(space="crew", tags=["secret-project"]))
    await author.contribute(title="open", space="commons")
    await contributors.refresh(community.engine)
    said = (await outsider.client.get(f"/v1/contributors/{author.id}")).json()
    assert (said["positive"], said["tags"], said["traces"]) == (0, [], 1)


async def _job_kinds(community: Community) -> list[str]:
    async with community.engine.connect() as connection:
        return list(await connection.scalars(text("SELECT kind FROM jobs ORDER BY kind")))


async def test_votes_queue_one_refresh(community: Community) -> None:
    """A storm of them is one refresh soon after; home affairs are none."""
    author, reader = await community.person("author"), await community.person("reader")
    await community.space("crew", "team", contributor=(author, reader))
    home = await author.contribute()
    await author.observe(home, worked=True)
    assert "refresh-reputation" not in await _job_kinds(community)
    people: list[Person] = [reader]
    for number in range(3):
        await people[0].vote(await author.contribute(title=f"t{number}", space="crew"))
    assert (await _job_kinds(community)).count("refresh-reputation") == 1


async def test_refresh_may_take_longer_than_a_statement_of_a_request(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a large store it does: it is not given up like a request to a database that says nothing."""
    monkeypatch.setattr(database_engine, "_SILENCE_SECONDS", 0.1)
    hurried = create_engine(community.engine.url, statement_milliseconds=100)
    async with community.engine.begin() as connection:
        await connection.execute(text("REFRESH MATERIALIZED VIEW CONCURRENTLY reputation"))
        waiting = asyncio.create_task(contributors.refresh(hurried))
        await asyncio.wait([waiting], timeout=1)
        assert not waiting.done()
    await waiting
    await hurried.dispose()
