"""Spaces in and out of the database, a batch at a time: no connection waits for a slow client."""

import json
from collections.abc import AsyncIterator, Iterable, Sequence
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.accounts.standing import Caller, Place
from commontrace_server.database.tables import traces
from commontrace_server.ids import new_id
from commontrace_server.jobs import queue
from commontrace_server.moderation import screening
from commontrace_server.moderation.lifecycle import first_status
from commontrace_server.traces.access import visible
from commontrace_server.traces.insertion import EMBED_JOB
from commontrace_server.transfer import arrival
from commontrace_server.transfer.schemas import CarriedTallies, Line

EXPORT_BATCH: Final = 100
_MOST_OBJECTIONS: Final = 5  # that a refused line is told of
_COLUMNS: Final = [
    traces.c[name]
    for name in (*Line.model_fields, *CarriedTallies.model_fields, "author_id")
    if name in traces.c
]
# By COPY and one INSERT a trace takes a tenth of the time that an INSERT with all its values takes.
_ARRIVALS: Final = text(
    "CREATE TEMPORARY TABLE IF NOT EXISTS arrivals (LIKE traces INCLUDING DEFAULTS) ON COMMIT DELETE ROWS"
)
_NO_ARRIVALS: Final = text("DELETE FROM arrivals")
# One import per space at a time: two that bring the same lines in another order would wait for each other.
_LOCK: Final = text("SELECT pg_advisory_xact_lock(:lock)")


class Sender(NamedTuple):
    """Whose lines they become, in which space, and what the key that sent them may do there."""

    account_id: UUID
    place: Place
    moderates: bool
    approved: bool

    @classmethod
    def of(cls, caller: Caller, place: Place) -> "Sender":
        """Return who asks now."""
        return cls(caller.account_id, place, caller.moderates(place), caller.approved)


class Arrived(NamedTuple):
    """The trace that a line is in this store, and whether the line made it."""

    id: UUID
    created: bool


async def export(engine: AsyncEngine, caller: Caller, place: Place) -> AsyncIterator[Line]:
    """Yield the traces of a space that the caller may see, oldest first."""
    query = select(*_COLUMNS).where(visible(caller), traces.c.space_id == place.id)
    query = query.order_by(traces.c.id).limit(EXPORT_BATCH)
    after: UUID | None = None
    while True:
        page = query if after is None else query.where(traces.c.id > after)
        async with engine.connect() as connection:
            rows = (await connection.execute(page)).mappings().all()
        for row in rows:
            yield arrival.departing(row)
        if len(rows) < EXPORT_BATCH:
            return
        after = rows[-1]["id"]


def prepared(sender: Sender, line: Line) -> dict[str, Any] | str:
    """Return the row that a line becomes; or why it is refused.

    Takes a while: the text is screened and signatures are derived. What was in force elsewhere begins here
    like any other contribution.
    """
    kinds, objections = screening.judged(line)
    if objections:
        return "; ".join(f"{field}: {rule}" for field, rule in objections[:_MOST_OBJECTIONS])
    held = list(dict.fromkeys([*line.held_for, *kinds]))
    in_force = first_status(
        space_kind=sender.place.kind,
        moderator=sender.moderates,
        held=bool(held),
        proposal=not sender.approved,
    )
    row = arrival.row_values(line, now=datetime.now(UTC))
    if sender.place.kind != "personal" and not sender.moderates:
        row["last_verified_at"] = None  # anybody can write a file that claims it
    return row | {
        "id": line.id or new_id(),
        "space_id": sender.place.id,
        "author_id": sender.account_id,
        "status": in_force if line.status == "published" else line.status,
        "held_for": held,
    }


async def add(connection: AsyncConnection, place: Place, rows: Sequence[dict[str, Any]]) -> list[Arrived]:
    """Store those of `rows` that the space does not have yet, and queue their embedding.

    Args:
        connection: In the transaction that the caller commits.
        place: The space that they are for.
        rows: One or more.

    Returns:
        One per row, in order.
    """
    await connection.execute(_LOCK, {"lock": int.from_bytes(place.id.bytes[-8:], signed=True)})
    known = await _present(connection, place, rows)
    created = await _insert(connection, [row for row in rows if row["content_hash"] not in known])
    known |= created
    # Their ids are other traces' here: they get new ones, and say which they had.
    renamed = [_renamed(row) for row in rows if row["content_hash"] not in known]
    created |= await _insert(connection, renamed)
    if renamed:  # or contributed in this moment
        known |= await _present(connection, place, renamed)
    embeddings = [{"trace_id": str(trace_id)} for trace_id in created.values()]
    await queue.enqueue_all(connection, EMBED_JOB, embeddings, priority=queue.IN_BULK)
    # Of equal lines only the first has made the trace.
    digests = [row["content_hash"] for row in rows]
    return [Arrived(known[digest], created.pop(digest, None) is not None) for digest in digests]


def _renamed(row: dict[str, Any]) -> dict[str, Any]:
    return row | {"id": new_id(), "provenance": row["provenance"] | {arrival.FORMER_ID: str(row["id"])}}


async def _insert(connection: AsyncConnection, rows: list[dict[str, Any]]) -> dict[str, UUID]:
    """Insert what is in nobody's way; the new ids by content hash."""
    if not rows:
        return {}
    await connection.execute(_ARRIVALS)
    await connection.execute(_NO_ARRIVALS)
    names = list(rows[0])
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_records_to_table("arrivals", records=map(_record, rows), columns=names)
    listed = ", ".join(names)
    statement = f"INSERT INTO traces ({listed}) SELECT {listed} FROM arrivals ON CONFLICT DO NOTHING"  # noqa: S608
    added = await connection.execute(text(f"{statement} RETURNING content_hash, id"))
    return {row.content_hash: row.id for row in added}


def _record(row: dict[str, Any]) -> tuple[Any, ...]:
    """The values as COPY takes them."""
    return tuple(json.dumps(value) if isinstance(value, dict) else value for value in row.values())


async def _present(
    connection: AsyncConnection, place: Place, rows: Iterable[dict[str, Any]]
) -> dict[str, UUID]:
    """Those of `rows` that the space has already: their ids by content hash."""
    query = select(traces.c.content_hash, traces.c.id).where(
        traces.c.space_id == place.id, traces.c.content_hash.in_([row["content_hash"] for row in rows])
    )
    return {row.content_hash: row.id for row in await connection.execute(query)}
