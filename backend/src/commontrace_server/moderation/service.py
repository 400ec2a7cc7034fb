"""Deciding about traces. Nothing here commits: the caller's transaction decides."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import audit_log, reports, spaces, traces
from commontrace_server.moderation import audit, publication
from commontrace_server.moderation import reports as complaints
from commontrace_server.moderation.schemas import (
    AuditQuery,
    Decision,
    Entry,
    EntryPage,
    Queue,
    QueueQuery,
    Waiting,
)
from commontrace_server.refusals import EntryNotFoundError, NotUndoableError, TransitionError
from commontrace_server.traces import rows, service

_WAITING = ("pending", "quarantined")
_IN_FORCE = ("published", "superseded")


async def queue(connection: AsyncConnection, caller: Caller, asked: QueueQuery) -> Queue:
    """Return the traces that wait for a decision where the caller moderates, newest first."""
    reported = select(reports.c.id).where(reports.c.trace_id == traces.c.id, reports.c.settled_by.is_(None))
    query = rows.query(
        caller.account_id,
        traces.c.space_id.in_(_moderated(caller, asked.space)),
        traces.c.status.in_(_WAITING) | reported.exists(),
    )
    if asked.cursor is not None:
        query = query.where(traces.c.id < service.read_cursor(asked.cursor))
    query = query.order_by(traces.c.id.desc()).limit(asked.limit + 1)
    found = [rows.trace(row) for row in (await connection.execute(query)).mappings()]
    page = found[: asked.limit]
    about = await complaints.unanswered(connection, [trace.id for trace in page])
    items = [Waiting(trace=trace, reports=about[trace.id]) for trace in page]
    return Queue(items=items, next_cursor=_next(page, found))


async def decide(connection: AsyncConnection, caller: Caller, trace_id: UUID, said: Decision) -> Entry:
    """Do what a moderator has decided, and answer the reports about the trace with it.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        RoleMissingError: The caller does not moderate its space.
        TransitionError: The trace cannot become that.
    """
    trace = await service.find(connection, caller, trace_id)
    actor = caller.account_id
    if said.decision == "quarantine":
        entry = await audit.move(
            connection, trace.id, "quarantined", act="quarantine", actor=actor, note=said.note
        )
    else:
        entry = await _publish(connection, trace.id, actor, said.note)
    if entry is None:
        raise TransitionError(trace.status, "quarantined" if said.decision == "quarantine" else "published")
    await complaints.settle(connection, trace.id, entry)
    if said.decision == "quarantine":
        await publication.restore_former(connection, trace.id, actor=actor)
    else:
        await publication.replace_former(connection, trace.id, actor=actor)
    return await _entry(connection, entry)


async def undo(connection: AsyncConnection, caller: Caller, entry_id: UUID, note: str | None) -> Entry:
    """Restore what an entry of the audit log has changed, reports included.

    Raises:
        EntryNotFoundError: There is none with this id that the caller may know of.
        RoleMissingError: The caller does not moderate its space.
        NotUndoableError: It was undone, or the trace is another since, or it is the author's own retraction.
    """
    row = (await connection.execute(select(audit_log).where(audit_log.c.id == entry_id))).one_or_none()
    place = caller.place(row.space_id) if row is not None else None
    if row is None or place is None:
        raise EntryNotFoundError
    caller.check(place)
    author = await connection.scalar(select(traces.c.author_id).where(traces.c.id == row.trace_id))
    if row.act == "retract" and row.actor_id == author != caller.account_id:
        raise NotUndoableError("an author's own retraction is the author's to undo")
    made = await audit.revert(connection, row, actor=caller.account_id, note=note)
    if made is None:
        raise NotUndoableError("the trace is not as this entry left it: undo what came after it first")
    await complaints.reopen(connection, row.id)
    if row.before["status"] not in _IN_FORCE:
        await publication.restore_former(connection, row.trace_id, actor=caller.account_id)
    return await _entry(connection, made)


async def log(connection: AsyncConnection, caller: Caller, asked: AuditQuery) -> EntryPage:
    """Return the audit log of the spaces that the caller moderates, newest first."""
    query = _entries().where(audit_log.c.space_id.in_(_moderated(caller, asked.space)))
    if asked.trace_id is not None:
        query = query.where(audit_log.c.trace_id == asked.trace_id)
    if asked.cursor is not None:
        query = query.where(audit_log.c.id < service.read_cursor(asked.cursor))
    query = query.order_by(audit_log.c.id.desc()).limit(asked.limit + 1)
    found = [Entry.model_validate(row) for row in await connection.execute(query)]
    page = found[: asked.limit]
    return EntryPage(items=page, next_cursor=_next(page, found))


async def _publish(connection: AsyncConnection, trace_id: UUID, actor: UUID, note: str | None) -> UUID | None:
    now = await audit.state(connection, trace_id)
    if now is not None and now["status"] == "published":
        cleared = now | {"held_for": []}
        return await audit.write(connection, trace_id, now, cleared, act="dismiss", actor=actor, note=note)
    return await audit.move(
        connection,
        trace_id,
        "published",
        act="publish",
        actor=actor,
        note=note,
        held_for=[],
        superseded_by=None,
    )


def _moderated(caller: Caller, slug: str | None) -> list[UUID]:
    if slug is not None:
        return [caller.check(caller.named(slug)).id]
    return [place.id for place in caller.readable() if caller.moderates(place)]


def _entries() -> Select[Any]:
    columns = [column for column in audit_log.c if column.name in Entry.model_fields]
    named = (audit_log.c.actor_id.label("actor"), spaces.c.slug.label("space"))
    return select(*columns, *named).join(spaces, spaces.c.id == audit_log.c.space_id)


async def _entry(connection: AsyncConnection, entry_id: UUID) -> Entry:
    row = (await connection.execute(_entries().where(audit_log.c.id == entry_id))).one()
    return Entry.model_validate(row)


def _next(page: list[Any], found: list[Any]) -> str | None:
    return service.make_cursor(page[-1].id) if len(found) > len(page) else None
