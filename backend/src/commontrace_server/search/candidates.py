"""The one SQL round trip of a search: who could answer, and what is known of each."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.builtin import LOCAL_SPACE
from commontrace_server.embeddings import index
from commontrace_server.embeddings.scale import Scale
from commontrace_server.search.evidence import Candidate, Term
from commontrace_server.search.lexicon import POSTING_LIMIT, Lexicon, Words
from commontrace_server.search.reading import Reading

LEXICAL_LIMIT = 32  # candidates by words; 50 and more found the same, and each costs every part of a search
SIGNATURE_LIMIT = 20  # candidates by signature: they all carry the same error
NEAR_LIMIT = 48  # vectors, two views per trace, so at least 24 candidates by meaning; as above
# How many nodes of the vectors' graph are looked at: more of them find more and take longer. A small store
# needs fewer; docs/performance.md has the curves.
SMALL = 30_000  # traces
EF_SEARCH_SMALL, EF_SEARCH = 100, 320
LITERALS = 256  # of query vectors that are kept; 4 kB each
ENVIRONMENTS = 1024  # of traces, read and kept
REST_WEIGHT = 0.3  # a word outside the telling lines counts this much when candidates are chosen by words
SEARCHED_STATUSES = ["published", "pending"]  # everything else has been taken out of sight on purpose

_ABOUT = 2  # columns of the answer that tell of the words, before those of a candidate

_NO_NEAR = "SELECT CAST(NULL AS uuid) AS id WHERE false"
_NO_COSINES = """
    SELECT CAST(NULL AS uuid) AS id, CAST(NULL AS float8) AS problem, CAST(NULL AS float8) AS solution
    WHERE false
"""
_FILTER = "space_id = ANY (CAST(:spaces AS uuid[])) AND status = ANY (CAST(:statuses AS text[]))"
# Left out where no tag is asked for: what every row passes would still cost a look at each.
_TAGGED = f"{_FILTER} AND tags @> CAST(:tags AS text[])"
# Counted, not merely looked for: one row of so many is looked for by reading the table until it comes.
SIGNED: Final = text(
    f"SELECT count(*) FROM traces WHERE signatures && CAST(:signatures AS text[]) AND {_FILTER}"  # noqa: S608 - constants
)
# The model's name and dimensions are literals, or the partial expression index could not be used.
_DISTANCE = "embedding::halfvec({dimensions}) <=> CAST(:vector AS halfvec({dimensions}))"
# What is looked at is set inside the statement: SET would be a round trip of its own.
_NEAR = """
    SELECT trace_id AS id FROM trace_embeddings JOIN traces ON traces.id = trace_id
    WHERE model = '{model}' AND {filter}
      AND (SELECT set_config('hnsw.ef_search', '{ef_search}', true)) IS NOT NULL
    ORDER BY {distance} LIMIT {near_limit}
"""
_COSINES = """
    SELECT trace_id AS id, max(cosine) FILTER (WHERE view = 'problem') AS problem,
           max(cosine) FILTER (WHERE view = 'solution') AS solution
    FROM (
        SELECT trace_id, view, 1 - ({distance}) AS cosine
        FROM chosen JOIN trace_embeddings ON trace_id = id AND model = '{model}'
    ) AS views
    GROUP BY trace_id
