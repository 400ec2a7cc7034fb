"""The poller: what it does with jobs, and with whatever their handlers do."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.errors import UnreachableError
from commontrace_server.database.tables import jobs
from commontrace_server.jobs import queue
from commontrace_server.jobs.poller import Poller
from commontrace_server.jobs.queue import Job
from support import postgres
from support.store import eventually


@pytest.fixture
async def poller(engine: AsyncEngine) -> AsyncIterator[Poller]:
    """A poller that does not look by itself: it has to be woken."""
    poller = Poller(engine, poll_seconds=3600)
    poller.start()
    yield poller
    await poller.stop()


async def _enqueue(engine: AsyncEngine, *numbers: int) -> None:
    async with engine.begin() as connection:
        for number in numbers:
            await queue.enqueue(connection, "count", {"number": number})


async def _left(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(select(jobs)))


async def test_woken_poller_does_the_job(poller: Poller, engine: AsyncEngine) -> None:
    """What is enqueued and announced is done and gone."""
    done: list[int] = []

    async def handle(job: Job) -> None:
        done.append(job.payload["number"])

    poller.register({"count": handle})
    await _enqueue(engine, 1, 2, 3)
    poller.wake()

    async def all_gone() -> bool:
        return not await _left(engine)

    await eventually(all_gone)
    assert done == [1, 2, 3]


async def test_the_poller_is_woken_for_what_is_done_here(
    poller: Poller, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A transaction tells which kinds of jobs it has added; those that nobody here does wake nobody."""

    async def handle(_job: Job) -> None:
        pass

    poller.register({"count": handle})
    woken: list[bool] = []
    monkeypatch.setattr(poller, "wake", lambda: woken.append(True))
    async with engine.begin() as connection:
        poller.wake_for(queue.noted(connection))
        await queue.enqueue(connection, "other", {})
        poller.wake_for(queue.noted(connection))
        assert not woken
        await queue.enqueue(connection, "count", {})
        poller.wake_for(queue.noted(connection))
        assert woken == [True]
        assert queue.noted(connection) == set()


async def test_job_that_nobody_announced_is_found_by_the_slow_poll(engine: AsyncEngine) -> None:
    """Jobs of other processes are done too."""
    done = asyncio.Event()

    async def handle(_job: Job) -> None:
        done.set()

    poller = Poller(engine, poll_seconds=0.05)
    poller.register({"count": handle})
    poller.start()
    await asyncio.sleep(0.2)
    await _enqueue(engine, 1)
    await asyncio.wait_for(done.wait(), 20)
    await poller.stop()


async def test_handler_that_fails_does_not_keep_others_from_their_turn(
    poller: Poller, engine: AsyncEngine
) -> None:
    """A poison job is put back with its error; the jobs behind it are done."""
    done: list[int] = []

    async def handle(job: Job) -> None:
        if job.payload["number"] == 1:
            raise ZeroDivisionError("poison")
        done.append(job.payload["number"])

    poller.register({"count": handle})
    await _enqueue(engine, 1, 2, 3)
    poller.wake()

    async def only_poison() -> bool:
        return len(await _left(engine)) == 1

    await eventually(only_poison)
    (row,) = await _left(engine)
    assert (row.state, row.attempts, row.last_error) == ("queued", 1, "ZeroDivisionError: poison")
    assert done == [2, 3]


async def test_jobs_of_a_kind_are_done_together(poller: Poller, engine: AsyncEngine) -> None:
    """A handler of batches gets as many as it takes, oldest first, and all of them are gone afterwards."""
    done: list[list[int]] = []

    async def handle(taken: Sequence[Job]) -> None:
        done.append([job.payload["number"] for job in taken])

    await _enqueue(engine, 1, 2, 3, 4)
    poller.register_batches("count", handler=handle, most=3)

    async def all_gone() -> bool:
        return not await _left(engine)

    await eventually(all_gone)
    assert done == [[1, 2, 3], [4]]


async def test_one_bad_job_does_not_spoil_its_batch(poller: Poller, engine: AsyncEngine) -> None:
    """Where a batch fails each is tried by itself, and only the one that fails again is put back."""
    done: list[int] = []

    async def handle(taken: Sequence[Job]) -> None:
        if any(job.payload["number"] == 2 for job in taken):
            raise ZeroDivisionError("poison")
        done.extend(job.payload["number"] for job in taken)

    await _enqueue(engine, 1, 2, 3)
    poller.register_batches("count", handler=handle, most=3)

    async def only_poison() -> bool:
        return [(row.state, row.attempts) for row in await _left(engine)] == [("queued", 1)]

    await eventually(only_poison)
    (row,) = await _left(engine)
    assert (row.payload, row.last_error) == ({"number": 2}, "ZeroDivisionError: poison")
    assert done == [1, 3]


async def test_jobs_give_way_to_what_is_more_urgent(engine: AsyncEngine) -> None:
    """Each job waits for the pause before it, which is told how long it may take."""
    pauses: list[float] = []
    urgent = asyncio.Event()
    done: list[int] = []

    async def pause(patience: float) -> None:
        pauses.append(patience)
        await urgent.wait()

    async def handle(job: Job) -> None:
        done.append(job.payload["number"])

    poller = Poller(engine, poll_seconds=3600, pause=pause)
    poller.register({"count": handle})
    await _enqueue(engine, 1, 2)
    poller.start()

    async def paused() -> bool:
        return bool(pauses)

    await eventually(paused)
    assert done == []
    urgent.set()

    async def both_done() -> bool:
        return done == [1, 2]

    await eventually(both_done)
    assert set(pauses) == {1.0}
    await poller.stop()


