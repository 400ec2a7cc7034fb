"""One search: read the query, gather candidates, rank them, fetch the best."""

from collections.abc import Sequence
from typing import cast
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.tables import traces
from commontrace_server.embeddings import Embedder, EmbeddingError
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.search import candidates, constants, ranking
from commontrace_server.search.candidates import QueryVector
from commontrace_server.search.ranking import Ranked
from commontrace_server.search.reading import Reading, read
from commontrace_server.search.schemas import Hit, SearchRequest, SearchResponse, Trust
from commontrace_server.traces.schemas import Kind


async def search(
    engine: AsyncEngine, embedder: Embedder | None, request: SearchRequest, cache: QueryCache | None = None
) -> SearchResponse:
    """Answer a search. Nothing is written, and no connection is held while the query is embedded.

    Args:
        engine: The store's database.
        embedder: Without it, or when it fails or is slow, words and signatures decide alone.
        request: What is asked.
        cache: Vectors of recent queries; without it each query is embedded anew.
    """
    reading = _read(request)
    vector, degraded = await _vector(embedder, cache or QueryCache(), reading)
    async with engine.connect() as connection:
        found = await candidates.gather(connection, reading, tags=request.tags, vector=vector)
        ranked = ranking.rank(reading, found.terms, found.total, found.candidates)
        best = [item for item in ranked if item.confidence >= max(request.min_confidence, constants.NOISE)]
        hits = await _hits(connection, best[: request.limit], request.kind)
    abstained = not any(hit.confidence >= constants.ANSWER_THRESHOLDS[request.kind] for hit in hits)
    return SearchResponse(hits=hits, abstained=abstained, degraded=degraded)


def _read(request: SearchRequest) -> Reading:
    given = [request.signature] if request.signature else []
    return read(request.kind, request.query, [*given, *request.signatures], request.context.labels())


async def _vector(
    embedder: Embedder | None, cache: QueryCache, reading: Reading
) -> tuple[QueryVector | None, list[str]]:
    """The query's vector, or the reason why there is none."""
    if embedder is None:
        return None, ["vectors: embedder not ready"]
    try:
        return QueryVector(embedder.name, await cache.vector(embedder, reading.dense)), []
    except EmbeddingError as error:
        return None, [f"vectors: {error}"]


async def _hits(connection: AsyncConnection, best: Sequence[Ranked], kind: str) -> list[Hit]:
    texts = await _texts(connection, [item.candidate.id for item in best])
    return [_hit(item, texts[item.candidate.id], kind) for item in best if item.candidate.id in texts]


async def _texts(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, tuple[str, str]]:
    """Whole texts of the few that are answered with; candidates are ranked without them."""
    if not ids:
        return {}
    statement = select(traces.c.id, traces.c.context_text, traces.c.solution_text).where(traces.c.id.in_(ids))
    return {row.id: (row.context_text, row.solution_text) for row in await connection.execute(statement)}


def _hit(item: Ranked, texts: tuple[str, str], kind: str) -> Hit:
    candidate = item.candidate
    return Hit(
        id=candidate.id,
        title=candidate.title,
        context_text=texts[0],
        solution_text=texts[1],
        tags=list(candidate.tags),
        kind=cast("Kind", candidate.kind),
        confidence=round(item.confidence, 4),
        why=list(item.why),
        trust=Trust(
            status=candidate.status, origin=candidate.origin, last_verified_at=candidate.last_verified_at
        ),
        automatic=candidate.status == "published"
        and item.confidence >= ranking.injection_threshold(item, kind),
    )
