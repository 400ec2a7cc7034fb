"""A contribution becomes a row: one statement stores it, queues its embedding and binds its author's key."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from sqlalchemy import Text, bindparam, cast, exists, false, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import idempotency_keys, jobs, spaces, traces
from commontrace_server.jobs import queue
from commontrace_server.traces import rows
from commontrace_server.traces.schemas import Trace

EMBED_JOB: Final = "embed"
_GIVEN: Final = (
    "id",
    "space_id",
    "author_id",
    "title",
    "context_text",
    "solution_text",
    "tags",
    "kind",
    "status",
    "signatures",
    "environment",
    "provenance",
    "content_hash",
    "supersedes",
    "valid_until",
    "held_for",
)

# Built once: a statement that is put together for each request costs more than executing it.
_MADE: Final = (
    insert(traces)
    .values({name: bindparam(name) for name in _GIVEN})
    .on_conflict_do_nothing(index_elements=[traces.c.space_id, traces.c.content_hash])
    .returning(*rows.OWN_COLUMNS, traces.c.space_id)
    .cte("made")
)
_QUEUED: Final = (
    insert(jobs)
    .from_select(
        ["kind", "payload"],
        select(literal(EMBED_JOB), func.jsonb_build_object("trace_id", cast(_MADE.c.id, Text))),
    )
    .cte("queued")
)
# A concurrent request with the same key waits here until this transaction ends.
_BOUND: Final = (
    insert(idempotency_keys)
    .from_select(
        ["account_id", "key", "request_hash", "trace_id"],
        select(
            bindparam("author_id", type_=idempotency_keys.c.account_id.type),
            bindparam("key", type_=Text),
            bindparam("request_hash", type_=Text),
            _MADE.c.id,
        ).where(bindparam("key", type_=Text).is_not(None)),
    )
    .on_conflict_do_nothing(index_elements=[idempotency_keys.c.account_id, idempotency_keys.c.key])
    .returning(idempotency_keys.c.key)
    .cte("bound")
)
STORE: Final = (
    select(
        _MADE,
        *rows.SPACE_COLUMNS,
        false().label("embedded"),
        false().label("disliked"),
        exists(select(_BOUND.c.key)).label("bound"),
    )
    .join(spaces, spaces.c.id == _MADE.c.space_id)
    .add_cte(_QUEUED)
)


class Stored(NamedTuple):
    """A new trace, and whether its author's key is bound to it."""

    trace: Trace
    bound: bool


async def store(
    connection: AsyncConnection,
    values: Mapping[str, Any],
    *,
    key: str | None = None,
    request_hash: str | None = None,
) -> Stored | None:
    """Store a trace, queue its embedding, and bind `key` to it unless it is bound to another.

    Args:
        connection: In the transaction that the caller commits.
        values: Columns of `traces`, all that a contribution determines.
        key: The author's Idempotency-Key.
        request_hash: Digest of what was sent with it.

    Returns:
        None when its space has the trace already; nothing is bound then.
    """
    given = {name: values[name] for name in _GIVEN} | {"key": key, "request_hash": request_hash}
    row = (await connection.execute(STORE, given)).mappings().one_or_none()
    if row is None:
        return None
    queue.note(connection, EMBED_JOB)
    return Stored(rows.trace(row), row["bound"])
