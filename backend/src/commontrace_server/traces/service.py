"""Traces in the database. Nothing here commits: the caller's transaction decides."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, exists, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import idempotency_keys, trace_embeddings, traces
from commontrace_server.ids import new_id
from commontrace_server.jobs import queue
from commontrace_server.problems import CursorError, IdempotencyKeyReusedError, TraceNotFoundError
from commontrace_server.traces.content import all_signatures, content_hash
from commontrace_server.traces.schemas import Trace, TraceDraft, TracePage

EMBED_JOB: Final = "embed"

_EMBEDDED: Final = exists().where(trace_embeddings.c.trace_id == traces.c.id).label("embedded")
_COLUMNS: Final = [column for column in traces.c if column.name != "lexemes"]


class Creation(NamedTuple):
    """A trace, and whether it is new."""

    trace: Trace
    created: bool


async def create(connection: AsyncConnection, draft: TraceDraft, *, key: str | None = None) -> Creation:
    """Store a trace and queue its embedding, unless the store has it already.

    Args:
        connection: In the transaction that the caller commits.
        draft: What was contributed.
        key: The caller's Idempotency-Key.

    Raises:
        IdempotencyKeyReusedError: `key` belongs to another draft.
    """
    values = row_values(draft) | {"id": new_id()}
    creation = await _insert(connection, values)
    if key is None:
        return creation
    return await _under_key(connection, creation, key, _request_hash(draft))


async def get(connection: AsyncConnection, trace_id: UUID) -> Trace:
    """Return a trace.

    Raises:
        TraceNotFoundError: There is none with this id.
    """
    trace = await _one(connection, traces.c.id == trace_id)
    if trace is None:
        raise TraceNotFoundError
    return trace


async def page(connection: AsyncConnection, *, cursor: str | None, limit: int) -> TracePage:
    """Return up to `limit` traces, newest first, after the one that `cursor` stands for.

    Raises:
        CursorError: The cursor was not made by this function.
    """
    query = select(*_COLUMNS, _EMBEDDED).order_by(traces.c.id.desc()).limit(limit + 1)
    if cursor is not None:
        query = query.where(traces.c.id < _read_cursor(cursor))
    rows = (await connection.execute(query)).all()
    items = [Trace.model_validate(row) for row in rows[:limit]]
    more = len(rows) > limit
    return TracePage(items=items, next_cursor=_make_cursor(items[-1].id) if more else None)


async def queue_embedding(connection: AsyncConnection, trace_id: UUID) -> None:
    """Queue the job that embeds a trace."""
    await queue.enqueue(connection, EMBED_JOB, {"trace_id": str(trace_id)})


def row_values(draft: TraceDraft) -> dict[str, Any]:
    """Return the columns that a draft determines."""
    said = {"title": draft.title, "context_text": draft.context_text}
    return said | {
        "solution_text": draft.solution_text,
        "tags": draft.tags,
        "kind": draft.kind,
        "signatures": all_signatures(draft.signatures, **said),
        "environment": draft.environment.model_dump(),
        "provenance": draft.provenance.model_dump(exclude_none=True),
        "content_hash": content_hash(**said, solution_text=draft.solution_text, kind=draft.kind),
    }


async def _insert(connection: AsyncConnection, values: dict[str, Any]) -> Creation:
    statement = (
        insert(traces)
        .values(values)
        .on_conflict_do_nothing(index_elements=[traces.c.content_hash])
        .returning(*_COLUMNS, literal(False).label("embedded"))
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is not None:
        await queue_embedding(connection, row.id)
        return Creation(Trace.model_validate(row), created=True)
    existing = await _one(connection, traces.c.content_hash == values["content_hash"])
    assert existing is not None, "the row that the insert met cannot be gone: traces are not deleted"
    return Creation(existing, created=False)


async def _under_key(
    connection: AsyncConnection, creation: Creation, key: str, request_hash: str
) -> Creation:
    """Bind `key` to this creation, or answer with the one that it is bound to already.

    A concurrent request with the same key waits in the insert until this transaction ends. Every writer
    takes the trace first and the key second, so that two of them cannot wait for each other.
    """
    statement = (
        insert(idempotency_keys)
        .values(key=key, request_hash=request_hash, trace_id=creation.trace.id)
        .on_conflict_do_nothing(index_elements=[idempotency_keys.c.key])
        .returning(idempotency_keys.c.key)
    )
    if (await connection.execute(statement)).one_or_none() is not None:
        return creation
    bound = await connection.execute(
        select(idempotency_keys.c.request_hash, idempotency_keys.c.trace_id).where(
            idempotency_keys.c.key == key
        )
    )
    earlier = bound.one()
    if earlier.request_hash != request_hash:
        raise IdempotencyKeyReusedError
    return Creation(await get(connection, earlier.trace_id), created=False)


async def _one(connection: AsyncConnection, condition: ColumnElement[bool]) -> Trace | None:
    row = (await connection.execute(select(*_COLUMNS, _EMBEDDED).where(condition))).one_or_none()
    return None if row is None else Trace.model_validate(row)


def _request_hash(draft: TraceDraft) -> str:
    return hashlib.sha256(draft.model_dump_json().encode()).hexdigest()


def _make_cursor(last: UUID) -> str:
    return urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def _read_cursor(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:  # not base64, not ASCII, or not 16 bytes
        raise CursorError from error
