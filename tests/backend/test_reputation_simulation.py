"""Attacks on reputation, at the size at which they are made: they gain what one honest voter would."""

import random
from typing import Any
from uuid import UUID

import attacks
import pytest
from sqlalchemy import insert, text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.database.tables import traces
from commontrace_server.ids import new_id
from commontrace_server.reputation import contributors, recount
from commontrace_server.spaces import service as spaces
from commontrace_server.traces.content import content_hash
from commontrace_server.votes.weights import Voices, weigh

CROWD = 10_000

_ACCOUNTS = text("""
    INSERT INTO accounts (id, name, root, tier)
    SELECT id, CAST(:prefix AS text) || id, coalesce(CAST(:root AS uuid), id), :tier
    FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, :count)) AS fresh
    RETURNING id
""")
_VOTE = text("""
    INSERT INTO votes (trace_id, account_id, value, reason)
    SELECT :trace, unnest(CAST(:accounts AS uuid[])), CAST(:value AS int),
           CASE WHEN CAST(:value AS int) < 0 THEN 'wrong' END
""")
_OBSERVE = text("""
    INSERT INTO outcomes (id, trace_id, account_id, session, worked)
    SELECT gen_random_uuid(), :trace, unnest(CAST(:accounts AS uuid[])), 's', :worked
""")


class Commons:
    """A public space, and crowds that act in it straight in the database."""

    def __init__(self, engine: AsyncEngine, space: UUID) -> None:
        self.engine = engine
        self.space = space

    async def crowd(self, count: int, *, root: UUID | None = None, tier: str = "standard") -> list[UUID]:
        """Make accounts."""
        values = {"count": count, "root": root, "tier": tier, "prefix": str(new_id())}
        async with self.engine.begin() as connection:
            return list(await connection.scalars(_ACCOUNTS, values))

    async def trace(self, author: UUID, title: str = "t") -> UUID:
        """Make a trace that waits."""
        said = {"title": f"{title} {new_id()}", "context_text": "c", "solution_text": "s"}
        digest = content_hash(**said, kind="fix")
        row = said | {"id": new_id(), "author_id": author, "space_id": self.space, "content_hash": digest}
        async with self.engine.begin() as connection:
            await connection.execute(insert(traces).values(row | {"status": "pending", "tags": ["python"]}))
        return UUID(str(row["id"]))

    async def vote(self, trace: UUID, voters: list[UUID], value: int = 1) -> None:
        """Let accounts vote."""
        async with self.engine.begin() as connection:
            await connection.execute(_VOTE, {"trace": trace, "accounts": voters, "value": value})

    async def observe(self, trace: UUID, observers: list[UUID], *, worked: bool = True) -> None:
        """Let accounts tell outcomes."""
        async with self.engine.begin() as connection:
            await connection.execute(_OBSERVE, {"trace": trace, "accounts": observers, "worked": worked})

    async def settle(self) -> None:
        """Count everything, as the nightly job does."""
        await recount.recount_all(self.engine)
        await recount.renew_standing(self.engine)
        await contributors.refresh(self.engine)

    async def score(self, trace: UUID) -> Any:
        """What a trace's evidence adds up to."""
        async with self.engine.connect() as connection:
            return (await connection.execute(traces.select().where(traces.c.id == trace))).one()

    async def reputation(self, author: UUID) -> float:
        """The weight of all that speaks for an author."""
        query = text("SELECT positive FROM reputation WHERE author_id = :author AND tag = ''")
        async with self.engine.connect() as connection:
            return float(await connection.scalar(query, {"author": author}) or 0)


@pytest.fixture
async def commons(engine: AsyncEngine) -> Commons:
    """An empty public space."""
    async with engine.begin() as connection:
        space = await spaces.create(connection, "commons", "public")
    return Commons(engine, space.id)


@pytest.mark.parametrize("value", [1, -1])
async def test_ten_thousand_accounts_of_one_root_are_one_voter(commons: Commons, value: int) -> None:
    """Trusted or not: they move a score as far as one of them alone."""
    (author,) = await commons.crowd(1)
    for tier in ("standard", "trusted"):
        (root,) = await commons.crowd(1, tier=tier)
        army = [root, *await commons.crowd(CROWD - 1, root=root)]
        stormed, asked = await commons.trace(author), await commons.trace(author)
        await commons.vote(stormed, army, value)
        await commons.vote(asked, [root], value)
        await commons.settle()
        one, all_of_them = await commons.score(asked), await commons.score(stormed)
        assert all_of_them.wilson == one.wilson
        assert (all_of_them.votes_up, all_of_them.votes_down) == (one.votes_up, one.votes_down)


