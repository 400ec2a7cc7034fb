"""The queue: rows of `jobs`, claimed with SKIP LOCKED, deleted when done.

A job is done at least once. Its lock expires, so that a worker that was killed loses nothing; the number of
the attempt fences off a worker that comes back after its lock has expired.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import jobs

MAX_ATTEMPTS: Final = 5
LOCK: Final = timedelta(minutes=1)
# Of the jobs that are due the lowest comes first: a whole file does not keep a single contribution waiting.
BY_THE_PIECE: Final = 0
OF_AN_IMPORT: Final = 1
IN_BULK: Final = 2
_FIRST_DELAY_SECONDS: Final = 2.0
_MAX_DELAY_SECONDS: Final = 600.0
_ERROR_LENGTH: Final = 500
_LOST: Final = "The worker ended, or took too long, on every attempt."


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; `attempts` counts this attempt too."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int


async def enqueue(connection: AsyncConnection, kind: str, payload: Mapping[str, Any]) -> None:
    """Add a job; it exists when the caller's transaction commits."""
    await connection.execute(insert(jobs).values(kind=kind, payload=dict(payload)))


async def enqueue_all(
    connection: AsyncConnection, kind: str, payloads: Sequence[Mapping[str, Any]], *, priority: int
) -> list[int]:
    """Add any number of jobs in one round trip; return their ids."""
    if not payloads:
        return []
    values = [{"kind": kind, "payload": dict(payload), "priority": priority} for payload in payloads]
    return list(await connection.scalars(insert(jobs).returning(jobs.c.id), values))


async def claim(
    connection: AsyncConnection, kinds: Sequence[str], *, limit: int = 1, lock: timedelta = LOCK
) -> list[Job]:
    """Take up to `limit` due jobs of `kinds`, by priority and age, for the time of `lock`."""
    await _reclaim(connection)
    due = (
        select(jobs.c.id)
        .where(jobs.c.state == "queued", jobs.c.run_at <= func.now(), jobs.c.kind.in_(kinds))
        .order_by(jobs.c.priority, jobs.c.run_at, jobs.c.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
        .cte("due")
    )
    taken = await connection.execute(
        update(jobs)
        .where(jobs.c.id == due.c.id)
        .values(state="running", attempts=jobs.c.attempts + 1, locked_until=func.now() + lock)
        .returning(jobs.c.id, jobs.c.kind, jobs.c.payload, jobs.c.attempts)
    )
    return sorted((Job(*row) for row in taken), key=lambda job: job.id)


async def hold(connection: AsyncConnection, job: Job, *, lock: timedelta = LOCK) -> None:
    """Lock a job that is still this attempt's for the time of `lock` from now on."""
    await connection.execute(update(jobs).where(_still_ours(job)).values(locked_until=func.now() + lock))


async def finish(connection: AsyncConnection, job: Job) -> None:
    """Forget a job that is done."""
    await connection.execute(delete(jobs).where(_still_ours(job)))


async def fail(connection: AsyncConnection, job: Job, error: str) -> None:
    """Queue a job again after a pause that doubles with every attempt, or give it up after MAX_ATTEMPTS."""
    values: dict[str, Any] = {"last_error": error.replace("\0", "")[:_ERROR_LENGTH], "locked_until": None}
    if job.attempts >= MAX_ATTEMPTS:
        values["state"] = "failed"
    else:
        values |= {"state": "queued", "run_at": func.now() + backoff(job.attempts)}
    await connection.execute(update(jobs).where(_still_ours(job)).values(values))


async def next_due(connection: AsyncConnection, kinds: Sequence[str]) -> datetime | None:
    """Return when the next queued job of `kinds` may run, or None when there is none."""
    earliest = select(func.min(jobs.c.run_at)).where(jobs.c.state == "queued", jobs.c.kind.in_(kinds))
    due: datetime | None = await connection.scalar(earliest)
    return due


def backoff(attempts: int) -> timedelta:
    """Return the pause after the given number of failed attempts."""
    return timedelta(seconds=min(_FIRST_DELAY_SECONDS * 2 ** (attempts - 1), _MAX_DELAY_SECONDS))


def _still_ours(job: Job) -> ColumnElement[bool]:
    return and_(jobs.c.id == job.id, jobs.c.state == "running", jobs.c.attempts == job.attempts)


async def _reclaim(connection: AsyncConnection) -> None:
    """Return the jobs whose lock has expired to the queue; those out of attempts have failed."""
    spent = jobs.c.attempts >= MAX_ATTEMPTS
    expired = (
        select(jobs.c.id)
        .where(jobs.c.state == "running", jobs.c.locked_until < func.now())
        .with_for_update(skip_locked=True)
        .cte("expired")
    )
    await connection.execute(
        update(jobs)
        .where(jobs.c.id == expired.c.id)
        .values(
            state=case((spent, "failed"), else_="queued"),
            locked_until=None,
            last_error=case((spent, func.coalesce(jobs.c.last_error, _LOST)), else_=jobs.c.last_error),
        )
    )
