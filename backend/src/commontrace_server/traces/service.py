"""Traces in the database. Nothing here commits: the caller's transaction decides."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import Uuid, any_, func, literal, select, update
from sqlalchemy.dialects.postgresql import ARRAY, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.builtin import LOCAL_ACCOUNT, LOCAL_SPACE
from commontrace_server.accounts.standing import Caller, Place
from commontrace_server.database.tables import idempotency_keys, traces
from commontrace_server.ids import new_id
from commontrace_server.jobs import queue
from commontrace_server.moderation import audit, publication
from commontrace_server.moderation.lifecycle import first_status
from commontrace_server.refusals import CursorError, IdempotencyKeyReusedError, TraceNotFoundError
from commontrace_server.traces import insertion, rows
from commontrace_server.traces.access import WITHDRAWN, visible
from commontrace_server.traces.content import all_signatures, content_hash
from commontrace_server.traces.schemas import Trace, TraceDraft, TracePage, TraceQuery

RETRACTED_BY: Final = "retracted_by"  # in provenance


class Creation(NamedTuple):
    """A trace, and whether it is new."""

    trace: Trace
    created: bool


async def create(  # noqa: PLR0913 - a contribution has this much about it
    connection: AsyncConnection,
    draft: TraceDraft,
    *,
    key: str | None = None,
    author: UUID = LOCAL_ACCOUNT,
    place: Place = LOCAL_SPACE,
    moderator: bool = False,
    held_for: Sequence[str] = (),
    proposal: bool = False,
    columns: Mapping[str, Any] | None = None,
) -> Creation:
    """Store a trace and queue its embedding, unless its space has it already.

    Args:
        connection: In the transaction that the caller commits.
        draft: What was contributed.
        key: The author's Idempotency-Key.
        author: The account that contributes.
        place: The space that it has found to be open to it; what the draft says of it is not looked at.
        moderator: Whether the author moderates the space.
        held_for: What screening found.
        proposal: Whether it only proposes: to replace what it supersedes, or without the person's yes.
        columns: `row_values` of the draft, where they are known; they take milliseconds of computing.

    Raises:
        IdempotencyKeyReusedError: `key` belongs to another draft.
    """
    status = first_status(space_kind=place.kind, moderator=moderator, held=bool(held_for), proposal=proposal)
    about = {"author_id": author, "space_id": place.id, "status": status, "held_for": list(held_for)}
    bound = None if key is None else {"key": key, "request_hash": _request_hash(draft)}
    values = {**(columns or row_values(draft)), **about, "id": new_id()}
    creation, is_bound = await _insert(connection, values, author, bound or {})
    if creation.created and status == "published" and draft.supersedes is not None:
        await publication.replace_former(connection, creation.trace.id, actor=author)
    waiting = not creation.created and status == "published" and place.kind == "personal"
    if waiting and await publication.approve(connection, creation.trace.id, actor=author):
        creation = Creation(await get(connection, creation.trace.id, author), created=False)
    if bound is None or is_bound:
        return creation
    return await _under_key(connection, creation, bound | {"account_id": author})


async def get(connection: AsyncConnection, trace_id: UUID, asking: UUID = LOCAL_ACCOUNT) -> Trace:
    """Return a trace.

    Raises:
        TraceNotFoundError: There is none with this id.
    """
    trace = await rows.one(connection, traces.c.id == trace_id, asking=asking)
    if trace is None:
        raise TraceNotFoundError
    return trace


async def seen(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> Trace:
    """Return a trace that the caller may see, whatever else it may do with it.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
    """
    trace = await rows.one(connection, traces.c.id == trace_id, visible(caller), asking=caller.account_id)
    if trace is None:
        raise TraceNotFoundError
    return trace


async def find(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> Trace:
    """Return a trace that the caller may do with what it asks for.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        ScopeMissingError, RoleMissingError: The caller may know of it, but not do this.
    """
    trace = await seen(connection, caller, trace_id)
    caller.check(caller.named(trace.space), own=trace.author == caller.account_id)
    return trace


async def retract(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> Trace:
    """Take a trace back, as its author or a moderator of its space; again it changes nothing.

    Who did it is written down with the trace: a starter trace that was retracted stays so. What it had
    replaced is in force again.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        ScopeMissingError, RoleMissingError: It is neither the caller's own nor the caller a moderator.
    """
    trace = await find(connection, caller, trace_id)
    entry = await audit.move(
        connection,
        trace.id,
        "retracted",
        act="retract",
        actor=caller.account_id,
        only_if=traces.c.status.not_in(WITHDRAWN),
    )
    if entry is not None:
        by = func.jsonb_build_object(RETRACTED_BY, str(caller.account_id))
        told = update(traces).where(traces.c.id == trace.id)
        await connection.execute(told.values(provenance=traces.c.provenance.op("||")(by)))
        await publication.restore_former(connection, trace.id, actor=caller.account_id)
    return await get(connection, trace.id, caller.account_id)


async def page(connection: AsyncConnection, caller: Caller, asked: TraceQuery) -> TracePage:
    """Return the traces that the caller can see, newest first, from where the cursor's page ended.

    Raises:
        CursorError: The cursor was not made by this function.
        SpaceNotFoundError: The caller knows no such space.
    """
    query = rows.query(caller.account_id, visible(caller))
    if asked.space is not None:
        query = query.where(traces.c.space_id == caller.named(asked.space).id)
    if asked.tag is not None:
        query = query.where(traces.c.tags.contains([asked.tag]))
    if asked.id:
        query = query.where(traces.c.id == any_(literal(asked.id, ARRAY(Uuid))))
    if asked.cursor is not None:
        query = query.where(traces.c.id < read_cursor(asked.cursor))
    query = query.order_by(traces.c.id.desc()).limit(asked.limit + 1)
    found = (await connection.execute(query)).mappings().all()
    items = [rows.trace(row) for row in found[: asked.limit]]
    more = len(found) > asked.limit
    return TracePage(items=items, next_cursor=make_cursor(items[-1].id) if more else None)


async def queue_embedding(connection: AsyncConnection, trace_id: UUID) -> None:
    """Queue the job that embeds a trace."""
    await queue.enqueue(connection, insertion.EMBED_JOB, {"trace_id": str(trace_id)})


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
        "supersedes": draft.supersedes,
        "valid_until": draft.valid_until,
    }


async def _insert(
    connection: AsyncConnection, values: dict[str, Any], author: UUID, bound: Mapping[str, str]
) -> tuple[Creation, bool]:
    """Store a trace, or find the one that its space has; and tell whether the author's key is bound to it."""
    stored = await insertion.store(connection, values, **bound)
    if stored is not None:
        return Creation(stored.trace, created=True), stored.bound
    same = traces.c.content_hash == values["content_hash"]
    existing = await rows.one(connection, traces.c.space_id == values["space_id"], same, asking=author)
    if existing is None:  # it was deleted in between
        return await _insert(connection, values, author, bound)
    return Creation(existing, created=False), False


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
    return Creation(await get(connection, earlier.trace_id, bound["account_id"]), created=False)


def _request_hash(draft: TraceDraft) -> str:
    # A field that is not used stays out: a replay must mean the same to a store that has learnt it since.
    unused = {name for name in ("space", "supersedes", "valid_until") if getattr(draft, name) is None}
    return hashlib.sha256(draft.model_dump_json(exclude=unused).encode()).hexdigest()


def make_cursor(last: UUID) -> str:
    """Return the cursor of what comes after this id."""
    return urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def read_cursor(cursor: str) -> UUID:
    """Return the id that a cursor was made of.

    Raises:
        CursorError: It was made of none.
    """
    try:
        return UUID(bytes=urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError as error:  # not base64, not ASCII, or not 16 bytes
        raise CursorError from error
