"""A store whose embedder is a provider's."""

from collections.abc import AsyncIterator, Iterator

import httpx
import pytest

from commontrace_server.app import create_app
from commontrace_server.embeddings.openai import DIMENSIONS_VARIABLE, URL_VARIABLE
from commontrace_server.settings import Settings
from support.embeddings_api import EmbeddingsApi, embeddings_api
from support.store import client_of, draft, eventually

PATIENCE_SECONDS = 60.0
QUESTION = {"query": "pytest cannot import yaml", "kind": "question"}


@pytest.fixture
def api(monkeypatch: pytest.MonkeyPatch) -> Iterator[EmbeddingsApi]:
    with embeddings_api() as running:
        monkeypatch.setenv(URL_VARIABLE, running.url)
        monkeypatch.setenv(DIMENSIONS_VARIABLE, "4")
        yield running


@pytest.fixture
async def client(api: EmbeddingsApi, store_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a store that embeds with the provider."""
    app = create_app(Settings(database_url=store_url, embedder="openai:a-model", builtin_account=True))
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


async def _searched_by_meaning(client: httpx.AsyncClient) -> bool:
    answer = (await client.post("/v1/search", json=QUESTION)).raise_for_status().json()
    return answer["degraded"] == [] and bool(answer["hits"])


async def test_traces_and_queries_are_embedded_by_the_provider(client: httpx.AsyncClient) -> None:
    """A contribution gets vectors of the provider's model, and a search finds it by them."""
    trace = (await client.post("/v1/traces", json=draft())).raise_for_status().json()

    async def embedded() -> bool:
        return bool((await client.get(f"/v1/traces/{trace['id']}")).json()["embedded"])

    await eventually(embedded, seconds=PATIENCE_SECONDS)
    await eventually(lambda: _searched_by_meaning(client), seconds=PATIENCE_SECONDS)


async def test_a_provider_that_fails_costs_meaning_and_nothing_else(
    api: EmbeddingsApi, client: httpx.AsyncClient
) -> None:
    """The search answers by words and signatures, and says that vectors are missing."""
    (await client.post("/v1/traces", json=draft())).raise_for_status()
    api.body = b"garbage"
    answer = (await client.post("/v1/search", json=QUESTION)).raise_for_status().json()
    assert answer["hits"]
    assert answer["degraded"]
