"""Deleting a trace for good: its words, its vectors and all that was said about it."""

from uuid import UUID

from sqlalchemy import delete as delete_from
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import audit_log, traces
from commontrace_server.ids import new_id
from commontrace_server.moderation import audit, publication
from commontrace_server.refusals import StarterStaysError, TraceNotFoundError
from commontrace_server.traces import service


async def delete(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> None:
    """Delete a trace, as its author or a moderator of its space. It cannot be undone.

    The audit log keeps that it was done, by whom and where, and nothing of the text. What it had replaced is
    in force again.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        ScopeMissingError, RoleMissingError: It is neither the caller's own nor the caller a moderator.
        StarterStaysError: It is a starter trace.
    """
    trace = await service.find(connection, caller, trace_id)
    if trace.origin == "starter":
        raise StarterStaysError
    state = await audit.state(connection, trace.id)
    if state is None:  # somebody else was faster
        raise TraceNotFoundError
    entry = {
        "id": new_id(),
        "space_id": caller.named(trace.space).id,
        "trace_id": trace.id,
        "actor_id": caller.account_id,
        "act": "delete",
        "before": state,
        "after": state,
    }
    await connection.execute(insert(audit_log).values(entry))
    await publication.restore_former(connection, trace.id, actor=caller.account_id)
    await connection.execute(delete_from(traces).where(traces.c.id == trace.id))
