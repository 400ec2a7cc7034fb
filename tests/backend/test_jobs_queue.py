"""The queue: claiming, finishing, failing, and what happens to a worker that never comes back."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import jobs
from commontrace_server.jobs import queue
from commontrace_server.jobs.queue import Job


async def _enqueue(engine: AsyncEngine, *numbers: int, kind: str = "count") -> None:
    async with engine.begin() as connection:
        for number in numbers:
            await queue.enqueue(connection, kind, {"number": number})


async def _claim(engine: AsyncEngine, **options: Any) -> list[Job]:
    async with engine.begin() as connection:
        return await queue.claim(connection, ["count"], **options)


async def _fail(engine: AsyncEngine, job: Job, error: str = "reason") -> None:
    async with engine.begin() as connection:
        await queue.fail(connection, job, error)


async def _rows(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(select(jobs).order_by(jobs.c.id)))


async def _change(engine: AsyncEngine, **values: Any) -> None:
    async with engine.begin() as connection:
        await connection.execute(update(jobs).values(values))


async def test_job_exists_only_when_its_transaction_commits(engine: AsyncEngine) -> None:
    """A job that was enqueued in a transaction that is rolled back was never there."""
    async with engine.connect() as connection:
        await queue.enqueue(connection, "count", {})
        await connection.rollback()
    assert await _rows(engine) == []


async def test_jobs_are_claimed_oldest_first(engine: AsyncEngine) -> None:
    """The job that waited longest comes first."""
    await _enqueue(engine, 1)
    await _enqueue(engine, 2)
    assert [job.payload["number"] for job in await _claim(engine, limit=2)] == [1, 2]


async def test_claimed_job_is_nobody_elses(engine: AsyncEngine) -> None:
    """Two workers at once get different jobs."""
    await _enqueue(engine, 1, 2)
    taken = await asyncio.gather(_claim(engine), _claim(engine))
    assert sorted(job.payload["number"] for (job,) in taken) == [1, 2]


async def test_other_kinds_are_left_alone(engine: AsyncEngine) -> None:
    """A worker claims the kinds that it has handlers for, and no others."""
    await _enqueue(engine, 1, kind="other")
    assert await _claim(engine) == []


async def test_finished_job_leaves_no_row(engine: AsyncEngine) -> None:
    """What is done is deleted."""
    await _enqueue(engine, 1)
    (job,) = await _claim(engine)
    async with engine.begin() as connection:
        await queue.finish(connection, job)
    assert await _rows(engine) == []


async def test_failed_job_waits_before_it_is_tried_again(engine: AsyncEngine) -> None:
    """A job that failed is queued again for later, with the reason."""
    await _enqueue(engine, 1)
    (job,) = await _claim(engine)
    await _fail(engine, job, "no \0 luck")
    (row,) = await _rows(engine)
    assert (row.state, row.last_error, row.run_at > row.created_at) == ("queued", "no  luck", True)
    assert await _claim(engine) == []


@pytest.mark.parametrize(("attempts", "seconds"), [(1, 2), (2, 4), (4, 16), (40, 600)])
def test_pause_doubles_up_to_ten_minutes(attempts: int, seconds: int) -> None:
    """Each failure doubles the pause, within reason."""
    assert queue.backoff(attempts) == timedelta(seconds=seconds)


async def test_job_is_given_up_after_its_last_attempt(engine: AsyncEngine) -> None:
    """After MAX_ATTEMPTS a job is failed, keeps its error, and is not claimed any more."""
    await _enqueue(engine, 1)
    for _ in range(queue.MAX_ATTEMPTS):
        await _change(engine, run_at=func.now())
        (job,) = await _claim(engine)
        await _fail(engine, job, "always")
    (row,) = await _rows(engine)
    assert (row.state, row.attempts, row.last_error) == ("failed", queue.MAX_ATTEMPTS, "always")
    await _change(engine, run_at=func.now())
    assert await _claim(engine) == []


async def test_job_of_a_dead_worker_is_claimed_again(engine: AsyncEngine) -> None:
    """When the lock has expired the job belongs to whoever comes next."""
    await _enqueue(engine, 1)
    (first,) = await _claim(engine, lock=timedelta(seconds=-1))
    (second,) = await _claim(engine)
    assert (second.id, second.attempts) == (first.id, 2)


async def test_late_worker_cannot_end_a_job_that_is_another_ones_by_now(engine: AsyncEngine) -> None:
    """Finishing counts only for the attempt that holds the lock."""
    await _enqueue(engine, 1)
    (late,) = await _claim(engine, lock=timedelta(seconds=-1))
    await _claim(engine)
    async with engine.begin() as connection:
        await queue.finish(connection, late)
    await _fail(engine, late)
    (row,) = await _rows(engine)
    assert (row.state, row.attempts, row.last_error) == ("running", 2, None)


async def test_job_that_kills_its_worker_every_time_is_given_up(engine: AsyncEngine) -> None:
    """A job whose every attempt ended with an expired lock fails with a reason that says so."""
    await _enqueue(engine, 1)
    for _ in range(queue.MAX_ATTEMPTS):
        assert len(await _claim(engine, lock=timedelta(seconds=-1))) == 1
    assert await _claim(engine) == []
    (row,) = await _rows(engine)
    assert (row.state, "every attempt" in row.last_error) == ("failed", True)
