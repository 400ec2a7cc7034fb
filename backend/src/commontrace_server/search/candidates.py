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
COUNT_LIMIT = 2000  # up to here the store is counted, above it PostgreSQL's estimate is near enough
LEXICAL_LIMIT = (
    50  # candidates by words; with those by meaning 99 % of the benchmark's answers are among them
)
SIGNATURE_LIMIT = 20  # candidates by signature: they all carry the same error
NEAR_LIMIT = 80  # vectors, two views per trace, so at least 40 candidates by meaning
REST_WEIGHT = 0.3  # a word outside the telling lines counts this much when candidates are chosen by words
SEARCHED_STATUSES = ["published", "pending"]  # everything else has been taken out of sight on purpose

_NO_NEAR = "SELECT CAST(NULL AS uuid) AS id WHERE false"
_NO_COSINES = "SELECT CAST(NULL AS float8) AS problem, CAST(NULL AS float8) AS solution"
# The model's name and dimensions are literals, or the partial expression index could not be used. Iterative
# scan is switched on inside the statement: SET would be a round trip of its own.
_NEAR = """
    SELECT trace_id AS id FROM trace_embeddings JOIN traces ON traces.id = trace_id
    WHERE model = '{model}' AND space_id = ANY (CAST(:spaces AS uuid[]))
      AND status = ANY (CAST(:statuses AS text[])) AND tags @> CAST(:tags AS text[])
      AND (SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true)) IS NOT NULL
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
    row = (await connection.execute(statement, values)).one()
    return Found(
        total=row.total,
        terms=tuple(Term(**term) for term in _rows(row.terms)),
        candidates=tuple(_candidate(facts, vector) for facts in _rows(row.candidates)),
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
        "tags": list(tags),
        "spaces": list(spaces),
        "statuses": SEARCHED_STATUSES,
        "term_limit": TERM_LIMIT,
        "posting_limit": POSTING_LIMIT,
        "count_limit": COUNT_LIMIT,
        "lexical_limit": LEXICAL_LIMIT,
        "signature_limit": SIGNATURE_LIMIT,
        "rest_weight": REST_WEIGHT,
    }
    if vector is None:
        return _statement(None, 0), values
    values |= {"vector": _literal(vector.values), "near_limit": NEAR_LIMIT}
    return _statement(vector.model, len(vector.values)), values


@cache
def _statement(model: str | None, dimensions: int) -> TextClause:
    sql = files("commontrace_server.search").joinpath("candidates.sql").read_text(encoding="utf-8")
    near, cosines = _NO_NEAR, _NO_COSINES
    if model is not None:
        model = index.checked(model, dimensions)
        near = _NEAR.format(model=model, dimensions=dimensions)
        cosines = _COSINES.format(model=model, dimensions=dimensions)
    # a colon after a colon or a backslash is SQL's own; text() must not take it for a parameter
    return text(sql.replace("{near}", near).replace("{cosines}", cosines).replace("::", "\\:\\:"))


def _literal(vector: Sequence[float]) -> str:
    return "[" + ",".join(format(value, ".6g") for value in vector) + "]"


def _rows(value: str | list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    """Rows of a json_agg, which drivers hand over parsed or not, and as NULL when there are none."""
    rows: list[dict[str, Any]] = json.loads(value) if isinstance(value, str) else value or []
    return rows


def _candidate(facts: dict[str, Any], vector: QueryVector | None) -> Candidate:
    if vector is not None and vector.scale is not None:
        cosines = {view: facts[view] for view in ("problem", "solution")}
        facts |= {view: None if value is None else vector.scale(value) for view, value in cosines.items()}
    matched = dict(zip(facts.pop("matched") or [], facts.pop("fields") or [], strict=True))
    return Candidate(
        **{
            **facts,
            "id": UUID(facts["id"]),
            "tags": tuple(facts["tags"]),
            "mentions": tuple(facts["mentions"]),
        },
        matched=matched,
    )
