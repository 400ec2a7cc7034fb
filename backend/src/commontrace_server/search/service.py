"""One search: read the query, gather candidates, rank them, fetch the best."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final, NamedTuple, cast
from uuid import UUID

from sqlalchemy import Uuid, any_, bindparam, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.accounts.builtin import LOCAL_ACCOUNT, LOCAL_SPACE
from commontrace_server.accounts.standing import Place
from commontrace_server.database import snapshots, without_transaction
from commontrace_server.database.tables import traces
from commontrace_server.embeddings import Embedder, EmbeddingError
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.embeddings.scale import Unfitted
from commontrace_server.observability import signals
from commontrace_server.observability.signals import Stage
from commontrace_server.reputation import grounds
from commontrace_server.reputation.schemas import Tallies, Trust
from commontrace_server.search import candidates, constants, ranking, reasons, versions
from commontrace_server.search.candidates import QueryVector, Scope
from commontrace_server.search.lexicon import Lexicon
from commontrace_server.search.ranking import Ranked
from commontrace_server.search.reading import Reading, read
from commontrace_server.search.schemas import Hit, PackageFit, SearchRequest, SearchResponse
from commontrace_server.search.snapshots import Rankings
from commontrace_server.traces.automatic import automatic
from commontrace_server.traces.schemas import Kind


class Asker(NamedTuple):
    """Who asks, and where.

    Attributes:
        account: What it voted against is kept from it.
        places: The spaces to search.
        snapshot: Of the database when that was looked up, in this request; without it the search asks anew.
    """

    account: UUID
    places: Sequence[Place]
    snapshot: Hashable = None


@dataclass(frozen=True)
class Kept:
    """What a process keeps between searches: vectors of queries, what is known of words, rankings."""

    vectors: QueryCache = field(default_factory=QueryCache)
    lexicon: Lexicon = field(default_factory=Lexicon)
    rankings: Rankings = field(default_factory=Rankings)


READINGS: Final = 256  # recent queries whose reading is kept
LOCAL: Final = Asker(LOCAL_ACCOUNT, (LOCAL_SPACE,))
MEANING: Final = "search by meaning"  # what an answer had to do without, in words for a person
NO_MODEL: Final = "this store runs without a model for it"

_WHOLES: Final = select(
    traces.c.id,
    traces.c.context_text,
    traces.c.solution_text,
    traces.c.space_id,
    *grounds.columns(bindparam("asking", type_=Uuid())),
).where(
    traces.c.id == any_(bindparam("ids", type_=ARRAY(Uuid()))),
    traces.c.status.in_(candidates.SEARCHED_STATUSES),
)


async def search(  # noqa: PLR0913 - what an answer depends on
    engine: AsyncEngine,
    embedder: Embedder | None,
    request: SearchRequest,
    kept: Kept | None = None,
    *,
    asker: Asker = LOCAL,
    why_not: str = NO_MODEL,
) -> SearchResponse:
    """Answer a search. Nothing is written, and no connection is held while the query is embedded.

    Args:
        engine: The store's database.
        embedder: Without it, or when it fails or is slow, words and signatures decide alone; so they do where
            they recognise an error whose vector is not there yet.
        request: What is asked.
        kept: By this process, from one search to the next.
        asker: Who asks; what the request wishes has been granted or refused by now.
        why_not: Why there is no embedder, if there is none.
    """
    reading, kept = _reading(request), kept or Kept()
    scope = Scope(tuple(place.id for place in asker.places), tuple(request.tags))
    # Statements that need no common snapshot.
    plain = without_transaction(engine)
    if _may_be_recognised(reading, embedder, kept):
        async with plain.connect() as connection:
            recognised = await _recognised(connection, reading, scope, kept, asker.snapshot)
            hits = await _hits(connection, recognised, request, asker, fitted=True)
        if hits and hits[0].automatic:
            return _response(hits, [], request)
    with Stage("embedding"):
        vector, degraded = await _vector(embedder, kept.vectors, reading, why_not)
    async with plain.connect() as connection:
        ranked = await _ranked(connection, reading, scope, vector, kept, asker.snapshot)
        fitted = vector is None or vector.scale is None
        hits = await _hits(connection, ranked, request, asker, fitted=fitted)
    return _response(hits, degraded, request)


def _response(hits: list[Hit], degraded: list[str], request: SearchRequest) -> SearchResponse:
    abstained = not any(hit.confidence >= constants.ANSWER_THRESHOLDS[request.kind] for hit in hits)
    signals.searched(
        request.kind,
        abstained=abstained,
        injectable=any(hit.automatic for hit in hits),
        degraded=bool(degraded),
    )
    return SearchResponse(hits=hits, abstained=abstained, degraded=degraded)


def _reading(request: SearchRequest) -> Reading:
    given = [request.signature] if request.signature else []
    labels = request.context.labels()
    return _read(request.kind, request.query, (*given, *request.signatures), tuple(labels))


# The same error is asked for again and again; a query has 20,000 characters at most.
_read = lru_cache(maxsize=READINGS)(read)


def _may_be_recognised(reading: Reading, embedder: Embedder | None, kept: Kept) -> bool:
    """Whether a vector would have to be waited for, and the error may be known without one."""
    return (
        embedder is not None
        and reading.kind == "error"
        and bool(reading.signatures)
        and not kept.vectors.has(embedder, reading.dense)
    )


async def _recognised(
    connection: AsyncConnection, reading: Reading, scope: Scope, kept: Kept, snapshot: Hashable
) -> Sequence[Ranked]:
    """What is ranked without a vector, if that tells for certain; empty where meaning has to be compared."""
    with Stage("candidates"):
        if await candidates.signed(connection, reading, scope) != 1:
            return []
    ranked = await _ranked(connection, reading, scope, None, kept, snapshot)
    return ranked if ranking.recognised(ranked) else []


async def _vector(
    embedder: Embedder | None, cache: QueryCache, reading: Reading, why_not: str
) -> tuple[QueryVector | None, list[str]]:
    """The query's vector, or the reason why there is none."""
    if embedder is None:
        return None, [f"{MEANING}: {why_not}"]
    try:
        scale = embedder.scale if isinstance(embedder, Unfitted) else None
        vector = await cache.vector(embedder, reading.dense, hurried=reading.kind != "question")
        return QueryVector(embedder.name, vector, scale), []
    except EmbeddingError as error:
        return None, [f"{MEANING}: {error}"]


