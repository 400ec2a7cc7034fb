"""Another embedder for a store that is in use: nothing is interrupted, nothing is lost, nobody blocks."""

import asyncio
import hashlib
from argparse import Namespace
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server import warming
from commontrace_server.app import create_app
from commontrace_server.database.tables import embedding_models, jobs, trace_embeddings
from commontrace_server.embeddings import Embedder, EmbeddingError, overview, providers, renewal, scale
from commontrace_server.embeddings.job import embed_trace
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.embeddings.overview import RenewalGivenUpError
from commontrace_server.embeddings.scale import FITTED, Unfitted
from commontrace_server.jobs import queue
from commontrace_server.settings import Settings
from commontrace_server.traces import insertion, service
from commontrace_server.traces.schemas import TraceDraft
from support.store import client_of, draft, eventually

SECONDS = 20
POISON = "Nobody can embed this."


class Hashed:
    """Unit vectors of hashed words: another space, another length, and deterministic."""

    def __init__(self, name: str = "hashed", dimensions: int = 32) -> None:
        self.name = name
        self.dimensions = dimensions
        self.away = False
        self.gate: asyncio.Event | None = None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        if self.gate is not None:
            await self.gate.wait()
        if self.away or any(POISON in passage for passage in texts):
            raise EmbeddingError("no")
        return [self._vector(passage) for passage in texts]

    def _vector(self, passage: str) -> list[float]:
        values = [0.1] * self.dimensions
        for word in passage.lower().split():
            values[hashlib.sha256(word.encode()).digest()[0] % self.dimensions] += 1.0
        norm = sum(value * value for value in values) ** 0.5
        return [value / norm for value in values]


async def _contribute(engine: AsyncEngine, number: int, solution: str = "Install PyYAML.") -> UUID:
    fields = draft(title=f"Module number {number} is missing", solution_text=solution)
    async with engine.begin() as connection:
        return (await service.create(connection, TraceDraft(**fields))).trace.id


async def _work(engine: AsyncEngine, embedder: Embedder, most: int = 200) -> None:
    """Do the embedding jobs that are due, as a poller does."""
    for _ in range(most):
        async with engine.begin() as connection:
            await connection.execute(update(jobs).where(jobs.c.state == "queued").values(run_at=func.now()))
            kinds = [insertion.EMBED_JOB, renewal.RENEW_JOB, renewal.FORGET_JOB]
            taken = await queue.claim(connection, kinds)
        if not taken:
            return
        (job,) = taken
        try:
            if job.kind == renewal.RENEW_JOB:
                await renewal.renew(engine, embedder, job)
            elif job.kind == renewal.FORGET_JOB:
                await renewal.forget(engine, job)
            else:
                await embed_trace(engine, embedder, UUID(job.payload["trace_id"]))
        except EmbeddingError as error:
            async with engine.begin() as connection:
                await queue.fail(connection, job, str(error))
        else:
            async with engine.begin() as connection:
                await queue.finish(connection, job)


async def _embedded(engine: AsyncEngine, model: str) -> int:
    counted = select(func.count(trace_embeddings.c.trace_id.distinct()))
    async with engine.connect() as connection:
        return int(await connection.scalar(counted.where(trace_embeddings.c.model == model)) or 0)


@pytest.fixture
async def used(engine: AsyncEngine) -> AsyncEngine:
    """A store of 20 traces, embedded by `old`."""
    old = Hashed("old", 16)
    await renewal.choose(engine, "old", old)
    for number in range(20):
        await _contribute(engine, number)
    await _work(engine, old)
    assert await _embedded(engine, "old") == 20
    return engine


async def test_search_stays_with_the_old_model_until_the_new_one_is_complete(used: AsyncEngine) -> None:
    """Then it switches, and the old vectors and their index go."""
    new = Hashed()
    assert (await renewal.choose(used, "new", new)).model == "old"
    await _work(used, new, most=2)
    assert (await renewal.serving(used)).model == "old"
    async with used.connect() as connection:
        assert await renewal.progress(connection) == ("hashed", 2 * renewal.BATCH, 20)
    await _work(used, new)
    assert await renewal.serving(used) == ("hashed", "new")
    assert (await _embedded(used, "hashed"), await _embedded(used, "old")) == (20, 0)
    async with used.connect() as connection:
        assert await renewal.progress(connection) is None
        left = "SELECT count(*) FROM pg_indexes WHERE indexdef LIKE '%hnsw%'"
        assert await connection.scalar(text(left)) == 1


async def test_a_trace_that_cannot_be_embedded_holds_up_nobody(used: AsyncEngine) -> None:
    """It is tried by itself, given up, and found by its words from then on."""
    await _contribute(used, 99, POISON)
    new = Hashed()
    await renewal.choose(used, "new", new)
    await _work(used, new)
    assert (await renewal.serving(used)).model == "hashed"
    assert await _embedded(used, "hashed") == 20


async def test_a_provider_that_is_away_is_waited_for(used: AsyncEngine) -> None:
    """However long that takes, no trace is given up for it, and search stays where it is."""
    new = Hashed()
    new.away = True
    await renewal.choose(used, "new", new)
    await _work(used, new, most=3 * queue.MAX_ATTEMPTS)
    async with used.connect() as connection:
        assert await connection.scalar(select(func.count()).where(jobs.c.state == "failed")) == 0
    assert (await renewal.serving(used)).model == "old"
    new.away = False
    await _work(used, new)
    assert await _embedded(used, "hashed") == 20
    assert (await renewal.serving(used)).model == "hashed"


