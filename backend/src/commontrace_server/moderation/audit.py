"""The audit log: every change of a trace's standing is one entry with what was before and after."""

from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import audit_log, traces
from commontrace_server.ids import new_id
from commontrace_server.moderation.lifecycle import Status, sources

# What an entry keeps of a trace, and an undo restores.
STATE: Final = ("status", "held_for", "superseded_by")


async def move(  # noqa: PLR0913 - an entry says all of this
    connection: AsyncConnection,
    trace_id: UUID,
    to: Status,
    *,
    act: str,
    actor: UUID | None = None,
    note: str | None = None,
    only_if: ColumnElement[bool] | None = None,
    **also: Any,
) -> UUID | None:
    """Change a trace's status and write it down; the trace's evidence is locked until the transaction ends.

    Args:
        connection: In the transaction that the caller commits.
        trace_id: The trace.
        to: Its new status.
        act: What is being done.
        actor: Who does it, None for a rule of the store.
        note: Why.
        only_if: Looked at with the trace locked.
        also: Other columns of STATE that change with it.

    Returns:
        The entry's id; None when the table of transitions, or `only_if`, does not allow it.
    """
    before = await _locked(connection, trace_id, only_if)
    if before is None or before["status"] not in sources(to):
        return None
    after = before | {"status": to} | also
    return await write(connection, trace_id, before, after, act=act, actor=actor, note=note)


async def write(  # noqa: PLR0913 - an entry says all of this
    connection: AsyncConnection,
    trace_id: UUID,
    before: dict[str, Any],
    after: dict[str, Any],
    *,
    act: str,
    actor: UUID | None,
    note: str | None = None,
    undoes: UUID | None = None,
) -> UUID:
    """Give a locked trace the state `after`, and add the entry that says so; return its id."""
    changed = update(traces).where(traces.c.id == trace_id).values(updated_at=func.now(), **_columns(after))
    space_id = await connection.scalar(changed.returning(traces.c.space_id))
    entry = {"id": new_id(), "space_id": space_id, "trace_id": trace_id, "actor_id": actor, "act": act}
    told = {"note": note, "before": before, "after": after, "undoes": undoes}
    await connection.execute(insert(audit_log).values(entry | told))
    return UUID(str(entry["id"]))


async def revert(
    connection: AsyncConnection, entry: Row[Any], *, actor: UUID | None, note: str | None = None
) -> UUID | None:
    """Restore what an entry changed; None when the trace is no longer as the entry left it."""
    now = await _locked(connection, entry.trace_id, None)
    if now is None or now != entry.after:
        return None
    return await write(
        connection, entry.trace_id, now, entry.before, act="undo", actor=actor, note=note, undoes=entry.id
    )


async def state(connection: AsyncConnection, trace_id: UUID) -> dict[str, Any] | None:
    """Return what a trace's entries are about, with the trace locked."""
    return await _locked(connection, trace_id, None)


async def _locked(
    connection: AsyncConnection, trace_id: UUID, only_if: ColumnElement[bool] | None
) -> dict[str, Any] | None:
    query = select(*(traces.c[name] for name in STATE)).where(traces.c.id == trace_id)
    if only_if is not None:
        query = query.where(only_if)
    row = (await connection.execute(query.with_for_update(key_share=True))).mappings().one_or_none()
    return None if row is None else dict(row) | {"superseded_by": _text(row["superseded_by"])}


def _columns(state: dict[str, Any]) -> dict[str, Any]:
    successor = state["superseded_by"]
    return state | {"superseded_by": None if successor is None else UUID(successor)}


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)
