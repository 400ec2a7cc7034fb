"""Searching a running store."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.embeddings import Embedder, EmbeddingError
from commontrace_server.embeddings.job import embed_trace
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.search import service as search_service
from commontrace_server.search.schemas import SearchRequest, SearchResponse
from commontrace_server.search.service import Kept
from commontrace_server.traces import service
from commontrace_server.traces.schemas import TraceDraft
from support.store import draft

ELSEWHERE = """\
$ python -m pytest -q
ImportError while importing test module '/srv/ci/build-77/other/tests/unit/test_load.py'.
/usr/lib/python3.13/importlib/__init__.py:88: in import_module
tests/unit/test_load.py:19: in <module>
    import yaml
E   ModuleNotFoundError: No module named 'yaml'
1 error in 0.31s
"""
UNRELATED = """\
thread 'main' panicked at src/main.rs:4:29:
called `Option::unwrap()` on a `None` value
note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace
"""
PACK = [
    draft(),
    draft(
        title="npm cannot resolve the dependency tree",
        context_text="npm install ends with `npm ERR! code ERESOLVE` because two packages want other Reacts.",
        solution_text="Align the peer versions; `npm explain react` shows who wants what.",
        tags=["javascript", "npm"],
    ),
    draft(
        title="requests cannot be imported in tests",
        context_text="pytest fails with `ModuleNotFoundError: No module named 'requests'`.",
        solution_text="Add requests to the test dependencies.",
    ),
    draft(
        title="Port is taken",
        context_text="uvicorn ends with `OSError: [Errno 98] Address already in use`.",
        solution_text="Find who listens with `ss -ltnp`, or choose another port.",
        tags=["python", "uvicorn"],
    ),
    draft(
        title="borrow of moved value",
        context_text="rustc says `error[E0382]: borrow of moved value: config`.",
        solution_text="Clone the value, or borrow it before it moves.",
        tags=["rust"],
    ),
]


class Slow:
    """An embedder that never answers in time."""

    name = "slow"
    dimensions = 3

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        await asyncio.sleep(30)
        return [[1.0, 0.0, 0.0] for _ in texts]


class Down:
    """An embedder whose provider is away."""

    name = "down"
    dimensions = 3

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise EmbeddingError(f"the provider is away, {len(texts)} texts wait")


class Never:
    """An embedder that nobody may need."""

    name = "never"
    dimensions = 3

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        raise AssertionError(f"embedded: {texts}")


NEVER = Never()


@pytest.fixture
async def minilm() -> AsyncIterator[MiniLM]:
    embedder = MiniLM()
    yield embedder
    embedder.close()


async def _fill(engine: AsyncEngine, embedder: Embedder | None = None, *, another: bool = False) -> None:
    """Add the traces, with `another` about the first one's error."""
    more = [draft(solution_text="Pin pyyaml in requirements.txt and install it.")] if another else []
    async with engine.begin() as connection:
        ids = [(await service.create(connection, TraceDraft(**one))).trace.id for one in [*PACK, *more]]
    if embedder is not None:
        for trace_id in ids:
            await embed_trace(engine, embedder, trace_id)


async def _search(
    engine: AsyncEngine, query: str, embedder: Embedder | None = None, **more: Any
) -> SearchResponse:
    request = SearchRequest(query=query, **{"kind": "error", **more})
    return await search_service.search(engine, embedder, request, Kept(QueryCache(patience=60)))


async def test_a_fresh_trace_answers_the_same_error_elsewhere(engine: AsyncEngine) -> None:
    """Other paths, lines and versions: the trace is injected at once, before it has a vector."""
    await _fill(engine)
    response = await _search(engine, ELSEWHERE)
    assert response.hits[0].title == "pytest cannot import yaml"
    assert response.hits[0].automatic
    assert response.hits[0].confidence > 0.9
    assert "same error signature" in response.hits[0].why


async def test_only_the_right_trace_is_injected(engine: AsyncEngine, minilm: MiniLM) -> None:
    """A sibling about another module is not offered with it."""
    await _fill(engine, minilm)
    response = await _search(engine, ELSEWHERE, minilm)
    assert [hit.title for hit in response.hits if hit.automatic] == ["pytest cannot import yaml"]