async def test_job_waits_for_its_handler(poller: Poller, engine: AsyncEngine) -> None:
    """Jobs of a kind that has no handler yet stay in the queue until it is registered."""
    await _enqueue(engine, 1)
    poller.wake()
    done = asyncio.Event()

    async def handle(_job: Job) -> None:
        done.set()

    poller.register({"count": handle})
    await asyncio.wait_for(done.wait(), 20)


async def test_stop_lets_the_job_in_hand_end(engine: AsyncEngine) -> None:
    """Stopping waits for the handler, and the job counts as done."""
    begun = asyncio.Event()

    async def handle(_job: Job) -> None:
        begun.set()
        await asyncio.sleep(0.1)

    poller = Poller(engine)
    poller.register({"count": handle})
    poller.start()
    await _enqueue(engine, 1)
    poller.wake()
    await asyncio.wait_for(begun.wait(), 20)
    await poller.stop()
    assert await _left(engine) == []


async def test_poller_survives_lost_connections(poller: Poller, engine: AsyncEngine, store_url: str) -> None:
    """When the server drops every connection the poller comes back to its work."""
    done = asyncio.Event()

    async def handle(_job: Job) -> None:
        done.set()

    poller.register({"count": handle})
    drop = (
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )
    await postgres.query(store_url, f"{drop} AND datname = current_database()")
    await _enqueue(engine, 1)
    poller.wake()
    await asyncio.wait_for(done.wait(), 20)


async def test_job_is_forgotten_although_the_database_was_away_when_it_was_done(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is said as soon as the database is back, and nobody does it again."""
    monkeypatch.setattr("commontrace_server.jobs.poller._OUTAGE_SECONDS", 0.01)
    finish, asked, done = queue.finish, 0, 0

    async def sometimes(connection: AsyncConnection, *jobs: Job) -> None:
        nonlocal asked
        asked += 1
        if asked == 1:
            raise UnreachableError("away")
        await finish(connection, *jobs)

    async def handle(_job: Job) -> None:
        nonlocal done
        done += 1

    monkeypatch.setattr(queue, "finish", sometimes)
    poller = Poller(engine)
    poller.register({"count": handle})
    await _enqueue(engine, 1)
    await poller.work_off()
    assert (asked, done, await _left(engine)) == (2, 1, [])


async def test_handler_does_not_run_inside_a_transaction(poller: Poller, engine: AsyncEngine) -> None:
    """While a handler works the queue holds no connection: slow work cannot use up the pool."""
    idle: list[int] = []

    async def handle(_job: Job) -> None:
        idle.append(engine.pool.checkedout())  # type: ignore[attr-defined]

    poller.register({"count": handle})
    await _enqueue(engine, 1)
    poller.wake()

    async def done() -> bool:
        return bool(idle)

    await eventually(done)
    assert idle == [0]


async def test_count_is_a_kind_like_any_other(engine: AsyncEngine) -> None:
    """The queue knows nothing about kinds: any name and any JSON payload goes in."""
    async with engine.begin() as connection:
        await queue.enqueue(connection, "refresh", {"deep": {"list": [1, "two", None]}})
    async with engine.connect() as connection:
        assert await connection.scalar(select(func.count()).where(jobs.c.kind == "refresh")) == 1


async def test_job_that_hangs_is_ended_and_tried_again(engine: AsyncEngine) -> None:
    """The jobs behind it are done; it has failed once, for a reason that is written down."""
    done: list[int] = []

    async def handle(job: Job) -> None:
        if job.payload["number"] == 1:
            await asyncio.Event().wait()
        done.append(job.payload["number"])

    poller = Poller(engine, poll_seconds=3600, job_seconds=0.2)
    poller.register({"count": handle})
    await _enqueue(engine, 1, 2)
    await poller.work_off()
    assert done == [2]
    (left,) = await _left(engine)
    assert (left.state, left.attempts, left.last_error.split(":")[0]) == ("queued", 1, "TimeoutError")


async def test_lock_of_a_job_moves_on_while_it_is_done(
    engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever does it says now and then that it is still at it; another finds nothing to take."""
    monkeypatch.setattr(queue, "LOCK", timedelta(seconds=0.3))  # what the pause between two holds follows
    finish = asyncio.Event()
    begun = 0

    async def handle(_job: Job) -> None:
        nonlocal begun
        begun += 1
        await finish.wait()

    poller, other = Poller(engine), Poller(engine)
    for one in (poller, other):
        one.register({"count": handle})
    await _enqueue(engine, 1)
    working = asyncio.create_task(poller.work_off())

    async def claimed() -> bool:
        return bool(begun)

    async def held() -> bool:
        async with engine.connect() as connection:
            return bool(await connection.scalar(select(jobs.c.locked_until > func.now())))

    await eventually(claimed)
    async with engine.begin() as connection:
        # as if the time that it was claimed for were over
        await connection.execute(update(jobs).values(locked_until=func.now() - timedelta(minutes=1)))
    await eventually(held)
    looking = asyncio.create_task(other.work_off())
    await asyncio.wait([looking], timeout=5)
    finish.set()
    await asyncio.gather(working, looking)
    assert begun == 1
    assert not await _left(engine)
