"""Traces that have run out: their time is over, or nobody has confirmed them for long."""

from datetime import timedelta
from typing import Final

from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import spaces, traces
from commontrace_server.moderation import audit

UNCONFIRMED: Final = timedelta(days=180)  # that a public contribution waits for somebody to confirm it
_BATCH: Final = 100  # traces whose locks are held at a time

_OVER: Final = and_(traces.c.valid_until < func.now(), traces.c.status.in_(("pending", "published")))
_FORGOTTEN: Final = and_(
    traces.c.status == "pending",
    traces.c.created_at < func.now() - UNCONFIRMED,
    traces.c.space_id.in_(select(spaces.c.id).where(spaces.c.kind == "public")),
)


async def expire(engine: AsyncEngine, most: int) -> int:
    """Expire what has run out, in short transactions that pass over what others have locked.

    Args:
        engine: The store's database.
        most: So many traces, and what completes the last transaction; there may be more.

    Returns:
        How many traces have expired.
    """
    due = select(traces.c.id).where(or_(_OVER, _FORGOTTEN)).order_by(traces.c.id).limit(_BATCH)
    expired = 0
    while expired < most:
        async with engine.begin() as connection:
            found = list(await connection.scalars(due.with_for_update(key_share=True, skip_locked=True)))
            for trace_id in found:
                await audit.move(connection, trace_id, "expired", act="expire")
        expired += len(found)
        if len(found) < _BATCH:
            break
    return expired
