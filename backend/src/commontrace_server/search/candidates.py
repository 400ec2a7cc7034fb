"""The one SQL round trip of a search: who could answer, and what is known of each."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.builtin import LOCAL_SPACE
from commontrace_server.embeddings import index
from commontrace_server.embeddings.scale import Scale
from commontrace_server.search.evidence import Candidate, Term
from commontrace_server.search.reading import Reading

TERM_LIMIT = 32  # lexemes looked up per query, the rarest of the telling part first
POSTING_LIMIT = 2000  # rows read per lexeme; above it a lexeme is too common to choose by
READING_LIMIT = 1000  # rows read for all of them, about 1 ms; four times as many found the same
COUNT_LIMIT = 2000  # up to here the store is counted, above it PostgreSQL's estimate is near enough
LEXICAL_LIMIT = 32  # candidates by words; 50 and more found the same, and each costs every part of a search
SIGNATURE_LIMIT = 20  # candidates by signature: they all carry the same error
NEAR_LIMIT = 48  # vectors, two views per trace, so at least 24 candidates by meaning; as above
EF_SEARCH = 200  # 0.97 of the ten nearest of 200,000 vectors; docs/performance.md has the curve
SCAN = "relaxed_order"  # goes on beyond EF_SEARCH where a filter has left too few
REST_WEIGHT = 0.3  # a word outside the telling lines counts this much when candidates are chosen by words
SEARCHED_STATUSES = ["published", "pending"]  # everything else has been taken out of sight on purpose

_ABOUT = 4  # columns of the answer that tell of the query, before those of a candidate

_NO_NEAR = "SELECT CAST(NULL AS uuid) AS id WHERE false"
_NO_COSINES = "SELECT CAST(NULL AS float8) AS problem, CAST(NULL AS float8) AS solution"
# The model's name and dimensions are literals, or the partial expression index could not be used. The scan is
# set up inside the statement: SET would be a round trip of its own.
_FILTER = "space_id = ANY (CAST(:spaces AS uuid[])) AND status = ANY (CAST(:statuses AS text[]))"
# Left out where no tag is asked for: what every row passes would still cost a look at each.
_TAGGED = f"{_FILTER} AND tags @> CAST(:tags AS text[])"
_NEAR = """
    SELECT trace_id AS id FROM trace_embeddings JOIN traces ON traces.id = trace_id
    WHERE model = '{model}' AND {filter}
      AND (SELECT set_config('hnsw.iterative_scan', '{scan}', true)
               || set_config('hnsw.ef_search', '{ef_search}', true)) IS NOT NULL
    ORDER BY embedding::halfvec({dimensions}) <=> CAST(:vector AS halfvec({dimensions}))
    LIMIT :near_limit
"""
_COSINES = """
    SELECT max(cosine) FILTER (WHERE view = 'problem') AS problem,
           max(cosine) FILTER (WHERE view = 'solution') AS solution
    FROM (
        SELECT view,
               1 - (embedding::halfvec({dimensions}) <=> CAST(:vector AS halfvec({dimensions}))) AS cosine
        FROM trace_embeddings WHERE trace_id = traces.id AND model = '{model}'
    ) AS views
"""


@dataclass(frozen=True)
class QueryVector:
    """A query's vector and the space it lies in; `scale` where the ranking was not fitted to that space."""

    model: str
    values: Sequence[float]
    scale: Scale | None = None


@dataclass(frozen=True)
class Found:
    """What the store knows about one query: its size, the query's lexemes, the candidates."""

    total: int
    terms: tuple[Term, ...]
    candidates: tuple[Candidate, ...]


