"""Traces that say nearly the same as another, and traces that contradict it."""

from collections.abc import Set
from typing import Any, Final

from sqlalchemy import Row, Text, Uuid, bindparam, func, or_, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.statements import constants
from commontrace_server.database.tables import traces
from commontrace_server.traces.content import Phrase, likeness, phrases
from commontrace_server.traces.schemas import Related, Trace, WholeTrace

SIMILAR: Final = 0.5  # share of common phrases; below it two texts are about the same thing but say their own
_MOST: Final = 5
_MOST_READ: Final = 30
_READ_CHARACTERS: Final = 4000  # of each text: enough to tell, and little to fetch
_LIVE: Final = constants(("published", "pending"))
_COLUMNS: Final = (
    traces.c.id,
    traces.c.title,
    traces.c.status,
    traces.c.kind,
    traces.c.signatures,
    func.left(traces.c.context_text, _READ_CHARACTERS).label("context_text"),
    func.left(traces.c.solution_text, _READ_CHARACTERS).label("solution_text"),
)
# Live ones of a space are seen by whoever may read the space.
CANDIDATES: Final = (
    select(*_COLUMNS)
    .where(
        traces.c.space_id == bindparam("place", type_=Uuid),
        traces.c.status.in_(_LIVE),
        traces.c.id != bindparam("itself", type_=Uuid),
        or_(
            traces.c.lexemes.op("@@")(func.plainto_tsquery("english", bindparam("title", type_=Text))),
            traces.c.signatures.overlap(bindparam("signatures", type_=ARRAY(Text))),
        ),
    )
    .limit(_MOST_READ)
)


async def surrounded(connection: AsyncConnection, caller: Caller, trace: Trace) -> WholeTrace:
    """Return a trace with those of its space that are similar to it or contradict it."""
    rows = await _candidates(connection, caller, trace)
    own = phrases(_text(trace.title, trace.context_text, trace.solution_text)) if rows else frozenset()
    near = [(_related(row, own), set(row.signatures)) for row in rows]
    near.sort(key=lambda item: -item[0].similarity)
    similar = [other for other, _ in near if other.similarity >= SIMILAR and other.id != trace.supersedes]
    opposed = [
        other
        for other, signatures in near
        if signatures & set(trace.signatures) and (other.kind == "dead_end") != (trace.kind == "dead_end")
    ]
    # a trace has been validated
    return WholeTrace.model_construct(**dict(trace), similar=similar[:_MOST], contradictions=opposed[:_MOST])


async def _candidates(connection: AsyncConnection, caller: Caller, trace: Trace) -> list[Row[Any]]:
    """Live traces of the space with the same error, or with all words of the title."""
    place = caller.named(trace.space).id
    asked = {"place": place, "itself": trace.id, "title": trace.title, "signatures": trace.signatures}
    return list(await connection.execute(CANDIDATES, asked))


def _related(row: Row[Any], own: Set[Phrase]) -> Related:
    similarity = likeness(own, phrases(_text(row.title, row.context_text, row.solution_text)))
    return Related(
        id=row.id, title=row.title, status=row.status, kind=row.kind, similarity=round(similarity, 2)
    )


def _text(title: str, context: str, solution: str) -> str:
    return f"{title}\n{context[:_READ_CHARACTERS]}\n{solution[:_READ_CHARACTERS]}"
