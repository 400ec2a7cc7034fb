"""Traces out of the database, as a caller is told of them."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Select, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.builtin import LOCAL_ACCOUNT
from commontrace_server.database.tables import spaces, trace_embeddings, traces
from commontrace_server.reputation import grounds
from commontrace_server.reputation.schemas import Trust
from commontrace_server.traces.automatic import automatic
from commontrace_server.traces.schemas import Trace

_EMBEDDED: Final = exists().where(trace_embeddings.c.trace_id == traces.c.id).label("embedded")
OWN_COLUMNS: Final = [
    *(column for column in traces.c if column.name in Trace.model_fields),
    traces.c.author_id.label("author"),
    traces.c.confirmations,
]
SPACE_COLUMNS: Final = [spaces.c.slug.label("space"), spaces.c.kind.label("space_kind")]


def query(asking: UUID, *conditions: ColumnElement[bool]) -> Select[Any]:
    """Return what `trace` is made of, for the account that asks."""
    disliked = grounds.columns(asking)[-1]
    columns = (*OWN_COLUMNS, *SPACE_COLUMNS, _EMBEDDED, disliked)
    return select(*columns).join(spaces, spaces.c.id == traces.c.space_id).where(*conditions)


async def one(
    connection: AsyncConnection, *conditions: ColumnElement[bool], asking: UUID = LOCAL_ACCOUNT
) -> Trace | None:
    """Return the trace that fulfils the conditions, or None."""
    row = (await connection.execute(query(asking, *conditions))).mappings().one_or_none()
    return None if row is None else trace(row)


def trace(row: Mapping[Any, Any]) -> Trace:
    """Return the trace of a row of `query`."""
    facts = {name: row[name] for name in Trace.model_fields if name in row}
    return Trace(
        **facts,
        trust=Trust.model_validate(facts),
        automatic=automatic(grounds.of(row, row["space_kind"])),
    )
