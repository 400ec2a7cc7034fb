"""Deleting a trace for good: its words, its vectors and all that was said about it."""

from uuid import UUID

from sqlalchemy import delete as delete_from
from sqlalchemy import exists, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import audit_log, outcomes, reports, traces, votes
from commontrace_server.ids import new_id
from commontrace_server.moderation import audit, publication
from commontrace_server.refusals import EvidenceStaysError, StarterStaysError, TraceNotFoundError
from commontrace_server.traces import service


async def delete(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> None:
    """Delete a trace of one's own. It cannot be undone.

    In a shared space that ends when others have spoken of it, amended it or decided about it: bad evidence
    is not washed off, and what a moderator does can be undone, so moderators retract. The audit log keeps
    that it was done, by whom and where, and nothing of the text. What it had replaced is in force again.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        ScopeMissingError, RoleMissingError: It is neither the caller's own nor the caller a moderator.
        StarterStaysError: It is a starter trace.
        EvidenceStaysError: It is somebody else's, or others have voted on it, used it or reported it.
    """
    trace = await service.find(connection, caller, trace_id)
    if trace.origin == "starter":
        raise StarterStaysError
    place = caller.named(trace.space)
    state = await audit.state(connection, trace.id)  # locked: from here on nobody speaks of it
    if state is None:  # somebody else was faster
        raise TraceNotFoundError
    mine = trace.author == caller.account_id
    if place.kind != "personal" and not (mine and await _unspoken(connection, caller, trace_id)):
        raise EvidenceStaysError
    entry = {
        "id": new_id(),
        "space_id": place.id,
        "trace_id": trace.id,
        "actor_id": caller.account_id,
        "act": "delete",
        "before": state,
        "after": state,
    }
    await connection.execute(insert(audit_log).values(entry))
    await publication.restore_former(connection, trace.id, actor=caller.account_id)
    await connection.execute(delete_from(traces).where(traces.c.id == trace.id))


async def _unspoken(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> bool:
    """Tell whether nobody but the caller has said anything about a trace, amended it or decided about it."""
    me = caller.account_id
    said = [
        exists().where(table.c.trace_id == trace_id, table.c.account_id != me)
        for table in (votes, outcomes, reports)
    ]
    amended = exists().where(traces.c.supersedes == trace_id, traces.c.author_id != me)
    decided = exists().where(audit_log.c.trace_id == trace_id, audit_log.c.actor_id != me)
    return not await connection.scalar(select(or_(*said, amended, decided)))
