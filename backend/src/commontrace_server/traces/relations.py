"""Traces that say nearly the same as another, and traces that contradict it."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, or_, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import traces
from commontrace_server.traces.access import visible
from commontrace_server.traces.content import likeness
from commontrace_server.traces.schemas import Related, Trace, WholeTrace

SIMILAR: Final = 0.5  # share of common phrases; below it two texts are about the same thing but say their own
_MOST: Final = 5
_CANDIDATES: Final = 30
_READ_CHARACTERS: Final = 4000  # of each text: enough to tell, and little to fetch
_LIVE: Final = ("published", "pending")
_COLUMNS: Final = (
    traces.c.id,
    traces.c.title,
    traces.c.status,
    traces.c.kind,
    traces.c.signatures,
    func.left(traces.c.context_text, _READ_CHARACTERS).label("context_text"),
    func.left(traces.c.solution_text, _READ_CHARACTERS).label("solution_text"),
)


async def surrounded(connection: AsyncConnection, caller: Caller, trace: Trace) -> WholeTrace:
    """Return a trace with those of its space that are similar to it or contradict it."""
    text = _text(trace.title, trace.context_text, trace.solution_text)
    near = [
        (_related(row, text), set(row.signatures)) for row in await _candidates(connection, caller, trace)
    ]
    near.sort(key=lambda item: -item[0].similarity)
    similar = [other for other, _ in near if other.similarity >= SIMILAR and other.id != trace.supersedes]
    opposed = [
        other
        for other, signatures in near
        if signatures & set(trace.signatures) and (other.kind == "dead_end") != (trace.kind == "dead_end")
    ]
    facts = {name: getattr(trace, name) for name in Trace.model_fields}
    return WholeTrace(**facts, similar=similar[:_MOST], contradictions=opposed[:_MOST])


async def _candidates(connection: AsyncConnection, caller: Caller, trace: Trace) -> list[Row[Any]]:
    """Live traces of the space with the same error, or with all words of the title."""
    words = func.plainto_tsquery("english", trace.title)
    same: list[ColumnElement[bool]] = [traces.c.lexemes.op("@@")(words)]
    if trace.signatures:
        same.append(traces.c.signatures.overlap(trace.signatures))
    place = caller.named(trace.space).id
    query = select(*_COLUMNS).where(
        visible(caller), traces.c.space_id == place, traces.c.status.in_(_LIVE), traces.c.id != trace.id
    )
    return list(await connection.execute(query.where(or_(*same)).limit(_CANDIDATES)))


def _related(row: Row[Any], text: str) -> Related:
    similarity = likeness(text, _text(row.title, row.context_text, row.solution_text))
    return Related(
        id=row.id, title=row.title, status=row.status, kind=row.kind, similarity=round(similarity, 2)
    )


def _text(title: str, context: str, solution: str) -> str:
    return f"{title}\n{context[:_READ_CHARACTERS]}\n{solution[:_READ_CHARACTERS]}"
