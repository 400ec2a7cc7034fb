"""Jobs that the store gives itself: each night, and soon after something has changed."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import DateTime, cast, exists, func, insert, literal, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import jobs
from commontrace_server.jobs import queue

REFRESH: Final = "refresh-reputation"
NIGHTLY: Final = "nightly"
RECOUNT: Final = "recount"
EXPIRE: Final = "expire"

DEBOUNCE: Final = timedelta(seconds=30)  # changes within this time are one refresh
_NIGHT_HOUR: Final = 3  # UTC


async def soon(connection: AsyncConnection, kind: str, delay: timedelta = DEBOUNCE) -> None:
    """Queue a job of this kind unless one is waiting.

    Nothing waits for another transaction here. Of two that begin at once each may add one; the second then
    finds nothing left to do.
    """
    await _unless_waiting(connection, kind, datetime.now(UTC) + delay)


async def root_changed(connection: AsyncConnection, root: UUID) -> None:
    """Queue counting anew what a root's accounts have judged: its standing, or who belongs to it, changed."""
    await queue.enqueue(connection, RECOUNT, {"root": str(root)})


async def nightly(connection: AsyncConnection) -> None:
    """Queue the next night's job unless it is waiting; of several processes that begin at once one does."""
    await connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"commontrace {NIGHTLY}"))))
    now = datetime.now(UTC)
    night = now.replace(hour=_NIGHT_HOUR, minute=0, second=0, microsecond=0)
    await _unless_waiting(connection, NIGHTLY, night if night > now else night + timedelta(days=1))


async def _unless_waiting(connection: AsyncConnection, kind: str, when: datetime) -> None:
    queue.note(connection, kind)
    waiting = exists().where(jobs.c.kind == kind, jobs.c.state == "queued")
    values = select(literal(kind), cast(literal(when), DateTime(timezone=True))).where(~waiting)
    await connection.execute(insert(jobs).from_select(["kind", "run_at"], values))
