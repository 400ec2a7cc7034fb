"""What the store does each night: in pieces of which none takes long, so that none has to be begun again."""

import pytest
from sqlalchemy import select, update

from commontrace_server.database.tables import accounts, jobs, traces
from commontrace_server.jobs import handlers, queue, routine
from commontrace_server.jobs.poller import Handler, Poller
from support.community import Community


async def _work_off(community: Community) -> list[str]:
    """Do everything that is due; returns the kinds of what was done, in order."""
    done: list[str] = []

    def noted(handler: Handler) -> Handler:
        async def handle(job: queue.Job) -> None:
            await handler(job)
            done.append(job.kind)

        return handle

    poller = Poller(community.engine)
    poller.register({kind: noted(one) for kind, one in handlers.handlers(community.engine).items()})
    await poller.work_off()
    return done


async def _begin_the_night(community: Community) -> None:
    """Queue its job, for `_work_off` alone: the store's own poller is stopped."""
    await community.app.state.store.poller.stop()
    async with community.engine.begin() as connection:
        await queue.enqueue(connection, routine.NIGHTLY, {})


async def test_standing_that_was_earned_counts_for_everything_that_was_said(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The night finds out who has earned it, and has what they judged counted anew, some traces at a time."""
    monkeypatch.setattr(handlers, "RECOUNTED", 2)
    trusted, earner, author = [await community.person(name) for name in ("trusted", "earner", "author")]
    await community.space("commons", "public")
    async with community.engine.begin() as connection:
        await connection.execute(update(accounts).where(accounts.c.id == trusted.id).values(tier="trusted"))
    for number in range(2):
        await trusted.observe(await earner.contribute(title=f"e{number}", space="commons"), worked=True)
    judged = [await author.contribute(title=f"a{number}", space="commons") for number in range(3)]
    for trace in judged:
        await earner.vote(trace)
    known = select(traces.c.known_up).where(traces.c.id.in_(judged))
    async with community.engine.connect() as connection:
        assert set(await connection.scalars(known)) == {0}
    await _begin_the_night(community)
    done = await _work_off(community)
    async with community.engine.connect() as connection:
        assert set(await connection.scalars(known)) == {1}
        left = list(await connection.execute(select(jobs.c.kind, jobs.c.state)))
    # three traces and two of the earner's own
    assert done.count(routine.RECOUNT) == 3
    assert (routine.NIGHTLY, "queued") in left
    assert not {kind for kind, _ in left} & {routine.RECOUNT, routine.EXPIRE}


async def test_what_has_run_out_expires_in_one_night(
    community: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However much it is: a job that has done its share queues the next."""
    monkeypatch.setattr(handlers, "EXPIRED", 2)
    monkeypatch.setattr("commontrace_server.moderation.expiry._BATCH", 1)
    author = await community.person("author")
    for number in range(5):
        await author.contribute(title=f"over {number}", valid_until="2025-01-01T00:00:00Z")
    await _begin_the_night(community)
    done = await _work_off(community)
    async with community.engine.connect() as connection:
        assert set(await connection.scalars(select(traces.c.status))) == {"expired"}
    assert done.count(routine.EXPIRE) == 3
