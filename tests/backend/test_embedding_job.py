"""The job that gives traces their vectors, on a real database."""

from collections.abc import AsyncIterator, Sequence
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import trace_embeddings, traces
from commontrace_server.embeddings import EmbeddingError
from commontrace_server.embeddings.job import embed_trace, embed_traces
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.traces import service
from commontrace_server.traces.schemas import TraceDraft
from support.store import draft


class CountingEmbedder:
    """The real embedder, and the texts that it was asked for."""

    def __init__(self, embedder: MiniLM) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.dimensions = embedder.dimensions
        self.texts: list[str] = []
        self.calls = 0

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.texts += texts
        self.calls += 1
        return await self._embedder.embed(texts)


class BrokenEmbedder:
    """An embedder whose provider is down."""

    name = "broken"
    dimensions = 3

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise EmbeddingError(f"{len(texts)} texts cannot be embedded")


@pytest.fixture
async def embedder() -> AsyncIterator[CountingEmbedder]:
    minilm = MiniLM()
    yield CountingEmbedder(minilm)
    minilm.close()


async def _contribute(engine: AsyncEngine, **said: str) -> UUID:
    async with engine.begin() as connection:
        return (await service.create(connection, TraceDraft(**draft(**said)))).trace.id


async def _views(engine: AsyncEngine) -> dict[str, str]:
    async with engine.connect() as connection:
        rows = await connection.execute(select(trace_embeddings.c.view, trace_embeddings.c.content_hash))
        return {row.view: row.content_hash for row in rows}


async def test_a_trace_gets_a_vector_per_view(engine: AsyncEngine, embedder: CountingEmbedder) -> None:
    """Problem and solution are embedded."""
    await embed_trace(engine, embedder, await _contribute(engine))
    assert set(await _views(engine)) == {"problem", "solution"}


async def test_running_it_again_embeds_nothing(engine: AsyncEngine, embedder: CountingEmbedder) -> None:
    """The job may be repeated: vectors that are up to date stay."""
    trace_id = await _contribute(engine)
    await embed_trace(engine, embedder, trace_id)
    asked = len(embedder.texts)
    await embed_trace(engine, embedder, trace_id)
    assert len(embedder.texts) == asked


async def test_several_traces_are_asked_for_at_once(engine: AsyncEngine, embedder: CountingEmbedder) -> None:
    """Each gets its own vectors; one that is gone is left out."""
    ids = [await _contribute(engine), uuid4(), await _contribute(engine, title="Another title")]
    await embed_traces(engine, embedder, ids)
    assert (len(embedder.texts), embedder.calls) == (4, 1)
    async with engine.connect() as connection:
        found = await connection.execute(select(trace_embeddings.c.trace_id, trace_embeddings.c.view))
    assert sorted(map(tuple, found)) == sorted(
        (ids[at], view) for at in (0, 2) for view in ("problem", "solution")
    )


async def test_only_what_changed_is_embedded_again(engine: AsyncEngine, embedder: CountingEmbedder) -> None:
    """After an amendment of the solution the problem keeps its vector."""
    trace_id = await _contribute(engine)
    await embed_trace(engine, embedder, trace_id)
    before = await _views(engine)
    async with engine.begin() as connection:
        await connection.execute(update(traces).values(solution_text="Use ruamel.yaml instead."))
    await embed_trace(engine, embedder, trace_id)
    after = await _views(engine)
    assert after["problem"] == before["problem"]
    assert after["solution"] != before["solution"]
    assert "Use ruamel.yaml instead." in embedder.texts[-1]


async def test_a_trace_that_is_gone_is_no_failure(engine: AsyncEngine, embedder: CountingEmbedder) -> None:
    """A job for a deleted trace ends quietly."""
    await embed_trace(engine, embedder, uuid4())
    assert embedder.texts == []


async def test_a_trace_deleted_while_it_is_embedded_is_no_failure(
    engine: AsyncEngine, embedder: CountingEmbedder
) -> None:
    """Vectors of a trace that went away meanwhile are dropped."""
    trace_id = await _contribute(engine)

    class Deleting(CountingEmbedder):
        def __init__(self) -> None:
            self.name, self.dimensions, self.texts = embedder.name, embedder.dimensions, []

        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            async with engine.begin() as connection:
                await connection.execute(delete(traces))
            return await embedder.embed(texts)

    await embed_trace(engine, Deleting(), trace_id)
    assert await _views(engine) == {}


async def test_a_failing_embedder_stores_nothing(engine: AsyncEngine) -> None:
    """The failure reaches the queue, which will try again."""
    trace_id = await _contribute(engine)
    with pytest.raises(EmbeddingError):
        await embed_trace(engine, BrokenEmbedder(), trace_id)
    assert await _views(engine) == {}


async def test_a_models_first_vector_creates_its_index(
    engine: AsyncEngine, embedder: CountingEmbedder
) -> None:
    """Vector search of a model has an HNSW index from its first vector on."""
    await embed_trace(engine, embedder, await _contribute(engine))
    async with engine.connect() as connection:
        found = await connection.scalar(
            text("SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw%' AND indexdef LIKE :model"),
            {"model": f"%{embedder.name}%"},
        )
    assert found == 1