"""


class Scope(NamedTuple):
    """Where candidates are looked for: each lives in one of the spaces and carries all of the tags."""

    spaces: Sequence[UUID] = (LOCAL_SPACE.id,)
    tags: Sequence[str] = ()


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
    scope: Scope,
    vector: QueryVector | None,
    lexicon: Lexicon | None = None,
) -> Found:
    """Gather the candidates of one query, in one round trip where the lexicon knows its words.

    Args:
        connection: Only read from.
        reading: The query.
        scope: Where to look.
        vector: Without it, candidates come from signatures and words alone.
        lexicon: Of this store; without it the words are looked up anew.
    """
    words = await (lexicon or Lexicon()).words(connection, reading)
    statement, values = prepare(reading, words, scope, vector)
    about, *facts = (await connection.execute(statement, values)).all()
    counted = dict(zip(about.lexemes, about.dfs, strict=True))
    return Found(
        total=words.total,
        terms=tuple(
            Term(word.lexeme, word.focus, max(counted.get(word.lexeme) or 0, word.expected))
            for word in words.chosen
        ),
        candidates=tuple(_candidate(row[_ABOUT:], vector) for row in facts),
    )


async def signed(connection: AsyncConnection, reading: Reading, scope: Scope) -> int:
    """How many traces are about one of the errors of a query, by its signatures, whatever their tags."""
    values = {"signatures": list(reading.signatures), "spaces": list(scope.spaces)}
    count = await connection.scalar(SIGNED, values | {"statuses": SEARCHED_STATUSES})
    return int(count)


def prepare(
    reading: Reading, words: Words, scope: Scope, vector: QueryVector | None
) -> tuple[TextClause, dict[str, Any]]:
    """Return the statement of that round trip and its parameters; see `gather`."""
    looked_up = [word for word in words.chosen if word.read]
    values: dict[str, Any] = {
        "lexemes": [word.lexeme for word in looked_up],
        "terms": [_quoted(word.lexeme) for word in looked_up],
        "expected": [word.expected for word in looked_up],
        "boosts": [1.0 if word.focus else REST_WEIGHT for word in looked_up],
        "total": words.total,
        "asked": [word.lexeme for word in words.chosen],
        "codes": [*reading.codes, *reading.needed],
        "signatures": list(reading.signatures),
        "spaces": list(scope.spaces),
        "statuses": SEARCHED_STATUSES,
    }
    tagged = bool(scope.tags)
    if tagged:
        values["tags"] = list(scope.tags)
    if vector is None:
        return _statement(None, 0, 0, tagged=tagged), values
    statement = _statement(vector.model, len(vector.values), ef_search(words.total), tagged=tagged)
    return statement, values | {"vector": literal(tuple(vector.values))}


def ef_search(traces: int) -> int:
    """Return how many nodes of the vectors' graph a search of a store of this size looks at."""
    return EF_SEARCH_SMALL if traces < SMALL else EF_SEARCH


@cache
def template() -> str:
    """The statement with its places to fill; read once."""
    return files("commontrace_server.search").joinpath("candidates.sql").read_text(encoding="utf-8")


@cache
def _statement(model: str | None, dimensions: int, ef: int, *, tagged: bool) -> TextClause:
    near, cosines, chosen = _NO_NEAR, _NO_COSINES, _TAGGED if tagged else _FILTER
    if model is not None:
        model = index.checked(model, dimensions)
        distance = _DISTANCE.format(dimensions=dimensions)
        near = _NEAR.format(
            model=model, distance=distance, filter=chosen, ef_search=ef, near_limit=NEAR_LIMIT
        )
        cosines = _COSINES.format(model=model, distance=distance)
    sql = template().format(
        near=near,
        cosines=cosines,
        filter=chosen,
        posting_limit=POSTING_LIMIT,
        lexical_limit=LEXICAL_LIMIT,
        signature_limit=SIGNATURE_LIMIT,
    )
    # a colon after a colon is SQL's own; text() must not take it for a parameter
    return text(sql.replace("::", "\\:\\:"))


@lru_cache(maxsize=LITERALS)
def literal(vector: tuple[float, ...]) -> str:
    """Return a vector as pgvector reads it: of a list, the driver looks at each number twice."""
    return "[" + ",".join(format(value, ".6g") for value in vector) + "]"


def _quoted(lexeme: str) -> str:
    """A lexeme as a tsquery of its own."""
    escaped = lexeme.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _candidate(facts: Sequence[Any], vector: QueryVector | None) -> Candidate:
    trace_id, title, tags, kind, status, origin, environment, wilson, *measured = facts
    verified_days, signature, signed, matched, titled, mentions, problem, solution = measured
    scale = None if vector is None else vector.scale
    return Candidate(
        id=trace_id,
        title=title,
        tags=tuple(tags),
        kind=kind,
        status=status,
        origin=origin,
        environment=_environment(environment),
        wilson=wilson,
        verified_days=verified_days,
        signature=signature,
        signed=signed,
        matched=tuple(matched),
        titled=tuple(titled),
        mentions=tuple(mentions),
        problem=_scaled(problem, scale),
        solution=_scaled(solution, scale),
    )


@lru_cache(maxsize=ENVIRONMENTS)
def _environment(document: str) -> Mapping[str, Any]:
    """What a trace applies to; most say the same."""
    return json.loads(document)  # type: ignore[no-any-return]


def _scaled(cosine: float | None, scale: Scale | None) -> float | None:
    return cosine if cosine is None or scale is None else scale(cosine)