async def _ranked(  # noqa: PLR0913, PLR0917 - what a ranking depends on
    connection: AsyncConnection,
    reading: Reading,
    scope: Scope,
    vector: QueryVector | None,
    kept: Kept,
    snapshot: Hashable,
) -> Sequence[Ranked]:
    """All that is more than noise, best first."""
    query = (reading, scope, None if vector is None else (vector.model, vector.scale))
    with Stage("candidates"):
        snapshot = snapshot or await snapshots.current(connection)
        ranked = kept.rankings.get(query, snapshot)
        if ranked is not None:
            return ranked
        found = await candidates.gather(connection, reading, scope, vector, kept.lexicon)
    with Stage("ranking"):
        every = ranking.rank(reading, found.terms, found.total, found.candidates)
        ranked = [item for item in every if item.confidence >= constants.NOISE]
    kept.rankings.put(query, snapshot, ranked)
    return ranked


async def _hits(
    connection: AsyncConnection,
    ranked: Sequence[Ranked],
    request: SearchRequest,
    asker: Asker,
    *,
    fitted: bool,
) -> list[Hit]:
    best = [item for item in ranked if item.confidence >= request.min_confidence][: request.limit]
    with Stage("texts"):
        wholes = await _wholes(connection, [item.candidate.id for item in best], asker.account)
        spaces = {place.id: place for place in asker.places}
        found = [(item, wholes[item.candidate.id]) for item in best if item.candidate.id in wholes]
        return [_hit(item, whole, request, spaces[whole["space_id"]], fitted=fitted) for item, whole in found]


async def _wholes(
    connection: AsyncConnection, ids: Sequence[UUID], asking: UUID
) -> dict[UUID, dict[str, Any]]:
    """Whole texts and evidence of the few that are answered with; candidates are ranked without them."""
    if not ids:
        return {}
    rows = (await connection.execute(_WHOLES, {"ids": ids, "asking": asking})).mappings()
    return {row["id"]: dict(row) for row in rows}


def _hit(item: Ranked, whole: dict[str, Any], request: SearchRequest, space: Place, *, fitted: bool) -> Hit:
    candidate = item.candidate
    ranges, languages = (candidate.environment.get(part, {}) for part in ("packages", "languages"))
    applies = versions.fits(ranges, request.context.packages, languages)
    excluded = [reasons.excluded(name, fit) for name, fit in applies.items() if fit.fits is False]
    held = next(iter(excluded), None) or ranking.doubt(item, request.kind, fitted=fitted)
    if held is None and not automatic(grounds.of(whole, space.kind)):
        held = f"its evidence is not what a {space.kind} space asks for"
    return Hit(
        id=candidate.id,
        title=candidate.title,
        context_text=whole["context_text"],
        solution_text=whole["solution_text"],
        tags=list(candidate.tags),
        kind=cast("Kind", candidate.kind),
        confidence=round(item.confidence, 4),
        why=[*item.why, *excluded],
        trust=Trust(
            **Tallies.model_validate(whole).model_dump(),
            status=candidate.status,
            origin=candidate.origin,
            space=space.slug,
        ),
        applies={name: PackageFit(**fit._asdict()) for name, fit in applies.items()},
        automatic=held is None,
        held=held,
    )
