"""How a trace becomes published, and what that does to the one that it replaces."""

from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import audit_log, traces
from commontrace_server.moderation import audit
from commontrace_server.traces.automatic import CONFIRMATIONS

# Enough known roots speak for it, it is mostly good, and nothing was found in it.
_CONFIRMED: ColumnElement[bool] = and_(
    traces.c.status == "pending",
    func.cardinality(traces.c.held_for) == 0,
    traces.c.confirmations >= CONFIRMATIONS,
    traces.c.votes_up + traces.c.outcomes_worked > traces.c.votes_down + traces.c.outcomes_failed,
)


async def confirm(connection: AsyncConnection, trace_id: UUID) -> None:
    """Publish a pending trace that enough independent roots have confirmed; leave any other as it is."""
    entry = await audit.move(connection, trace_id, "published", act="confirm", only_if=_CONFIRMED)
    if entry is not None:
        await replace_former(connection, trace_id, actor=None)


async def approve(connection: AsyncConnection, trace_id: UUID, *, actor: UUID) -> bool:
    """Publish what waited in a personal space only for its person's yes; tell whether it did."""
    waits = and_(
        traces.c.status == "pending", func.cardinality(traces.c.held_for) == 0, traces.c.author_id == actor
    )
    entry = await audit.move(connection, trace_id, "published", act="approve", actor=actor, only_if=waits)
    if entry is not None:
        await replace_former(connection, trace_id, actor=actor)
    return entry is not None


async def replace_former(connection: AsyncConnection, trace_id: UUID, *, actor: UUID | None) -> bool:
    """Make the trace that this one names superseded, if it is in the same space; tell whether it was done."""
    new, old = traces.alias("new"), traces.alias("old")
    former = await connection.scalar(
        select(old.c.id)
        .join(new, (new.c.supersedes == old.c.id) & (new.c.space_id == old.c.space_id))
        .where(new.c.id == trace_id)
    )
    if former is None:
        return False
    entry = await audit.move(
        connection, former, "superseded", act="supersede", actor=actor, superseded_by=str(trace_id)
    )
    return entry is not None


async def restore_former(connection: AsyncConnection, trace_id: UUID, *, actor: UUID | None) -> None:
    """Give what this trace had replaced its place back, in the status that it had."""
    undone = audit_log.alias("undone")
    entry = (
        await connection.execute(
            select(audit_log)
            .join(traces, traces.c.id == audit_log.c.trace_id)
            .outerjoin(undone, undone.c.undoes == audit_log.c.id)
            .where(
                traces.c.superseded_by == trace_id,
                traces.c.status == "superseded",
                audit_log.c.act == "supersede",
                undone.c.id.is_(None),
            )
            .order_by(audit_log.c.id.desc())
            .limit(1)
        )
    ).one_or_none()
    if entry is not None:
        await audit.revert(connection, entry, actor=actor)
