"""The queue: rows of `jobs`, claimed with SKIP LOCKED, deleted when done.

A job is done at least once. Its lock expires, so that a worker that was killed loses nothing; the number of
the attempt fences off a worker that comes back after its lock has expired.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Integer,
    Interval,
    Text,
    and_,
    any_,
    bindparam,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import jobs

MAX_ATTEMPTS: Final = 5
LOCK: Final = timedelta(seconds=30)  # renewed three times meanwhile; who is silent for so long is replaced
# Of the jobs that are due the lowest comes first: a whole file does not keep a single contribution waiting.
BY_THE_PIECE: Final = 0
OF_AN_IMPORT: Final = 1
IN_BULK: Final = 2
_FIRST_DELAY_SECONDS: Final = 2.0
_MAX_DELAY_SECONDS: Final = 600.0
_ERROR_LENGTH: Final = 500
_NOTED: Final = "jobs that were added"  # in the info of a connection
_LOST: Final = "The worker ended, or took too long, on every attempt."

# Built once: a look into an empty queue follows every write, and most of its cost would be their making.
_OF_KINDS: Final = jobs.c.kind == any_(bindparam("kinds", type_=ARRAY(Text)))
_DUE: Final = (
    select(jobs.c.id)
    .where(jobs.c.state == "queued", jobs.c.run_at <= func.now(), _OF_KINDS)
    .order_by(jobs.c.priority, jobs.c.run_at, jobs.c.id)
    .limit(bindparam("most", type_=Integer))
    .with_for_update(skip_locked=True)
    .cte("due")
)
_TAKE: Final = (
    update(jobs)
    .where(jobs.c.id == _DUE.c.id)
    .values(
        state="running",
        attempts=jobs.c.attempts + 1,
        locked_until=func.now() + bindparam("lock", type_=Interval),
    )
    .returning(jobs.c.id, jobs.c.kind, jobs.c.payload, jobs.c.attempts)
)
_NEXT_DUE: Final = select(func.min(jobs.c.run_at)).where(jobs.c.state == "queued", _OF_KINDS)
_SPENT: Final = jobs.c.attempts >= MAX_ATTEMPTS
_EXPIRED: Final = (
    select(jobs.c.id)
    .where(jobs.c.state == "running", jobs.c.locked_until < func.now())
    .with_for_update(skip_locked=True)
    .cte("expired")
)
# Jobs whose lock has expired return to the queue; those out of attempts have failed.
_RECLAIM: Final = (
    update(jobs)
    .where(jobs.c.id == _EXPIRED.c.id)
    .values(
        state=case((_SPENT, "failed"), else_="queued"),
        locked_until=None,
        last_error=case((_SPENT, func.coalesce(jobs.c.last_error, _LOST)), else_=jobs.c.last_error),
    )
)


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed job; `attempts` counts this attempt too."""

    id: int
    kind: str
    payload: Mapping[str, Any]
    attempts: int


async def enqueue(connection: AsyncConnection, kind: str, payload: Mapping[str, Any]) -> None:
    """Add a job; it exists when the caller's transaction commits."""
    note(connection, kind)
    await connection.execute(insert(jobs).values(kind=kind, payload=dict(payload)))


async def enqueue_all(
    connection: AsyncConnection, kind: str, payloads: Sequence[Mapping[str, Any]], *, priority: int
) -> list[int]:
    """Add any number of jobs in one round trip; return their ids."""
    if not payloads:
        return []
    note(connection, kind)
    values = [{"kind": kind, "payload": dict(payload), "priority": priority} for payload in payloads]
    return list(await connection.scalars(insert(jobs).returning(jobs.c.id), values))


def note(connection: AsyncConnection, kind: str) -> None:
    """Note that the transaction of `connection` adds a job of this kind."""
    connection.info.setdefault(_NOTED, set()).add(kind)


def noted(connection: AsyncConnection) -> Set[str]:
    """Return the kinds of jobs that were noted, and forget them."""
    kinds: set[str] = connection.info.pop(_NOTED, set())
    return kinds


async def claim(
    connection: AsyncConnection, kinds: Sequence[str], *, limit: int = 1, lock: timedelta = LOCK
) -> list[Job]:
    """Take up to `limit` due jobs of `kinds`, by priority and age, for the time of `lock`."""
    await connection.execute(_RECLAIM)
    return await take(connection, kinds, limit=limit, lock=lock)


async def take(
    connection: AsyncConnection, kinds: Sequence[str], *, limit: int, lock: timedelta = LOCK
) -> list[Job]:
    """Take what is queued, as `claim` does, and nothing that was lost."""
    taken = await connection.execute(_TAKE, {"kinds": list(kinds), "most": limit, "lock": lock})
    return sorted((Job(*row) for row in taken), key=lambda job: job.id)


async def hold(connection: AsyncConnection, *held: Job, lock: timedelta = LOCK) -> None:
    """Lock jobs that are still these attempts' for the time of `lock` from now on."""
    ours = or_(*map(_still_ours, held))
    await connection.execute(update(jobs).where(ours).values(locked_until=func.now() + lock))


async def finish(connection: AsyncConnection, *done: Job) -> None:
    """Forget jobs that are done."""
    await connection.execute(delete(jobs).where(or_(*map(_still_ours, done))))


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
    due: datetime | None = await connection.scalar(_NEXT_DUE, {"kinds": list(kinds)})
    return due


def backoff(attempts: int) -> timedelta:
    """Return the pause after the given number of failed attempts."""
    return timedelta(seconds=min(_FIRST_DELAY_SECONDS * 2 ** (attempts - 1), _MAX_DELAY_SECONDS))


def _still_ours(job: Job) -> ColumnElement[bool]:
    return and_(jobs.c.id == job.id, jobs.c.state == "running", jobs.c.attempts == job.attempts)