async def test_it_goes_on_where_it_was_after_a_restart(used: AsyncEngine) -> None:
    """Choosing the same embedder again neither begins anew nor twice."""
    new = Hashed()
    await renewal.choose(used, "new", new)
    await _work(used, new, most=1)
    await renewal.choose(used, "new", new)
    async with used.connect() as connection:
        assert await connection.scalar(select(func.count()).where(jobs.c.kind == renewal.RENEW_JOB)) == 1
        found = await renewal.progress(connection)
        assert found is not None
        assert found.done == renewal.BATCH


async def test_who_waits_is_told_that_nobody_goes_on(used: AsyncEngine) -> None:
    """Not left waiting: what was given up is for a person to look at."""
    await renewal.choose(used, "new", Hashed())
    async with used.begin() as connection:
        await connection.execute(
            update(jobs).where(jobs.c.kind == renewal.RENEW_JOB).values(state="failed", last_error="no")
        )
    with pytest.raises(RenewalGivenUpError, match="admin jobs"):
        await overview.embedding(used, Namespace(wait="new"))
    assert "given up" in (await overview.embedding(used, Namespace(wait=None))).text


async def test_going_back_calls_it_off(used: AsyncEngine) -> None:
    """The old embedder serves as before; what was made of the other one goes."""
    new = Hashed()
    await renewal.choose(used, "new", new)
    await _work(used, new, most=1)
    assert (await renewal.choose(used, "old", Hashed("old", 16))).model == "old"
    await _work(used, Hashed("old", 16))
    assert (await _embedded(used, "hashed"), await _embedded(used, "old")) == (0, 20)
    async with used.connect() as connection:
        assert list(await connection.scalars(select(embedding_models.c.model))) == ["old"]


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> dict[str, Hashed]:
    """Two embedders to choose from, as names of `serve --embedder`."""
    known = {"openai:a": Hashed("model-a", 16), "openai:b": Hashed("model-b", 24)}

    @asynccontextmanager
    async def opens(choice: str, **_options: object) -> AsyncIterator[Embedder]:
        yield known[choice]

    monkeypatch.setattr(providers, "opened", opens)
    monkeypatch.setattr(warming, "WATCH_SECONDS", 0.05)
    return known


def _app(url: str, choice: str) -> FastAPI:
    return create_app(Settings(database_url=url, embedder=choice, builtin_account=True))


async def test_search_is_not_interrupted(store_url: str, opened: dict[str, Hashed]) -> None:
    """A restart with another embedder: by meaning before, during and after, new contributions included."""
    question = {"query": "Module number 3 is missing", "kind": "question"}

    async def answers(client: Any) -> bool:
        found = (await client.post("/v1/search", json=question)).json()
        return found["degraded"] == [] and any("number 3" in hit["title"] for hit in found["hits"])

    async def says(client: Any, status: str) -> bool:
        return bool((await client.get("/readyz")).json()["embedder"] == status)

    async def all_have_vectors(app: Any) -> bool:
        told = await overview.embedding(app.state.store.engine, Namespace(wait=None))
        return "wait for their vectors" not in told.text

    first = _app(store_url, "openai:a")
    async with first.router.lifespan_context(first), client_of(first) as client:
        for number in range(5):
            trace = draft(title=f"Module number {number} is missing")
            (await client.post("/v1/traces", json=trace)).raise_for_status()
        await eventually(lambda: answers(client), seconds=SECONDS)
    gate = opened["openai:b"].gate = asyncio.Event()
    second = _app(store_url, "openai:b")
    async with second.router.lifespan_context(second), client_of(second) as client:
        await eventually(lambda: says(client, "renewing"), seconds=SECONDS)
        await eventually(lambda: answers(client), seconds=SECONDS)
        assert (await client.get("/readyz")).json()["renewal"] == {"model": "model-b", "done": 0, "of": 5}
        assert second.state.store.embedder.name == "model-a"
        engine = second.state.store.engine
        waiting = asyncio.create_task(overview.embedding(engine, Namespace(wait="openai:b")))
        told = await overview.embedding(engine, Namespace(wait=None))
        assert told.text.splitlines() == [
            "search asks model-a (--embedder openai:a)",
            "model-b (--embedder openai:b) comes next: 0 of 5 traces",
        ]
        assert not waiting.done()
        gate.set()
        said = (await asyncio.wait_for(waiting, SECONDS)).data
        assert (said["serving"], said["building"]) == ({"model": "model-b", "choice": "openai:b"}, None)
        await eventually(lambda: says(client, "ready"), seconds=SECONDS)
        assert await answers(client)
        state = second.state.store
        assert isinstance(state.embedder, Unfitted)
        assert state.embedder.name == "model-b"


async def test_the_scale_of_the_fitted_model_is_its_own() -> None:
    """The two means that other embedders are compared with are MiniLM's, on the pack as it ships."""
    minilm = MiniLM()
    try:
        assert minilm.name == FITTED
        assert await scale.means(minilm) == pytest.approx((scale.UNRELATED, scale.RELATED), abs=0.01)
    finally:
        minilm.close()


class Squeezed:
    """An embedder's space in which all texts lie close together, as some models have it."""

    name = "squeezed"

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.dimensions = embedder.dimensions + 1

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return [
            [value * 0.5 for value in vector] + [0.75**0.5] for vector in await self._embedder.embed(texts)
        ]


async def test_cosines_of_another_space_are_brought_to_scale() -> None:
    """Unrelated texts at 0.8 are as unrelated as at 0.2 where that is usual."""
    minilm = MiniLM()
    try:
        measured = await scale.measured(Squeezed(minilm))
    finally:
        minilm.close()
    for cosine in (0.0, 0.3, 0.9):
        assert measured(0.25 * cosine + 0.75) == pytest.approx(cosine, abs=0.02)
