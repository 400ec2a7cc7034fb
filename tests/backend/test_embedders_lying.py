"""A provider that answers, but not with what it was asked for."""

import math
from collections.abc import Sequence

import pytest
from benchmarks.provider import DIMENSIONS, LIES, Provider

from commontrace_server.embeddings import EmbeddingError
from commontrace_server.embeddings.openai import OpenAI
from commontrace_server.observability.embedder import Measured


@pytest.mark.parametrize("lie", LIES)
async def test_lie_of_a_provider_is_no_vector(lie: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused, whatever it is; the next true answer is taken."""
    provider = Provider()
    monkeypatch.setattr(provider, "_lies", iter([lie]))
    await provider.start()
    embedder = OpenAI("m", DIMENSIONS, url=f"http://127.0.0.1:{provider.port}")
    try:
        provider.mood = "lying"
        with pytest.raises(EmbeddingError):
            await embedder.embed(["one", "two"])
        provider.mood = "good"
        assert len(await embedder.embed(["one", "two"])) == 2
    finally:
        await embedder.close()
        await provider.stop()


class Local:
    """An embedder in this process, whose model is broken."""

    name = "local"
    dimensions = 2

    def __init__(self, vectors: list[list[float]]) -> None:
        self._vectors = vectors

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        return self._vectors[: len(self._vectors) * len(texts)]


@pytest.mark.parametrize(
    "vectors",
    [[], [[1.0, 0.0]] * 2, [[1.0]], [[math.nan, 0.0]], [[math.inf, 0.0]], [[0.0, 0.0]], [[2.0, 0.0]]],
    ids=["none", "too many", "length", "not a number", "infinite", "no direction", "no unit"],
)
async def test_what_any_embedder_makes_is_looked_at(vectors: list[list[float]]) -> None:
    """A model of one's own may be as wrong as a provider."""
    with pytest.raises(EmbeddingError):
        await Measured(Local(vectors)).embed(["one"])
    assert await Measured(Local([[0.6, 0.8]])).embed(["one"]) == [[0.6, 0.8]]
