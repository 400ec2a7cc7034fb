"""Vectors of recent queries."""

import asyncio
from collections.abc import Sequence

import pytest

from commontrace_server.embeddings import EmbeddingError
from commontrace_server.embeddings.query_cache import EmbeddingTimeoutError, QueryCache
from commontrace_server.observability import signals
from commontrace_server.observability.embedder import Measured


class Provider:
    """An embedder that answers when it is told to."""

    name = "provider"
    dimensions = 1

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.open = asyncio.Event()
        self.failing = False

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += texts
        await self.open.wait()
        if self.failing:
            raise EmbeddingError("down")
        return [[float(len(text))] for text in texts]


async def test_a_query_is_embedded_once() -> None:
    """The same text asked again costs nothing."""
    cache, provider = QueryCache(), Provider()
    provider.open.set()
    assert await cache.vector(provider, "abc") == [3.0]
    assert await cache.vector(provider, "abc") == [3.0]
    assert provider.calls == ["abc"]


async def test_simultaneous_searches_share_one_embedding() -> None:
    """Eight failures at once with the same text ask the embedder once."""
    cache, provider = QueryCache(patience=10), Provider()
    asked = [asyncio.create_task(cache.vector(provider, "abc")) for _ in range(8)]
    await asyncio.sleep(0)
    provider.open.set()
    assert await asyncio.gather(*asked) == [[3.0]] * 8
    assert provider.calls == ["abc"]


async def test_a_slow_embedder_is_not_waited_for() -> None:
    """A search goes on without the vector, and the next one finds it."""
    cache, provider = QueryCache(patience=0.01), Provider()
    with pytest.raises(EmbeddingTimeoutError):
        await cache.vector(provider, "abc")
    provider.open.set()
    await asyncio.sleep(0.05)
    assert await cache.vector(provider, "abc") == [3.0]
    assert provider.calls == ["abc"]


async def test_a_failure_is_not_remembered() -> None:
    """After a failure the next search tries again."""
    cache, provider = QueryCache(), Provider()
    provider.open.set()
    provider.failing = True
    with pytest.raises(EmbeddingError, match="down"):
        await cache.vector(provider, "abc")
    provider.failing = False
    assert await cache.vector(provider, "abc") == [3.0]


async def test_the_oldest_vectors_are_forgotten_first() -> None:
    """The cache holds no more than its capacity, the most recently used."""
    cache, provider = QueryCache(capacity=2), Provider()
    provider.open.set()
    for text in ("a", "b", "a", "c", "a", "b"):
        await cache.vector(provider, text)
    assert provider.calls == ["a", "b", "c", "b"]


async def test_who_is_not_hurried_gets_a_slow_vector() -> None:
    """Beyond a hook's patience a person still waits for the whole answer."""
    cache, provider = QueryCache(patience=0.0, unhurried=10), Provider()
    asyncio.get_running_loop().call_later(0.02, provider.open.set)
    assert await cache.vector(provider, "a", hurried=False) == [1.0]


async def test_what_nobody_waits_for_any_more_is_called_off() -> None:
    """A store that stops does not embed; what it has called off counts as no failure of the embedder."""
    said: list[str | None] = []

    class Heard(signals.Listener):
        def embedded(self, model: str, texts: int, seconds: float, failure: str | None) -> None:  # noqa: ARG002
            said.append(failure)

    cache, provider, heard = QueryCache(patience=0.0, unhurried=0.0), Provider(), Heard()
    signals.listen(heard)
    try:
        with pytest.raises(EmbeddingTimeoutError):
            await cache.vector(Measured(provider), "abc")
        await asyncio.sleep(0)
        await cache.close()
    finally:
        signals.forget(heard)
    assert (provider.calls, said, cache._running) == (["abc"], [], {})