async def test_ten_thousand_unknown_roots_weigh_no_more_than_one_voter(commons: Commons) -> None:
    """Votes and outcomes together; they publish nothing and earn their author no more than that."""
    author, victim, honest = await commons.crowd(3)
    (known,) = await commons.crowd(1, tier="trusted")
    army = await commons.crowd(CROWD)
    stormed, reference, good = [await commons.trace(who) for who in (author, honest, victim)]
    await commons.vote(stormed, army)
    await commons.observe(stormed, army)
    await commons.vote(reference, [known])
    await commons.vote(good, [known])
    await commons.vote(good, army, -1)
    await commons.settle()
    pushed, one, attacked = [await commons.score(trace) for trace in (stormed, reference, good)]
    assert pushed.wilson <= one.wilson + 1e-9
    assert (pushed.confirmations, pushed.status) == (0, "pending")
    assert attacked.votes_up == 1
    assert attacked.votes_down + 2 * attacked.outcomes_failed <= 1 + 1e-9
    assert await commons.reputation(author) <= await commons.reputation(honest) + 1e-9


async def test_ring_gains_nothing(commons: Commons) -> None:
    """Fifty accounts that only confirm each other: nothing is confirmed, nobody earns standing."""
    ring = await commons.crowd(50)
    written = {member: await commons.trace(member) for member in ring}
    for member, trace in written.items():
        others = [other for other in ring if other != member]
        await commons.vote(trace, others)
        await commons.observe(trace, others)
    await commons.settle()
    assert max([await commons.reputation(member) for member in ring]) <= 1
    for trace in written.values():
        score = await commons.score(trace)
        assert (score.confirmations, score.votes_up + 2 * score.outcomes_worked) == (0, pytest.approx(1))
    async with commons.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM standing")) == 0


async def test_honest_work_earns_standing_in_one_pass(commons: Commons) -> None:
    """Two traces that worked for a trusted root make their author known; whom the author confirms, not."""
    (seed,) = await commons.crowd(1, tier="trusted")
    author, follower = await commons.crowd(2)
    for _ in range(recount.EARNED):
        await commons.observe(await commons.trace(author), [seed])
        await commons.observe(await commons.trace(follower), [author])
    judged = await commons.trace(follower)
    await commons.vote(judged, [author])
    await commons.settle()
    await commons.settle()
    async with commons.engine.connect() as connection:
        assert list(await connection.scalars(text("SELECT root FROM standing"))) == [author]
    assert ((await commons.score(judged)).confirmations, (await commons.score(judged)).votes_up) == (1, 1)


async def test_counting_anew_equals_counting_each_change(commons: Commons, engine: AsyncEngine) -> None:
    """The database's generated numbers are those of the pure rule, for any mixture of voices."""
    chance = random.Random(7)
    (author,) = await commons.crowd(1)
    known, unknown = await commons.crowd(6, tier="trusted"), await commons.crowd(6)
    for _ in range(12):
        trace = await commons.trace(author)
        counts = [chance.randint(0, 3) for _ in range(8)]
        for group, (up, down, worked, failed) in ((known, counts[:4]), (unknown, counts[4:])):
            await commons.vote(trace, group[:up])
            await commons.vote(trace, group[3 : 3 + down], -1)
            await commons.observe(trace, group[:worked])
            await commons.observe(trace, group[3 : 3 + failed], worked=False)
        await recount.recount_all(engine, [trace])
        row = await commons.score(trace)
        rule = weigh(Voices(*counts[:4]), Voices(*counts[4:]))
        found = (row.votes_up, row.votes_down, row.outcomes_worked, row.outcomes_failed)
        assert found == pytest.approx((rule.up, rule.down, rule.worked, rule.failed))


async def test_account_names_stay_unique_in_crowds(engine: AsyncEngine) -> None:
    """A root that another account names has to exist."""
    async with engine.begin() as connection:
        first = await accounts.create(connection, "first")
        second = await accounts.create(connection, "second", root=first)
        assert await accounts.root_of(connection, str(second)) == first


def test_picture_shows_these_rules() -> None:
    """docs/img/attacks.svg is what `python scripts/attacks.py` draws of the rules as they are."""
    assert attacks.PICTURE.read_text(encoding="utf-8") == attacks.picture()


@pytest.mark.parametrize("line", [*attacks.PUSHED, *attacks.PULLED], ids=lambda line: line.name)
def test_no_crowd_moves_more_than_one_honest_voter(line: attacks.Line) -> None:
    """However large; only many honest roots move a bound far."""
    honest = line.name.startswith("honest")
    moved = abs(line.bound(attacks.MOST) - line.bound(1))
    one_vote = attacks.bound(Voices(up=1), Voices())
    assert moved > 0.5 if honest else moved <= one_vote + 1e-9