@pytest.mark.parametrize("with_vectors", [True, False])
async def test_the_only_sibling_of_a_store_is_not_injected(
    engine: AsyncEngine, minilm: MiniLM, with_vectors: bool
) -> None:
    """The same exception about another module is no answer, even where nothing else is near."""
    only = draft(
        title="No module named requests", context_text="`ModuleNotFoundError: No module named 'requests'`"
    )
    async with engine.begin() as connection:
        trace_id = (await service.create(connection, TraceDraft(**only))).trace.id
    if with_vectors:
        await embed_trace(engine, minilm, trace_id)
    response = await _search(engine, ELSEWHERE, minilm if with_vectors else None)
    assert not any(hit.automatic for hit in response.hits)


async def test_two_traces_of_one_error_are_both_offered(engine: AsyncEngine, minilm: MiniLM) -> None:
    """Known twice is not known less."""
    async with engine.begin() as connection:
        for one in (draft(), draft(solution_text="Pin pyyaml in requirements.txt and install it.")):
            trace = (await service.create(connection, TraceDraft(**one))).trace
    response = await _search(engine, ELSEWHERE)
    assert [hit.automatic for hit in response.hits] == [True, True]
    assert trace.id in {hit.id for hit in response.hits}


async def test_with_vectors_confidence_is_no_lower(engine: AsyncEngine, minilm: MiniLM) -> None:
    """What is known better is not doubted more."""
    await _fill(engine)
    before = await _search(engine, ELSEWHERE)
    async with engine.connect() as connection:
        ids = list((await connection.execute(text("SELECT id FROM traces"))).scalars())
    for trace_id in ids:
        await embed_trace(engine, minilm, trace_id)
    after = await _search(engine, ELSEWHERE, minilm)
    assert after.hits[0].confidence >= before.hits[0].confidence - 0.02


@pytest.mark.parametrize("with_vectors", [True, False])
@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("A recipe for chocolate cake with cherries", "question"),
        ("What is the capital of France?", "question"),
        (UNRELATED, "error"),
        ("ls: cannot access 'nowhere': No such file or directory", "error"),
        ("ModuleNotFoundError: No module named 'tensorflow'", "error"),
        ("On branch main\nnothing to commit, working tree clean", "error"),
    ],
)
async def test_what_nobody_has_answered_is_met_with_silence(
    engine: AsyncEngine, minilm: MiniLM, query: str, kind: str, with_vectors: bool
) -> None:
    """A small store has something for everything only if it does not know when to be silent."""
    await _fill(engine, minilm if with_vectors else None)
    response = await _search(engine, query, minilm if with_vectors else None, kind=kind)
    assert not any(hit.automatic for hit in response.hits)


async def test_chocolate_cake_returns_nothing(engine: AsyncEngine, minilm: MiniLM) -> None:
    """Even asked for, noise is not a hit."""
    await _fill(engine, minilm)
    response = await _search(engine, "A recipe for chocolate cake with cherries", minilm, kind="question")
    assert response.hits == []
    assert response.abstained


async def test_a_question_in_other_words_is_answered(engine: AsyncEngine, minilm: MiniLM) -> None:
    """Meaning counts where words differ."""
    await _fill(engine, minilm)
    query = "uvicorn does not start because something else listens on its port, address in use"
    response = await _search(engine, query, minilm, kind="question")
    assert response.hits[0].title == "Port is taken"


async def test_without_an_embedder_search_says_so(client: httpx.AsyncClient) -> None:
    """Words and signatures answer alone, and the answer tells what was missing."""
    await client.post("/v1/traces", json=draft())
    response = await client.post("/v1/search", json={"query": ELSEWHERE, "kind": "error"})
    assert response.status_code == 200
    answer = response.json()
    assert answer["degraded"] == ["search by meaning: this store runs without a model for it"]
    assert answer["hits"][0]["automatic"] is True
    assert answer["hits"][0]["trust"]["status"] == "published"


@pytest.mark.parametrize("embedder", [Slow(), Down()])
async def test_a_failing_embedder_degrades_the_answer(engine: AsyncEngine, embedder: Embedder) -> None:
    """Slow or down, the provider costs a signal, never the answer."""
    await _fill(engine, another=True)
    request = SearchRequest(query=ELSEWHERE, kind="error")
    response = await search_service.search(engine, embedder, request, Kept(QueryCache(patience=0.05)))
    assert response.hits[0].automatic
    assert response.degraded[0].startswith("search by meaning: ")


