"""Traces in the database. Nothing here commits: the caller's transaction decides."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, func, literal, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.builtin import LOCAL_ACCOUNT, LOCAL_SPACE
from commontrace_server.accounts.standing import Caller, Place
from commontrace_server.database.tables import idempotency_keys, spaces, trace_embeddings, traces
from commontrace_server.ids import new_id
from commontrace_server.jobs import queue
from commontrace_server.problems import CursorError, IdempotencyKeyReusedError, TraceNotFoundError
from commontrace_server.traces.content import all_signatures, content_hash
from commontrace_server.traces.schemas import Trace, TraceDraft, TracePage, TraceQuery

EMBED_JOB: Final = "embed"
RETRACTED_BY: Final = "retracted_by"  # in provenance

_EMBEDDED: Final = exists().where(trace_embeddings.c.trace_id == traces.c.id).label("embedded")
_SPACE: Final = select(spaces.c.slug).where(spaces.c.id == traces.c.space_id).scalar_subquery().label("space")
_COLUMNS: Final = [
    *(column for column in traces.c if column.name in Trace.model_fields),
    traces.c.author_id.label("author"),
]
# Taken out of sight on purpose: only their author and the space's moderators still see them.
_WITHDRAWN: Final = ("retracted", "quarantined")


class Creation(NamedTuple):
    """A trace, and whether it is new."""

    trace: Trace
    created: bool


async def create(
    connection: AsyncConnection,
    draft: TraceDraft,
    *,
    key: str | None = None,
    author: UUID = LOCAL_ACCOUNT,
    place: Place = LOCAL_SPACE,
) -> Creation:
    """Store a trace and queue its embedding, unless its space has it already.

    Args:
        connection: In the transaction that the caller commits.
        draft: What was contributed.
        key: The author's Idempotency-Key.
        author: The account that contributes.
        place: The space that it has found to be open to it; what the draft says of it is not looked at.

    Raises:
        IdempotencyKeyReusedError: `key` belongs to another draft.
    """
    values = row_values(draft) | {"id": new_id(), "author_id": author, "space_id": place.id}
    creation = await _insert(connection, values, place)
    if key is None:
        return creation
    bound = {"account_id": author, "key": key, "request_hash": _request_hash(draft)}
    return await _under_key(connection, creation, bound)


async def get(connection: AsyncConnection, trace_id: UUID) -> Trace:
    """Return a trace.

    Raises:
        TraceNotFoundError: There is none with this id.
    """
    trace = await _one(connection, traces.c.id == trace_id)
    if trace is None:
        raise TraceNotFoundError
    return trace


async def find(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> Trace:
    """Return a trace that the caller may do with what it asks for.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        ScopeMissingError, RoleMissingError: The caller may know of it, but not do this.
    """
    trace = await _one(connection, traces.c.id == trace_id, visible(caller))
    if trace is None:
        raise TraceNotFoundError
    caller.check(caller.named(trace.space), own=trace.author == caller.account_id)
    return trace


def visible(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that a row of `traces` may be seen by the caller."""
    moderated = [place.id for place in caller.places.values() if place.role in ("moderator", "owner")]
    return and_(
        traces.c.space_id.in_(list(caller.places)),
        or_(
            traces.c.status.not_in(_WITHDRAWN),
            traces.c.author_id == caller.account_id,
            traces.c.space_id.in_(moderated),
        ),
    )


async def retract(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> Trace:
    """Take a trace back, as its author or a moderator of its space; again it changes nothing.

    Who did it is written down with the trace: a starter trace that was retracted stays so.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        ScopeMissingError, RoleMissingError: It is neither the caller's own nor the caller a moderator.
    """
    trace = await find(connection, caller, trace_id)
    by = func.jsonb_build_object(RETRACTED_BY, str(caller.account_id))
    change = update(traces).where(traces.c.id == trace.id, traces.c.status.not_in(_WITHDRAWN))
    values = {"status": "retracted", "provenance": traces.c.provenance.op("||")(by), "updated_at": func.now()}
    await connection.execute(change.values(values))
    return await get(connection, trace.id)


async def page(connection: AsyncConnection, caller: Caller, asked: TraceQuery) -> TracePage:
    """Return the traces that the caller can see, newest first, from where the cursor's page ended.

    Raises:
        CursorError: The cursor was not made by this function.
        SpaceNotFoundError: The caller knows no such space.
    """
    query = select(*_COLUMNS, _SPACE, _EMBEDDED).where(visible(caller))
    if asked.space is not None:
        query = query.where(traces.c.space_id == caller.named(asked.space).id)
    if asked.tag is not None:
        query = query.where(traces.c.tags.contains([asked.tag]))
    if asked.cursor is not None:
        query = query.where(traces.c.id < _read_cursor(asked.cursor))
    query = query.order_by(traces.c.id.desc()).limit(asked.limit + 1)
    rows = (await connection.execute(query)).all()
    items = [Trace.model_validate(row) for row in rows[: asked.limit]]
    more = len(rows) > asked.limit
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


async def _insert(connection: AsyncConnection, values: dict[str, Any], place: Place) -> Creation:
    statement = (
        insert(traces)
        .values(values)
        .on_conflict_do_nothing(index_elements=[traces.c.space_id, traces.c.content_hash])
        .returning(*_COLUMNS, literal(place.slug).label("space"), literal(False).label("embedded"))
    )
    row = (await connection.execute(statement)).one_or_none()
    if row is not None:
        await queue_embedding(connection, row.id)
        return Creation(Trace.model_validate(row), created=True)
    existing = await _one(
        connection,
        traces.c.space_id == place.id,
        traces.c.content_hash == values["content_hash"],
    )
    assert existing is not None, "the row that the insert met cannot be gone: traces are not deleted"
    return Creation(existing, created=False)


async def _under_key(connection: AsyncConnection, creation: Creation, bound: dict[str, Any]) -> Creation:
    """Bind a key to this creation, or answer with the one that it is bound to already.

    A concurrent request with the same key waits in the insert until this transaction ends. Every writer
    takes the trace first and the key second, so that two of them cannot wait for each other.
    """
    statement = (
        insert(idempotency_keys)
        .values(bound | {"trace_id": creation.trace.id})
        .on_conflict_do_nothing(index_elements=[idempotency_keys.c.account_id, idempotency_keys.c.key])
        .returning(idempotency_keys.c.key)
    )
    if (await connection.execute(statement)).one_or_none() is not None:
        return creation
    known = await connection.execute(
        select(idempotency_keys.c.request_hash, idempotency_keys.c.trace_id).where(
            idempotency_keys.c.account_id == bound["account_id"], idempotency_keys.c.key == bound["key"]
        )
    )
    earlier = known.one()
    if earlier.request_hash != bound["request_hash"]:
        raise IdempotencyKeyReusedError
    return Creation(await get(connection, earlier.trace_id), created=False)


async def _one(connection: AsyncConnection, *conditions: ColumnElement[bool]) -> Trace | None:
    query = select(*_COLUMNS, _SPACE, _EMBEDDED).where(*conditions)
    row = (await connection.execute(query)).one_or_none()
    return None if row is None else Trace.model_validate(row)


def _request_hash(draft: TraceDraft) -> str:
    # A field that is not used stays out: a replay must mean the same to a store that has learnt it since.
    unused = {"space"} if draft.space is None else None
    return hashlib.sha256(draft.model_dump_json(exclude=unused).encode()).hexdigest()


def _make_cursor(last: UUID) -> str:
    return urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def _read_cursor(cursor: str) -> UUID:
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:  # not base64, not ASCII, or not 16 bytes
        raise CursorError from error