async def gather(
    connection: AsyncConnection,
    reading: Reading,
    *,
    tags: Sequence[str],
    vector: QueryVector | None,
    spaces: Sequence[UUID] = (LOCAL_SPACE.id,),
) -> Found:
    """Gather the candidates of one query in one round trip.

    Args:
        connection: Only read from.
        reading: The query.
        tags: Every candidate carries all of them.
        vector: Without it, candidates come from signatures and words alone.
        spaces: Every candidate lives in one of them.
    """
    statement, values = prepare(reading, tags=tags, vector=vector, spaces=spaces)
    about, *facts = (await connection.execute(statement, values)).all()
    return Found(
        total=about.total,
        terms=tuple(Term(*term) for term in zip(about.lexemes, about.focus, about.dfs, strict=True)),
        candidates=tuple(_candidate(row[_ABOUT:], vector) for row in facts),
    )


def prepare(
    reading: Reading,
    *,
    tags: Sequence[str],
    vector: QueryVector | None,
    spaces: Sequence[UUID] = (LOCAL_SPACE.id,),
) -> tuple[TextClause, dict[str, Any]]:
    """Return the statement of that round trip and its parameters; see `gather`."""
    values: dict[str, Any] = {
        "focus": reading.focus.replace("\0", " "),
        "rest": reading.rest.replace("\0", " "),
        "codes": [*reading.codes, *reading.needed],
        "signatures": list(reading.signatures),
        "spaces": list(spaces),
        "statuses": SEARCHED_STATUSES,
        "term_limit": TERM_LIMIT,
        "posting_limit": POSTING_LIMIT,
        "reading_limit": READING_LIMIT,
        "count_limit": COUNT_LIMIT,
        "lexical_limit": LEXICAL_LIMIT,
        "signature_limit": SIGNATURE_LIMIT,
        "rest_weight": REST_WEIGHT,
    }
    if tags:
        values["tags"] = list(tags)
    if vector is None:
        return _statement(None, 0, tagged=bool(tags)), values
    values |= {"vector": literal(vector.values), "near_limit": NEAR_LIMIT}
    return _statement(vector.model, len(vector.values), tagged=bool(tags)), values


@cache
def template() -> str:
    """The statement with its places to fill; read once."""
    return files("commontrace_server.search").joinpath("candidates.sql").read_text(encoding="utf-8")


@cache
def _statement(model: str | None, dimensions: int, *, tagged: bool) -> TextClause:
    near, cosines, chosen = _NO_NEAR, _NO_COSINES, _TAGGED if tagged else _FILTER
    if model is not None:
        model = index.checked(model, dimensions)
        near = _NEAR.format(model=model, dimensions=dimensions, filter=chosen, scan=SCAN, ef_search=EF_SEARCH)
        cosines = _COSINES.format(model=model, dimensions=dimensions)
    sql = template().replace("{near}", near).replace("{cosines}", cosines).replace("{filter}", chosen)
    # a colon after a colon or a backslash is SQL's own; text() must not take it for a parameter
    return text(sql.replace("::", "\\:\\:"))


def literal(vector: Sequence[float]) -> str:
    """Return a vector as pgvector reads it."""
    return "[" + ",".join(format(value, ".6g") for value in vector) + "]"


def _candidate(facts: Sequence[Any], vector: QueryVector | None) -> Candidate:
    trace_id, title, tags, kind, status, origin, environment, wilson, *measured = facts
    verified_days, signature, signed, length, matched, fields, mentions, problem, solution = measured
    scale = None if vector is None else vector.scale
    return Candidate(
        id=trace_id,
        title=title,
        tags=tuple(tags),
        kind=kind,
        status=status,
        origin=origin,
        environment=json.loads(environment),
        wilson=wilson,
        verified_days=verified_days,
        signature=signature,
        signed=signed,
        length=length,
        matched=dict(zip(matched or (), fields or (), strict=True)),
        mentions=tuple(mentions),
        problem=_scaled(problem, scale),
        solution=_scaled(solution, scale),
    )


def _scaled(cosine: float | None, scale: Scale | None) -> float | None:
    return cosine if cosine is None or scale is None else scale(cosine)