async def test_a_known_error_waits_for_no_vector(engine: AsyncEngine) -> None:
    """The error that one trace is about is answered as if there were no embedder, and lacks nothing."""
    await _fill(engine)
    answer = await _search(engine, ELSEWHERE, NEVER)
    bare = await _search(engine, ELSEWHERE)
    assert [hit.title for hit in answer.hits if hit.automatic] == ["pytest cannot import yaml"]
    assert answer.hits == bare.hits
    assert answer.degraded == []


async def test_an_error_known_twice_is_compared_by_meaning(engine: AsyncEngine) -> None:
    """Which of two traces of one error is meant, or both, signatures do not tell."""
    await _fill(engine, another=True)
    with pytest.raises(AssertionError, match="embedded"):
        await _search(engine, ELSEWHERE, NEVER)


async def test_a_known_error_that_may_not_be_shown_is_compared_by_meaning(engine: AsyncEngine) -> None:
    """Where its trace waits for approval, another one may be the answer."""
    await _fill(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE traces SET status = 'pending' WHERE title LIKE 'pytest%'"))
    with pytest.raises(AssertionError, match="embedded"):
        await _search(engine, ELSEWHERE, NEVER)


async def test_no_connection_is_held_while_a_query_is_embedded(engine: AsyncEngine) -> None:
    """A slow provider cannot use up the pool."""
    await _fill(engine, another=True)
    held: list[int] = []

    class Watching(Down):
        async def embed(self, texts: Sequence[str]) -> list[list[float]]:
            held.append(engine.sync_engine.pool.checkedout())  # type: ignore[attr-defined]
            return await super().embed(texts)

    await _search(engine, ELSEWHERE, Watching())
    assert held == [0]


async def test_a_search_writes_nothing(engine: AsyncEngine, minilm: MiniLM) -> None:
    """Searching works in a database that may only be read."""
    await _fill(engine, minilm)
    readonly = engine.execution_options(postgresql_readonly=True)
    response = await _search(readonly, ELSEWHERE, minilm)
    assert response.hits


async def test_hits_below_the_asked_confidence_are_left_out(engine: AsyncEngine) -> None:
    """`min_confidence` cuts the list."""
    await _fill(engine)
    response = await _search(engine, ELSEWHERE, min_confidence=0.9)
    assert response.hits
    assert all(hit.confidence >= 0.9 for hit in response.hits)


async def test_no_more_hits_than_asked_for(engine: AsyncEngine) -> None:
    """`limit` bounds the answer."""
    await _fill(engine)
    assert len((await _search(engine, ELSEWHERE, limit=1)).hits) == 1


async def test_a_pending_trace_is_found_but_not_injected(engine: AsyncEngine) -> None:
    """What nobody has published yet is for those who ask."""
    await _fill(engine)
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE traces SET status = 'pending'"))
    response = await _search(engine, ELSEWHERE)
    assert response.hits
    assert not any(hit.automatic for hit in response.hits)


@pytest.mark.parametrize(
    "body",
    [
        {"query": ""},
        {"query": "x" * 20_001},
        {"query": "x", "kind": "guess"},
        {"query": "x", "limit": 51},
        {"query": "x", "min_confidence": 2},
        {"query": "x", "signature": "not a signature"},
        {"query": "x", "surprise": 1},
        {"query": "a\0b"},
    ],
)
async def test_a_request_that_makes_no_sense_is_refused(
    client: httpx.AsyncClient, body: dict[str, Any]
) -> None:
    """Unknown fields and values out of bounds get a problem document."""
    response = await client.post("/v1/search", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(("version", "fits"), [("5.4.1", True), ("6.0.2", False), (None, None)])
async def test_a_trace_about_other_versions_is_found_but_not_injected(
    engine: AsyncEngine, version: str | None, fits: bool | None
) -> None:
    """Who uses a version outside the trace's range is told so, and gets it only on asking."""
    async with engine.begin() as connection:
        await service.create(connection, TraceDraft(**draft(environment={"packages": {"PyYAML": "<6"}})))
    context = {"packages": {"pyyaml": version} if version else {}}
    request = SearchRequest.model_validate({"query": ELSEWHERE, "kind": "error", "context": context})
    hit = (await search_service.search(engine, None, request)).hits[0]
    assert hit.applies["PyYAML"].fits is fits
    assert hit.automatic is (fits is not False)
    assert ("for PyYAML <6, not your 6.0.2" in hit.why) is (fits is False)
