"""The embedder behind OpenAI's API, against a server that answers well, badly or not at all."""

import math
from collections.abc import AsyncIterator, Iterator

import pytest

from commontrace_server.embeddings import EmbedderUnavailableError, EmbeddingError
from commontrace_server.embeddings.openai import (
    ATTEMPTS,
    BATCH_TEXTS,
    DIMENSIONS_VARIABLE,
    KEY_VARIABLE,
    OPENAI_KEY_VARIABLE,
    URL_VARIABLE,
    WINDOW_CHARACTERS,
    OpenAI,
    from_environment,
)
from commontrace_server.embeddings.providers import opened
from support.embeddings_api import EmbeddingsApi, embeddings_api

KEY = "a-key-of-tests"


@pytest.fixture
def api() -> Iterator[EmbeddingsApi]:
    with embeddings_api() as running:
        yield running


@pytest.fixture
async def embedder(api: EmbeddingsApi) -> AsyncIterator[OpenAI]:
    made = OpenAI("a-model", 4, url=api.url, key=KEY)
    yield made
    await made.close()


async def test_vectors_are_of_unit_length_and_in_the_order_of_the_texts(embedder: OpenAI) -> None:
    """The order is that of the index of each vector, not that of the answer."""
    first, second = await embedder.embed(["a", "a long text"])
    assert math.hypot(*first) == pytest.approx(1.0)
    assert second[0] > first[0]


async def test_many_texts_are_sent_some_at_a_time(api: EmbeddingsApi, embedder: OpenAI) -> None:
    """No request is larger than a batch, and none of an empty list is made."""
    assert await embedder.embed([]) == []
    assert len(await embedder.embed(["text"] * (BATCH_TEXTS + 1))) == BATCH_TEXTS + 1
    assert [len(request["input"]) for request in api.requests] == [BATCH_TEXTS, 1]


async def test_the_request_is_the_one_of_the_api(api: EmbeddingsApi, embedder: OpenAI) -> None:
    """Model and key are sent; a long text is cut and an empty one is not sent empty."""
    await embedder.embed(["x" * (WINDOW_CHARACTERS + 1), ""])
    (request,) = api.requests
    assert (request["path"], request["model"]) == ("/v1/embeddings", "a-model")
    assert request["input"] == ["x" * WINDOW_CHARACTERS, " "]
    assert api.keys == [f"Bearer {KEY}"]


@pytest.mark.parametrize("status", [429, 500, 503])
async def test_a_passing_failure_is_tried_again(api: EmbeddingsApi, embedder: OpenAI, status: int) -> None:
    """Too many requests and failures of the server are not the last word."""
    api.answers = [(status, {"Retry-After": "0"})]
    assert len(await embedder.embed(["text"])) == 1
    assert len(api.requests) == 2


async def test_a_wish_longer_than_the_deadline_is_not_waited_for(
    api: EmbeddingsApi, embedder: OpenAI
) -> None:
    """A provider that says "in an hour" has failed for now; the queue comes back later."""
    api.answers = [(429, {"Retry-After": "3600"})]
    with pytest.raises(EmbeddingError, match="429"):
        await embedder.embed(["text"])
    assert len(api.requests) == 1


async def test_a_lasting_failure_is_given_up(api: EmbeddingsApi) -> None:
    """The number of attempts is bounded."""
    api.answers = [(500, {})] * (ATTEMPTS + 1)
    embedder = OpenAI("a-model", 4, url=api.url, deadline=300.0)
    with pytest.raises(EmbeddingError, match="500"):
        await embedder.embed(["text"])
    await embedder.close()
    assert len(api.requests) == ATTEMPTS


@pytest.mark.parametrize(("status", "error"), [(401, EmbedderUnavailableError), (400, EmbeddingError)])
async def test_a_refusal_is_final(
    api: EmbeddingsApi, embedder: OpenAI, status: int, error: type[EmbeddingError]
) -> None:
    """What the provider refuses it would refuse again; neither key nor answer is in the message."""
    api.answers = [(status, {})]
    api.body = b"secret words"
    with pytest.raises(error) as raised:
        await embedder.embed(["text"])
    assert len(api.requests) == 1
    assert KEY not in str(raised.value)
    assert "secret" not in str(raised.value)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[]",
        b'{"data": []}',
        b'{"data": [{"index": 1, "embedding": [1, 0, 0, 0]}]}',
        b'{"data": [{"index": 0, "embedding": [1, 0, 0]}]}',
        b'{"data": [{"index": 0, "embedding": [0, 0, 0, 0]}]}',
        b'{"data": [{"index": 0, "embedding": [NaN, 0, 0, 1]}]}',
        b'{"data": [{"index": 0, "embedding": "AAAA"}]}',
    ],
)
async def test_what_is_no_vector_of_the_model_is_refused(
    api: EmbeddingsApi, embedder: OpenAI, body: bytes
) -> None:
    """Garbage, a missing vector, wrong dimensions and a vector without a direction are failures."""
    api.body = body
    with pytest.raises(EmbeddingError):
        await embedder.embed(["text"])


async def test_a_silent_provider_is_waited_for_until_the_deadline(api: EmbeddingsApi) -> None:
    """A provider that accepts and never answers fails like one that is away."""
    api.silent = True
    embedder = OpenAI("a-model", 4, url=api.url, deadline=0.5)
    with pytest.raises(EmbeddingError):
        await embedder.embed(["text"])
    await embedder.close()


async def test_the_environment_describes_the_provider(
    api: EmbeddingsApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Address, key and dimensions; the key of OpenAI stays with OpenAI."""
    monkeypatch.setenv(URL_VARIABLE, api.url)
    monkeypatch.setenv(DIMENSIONS_VARIABLE, "4")
    monkeypatch.setenv(OPENAI_KEY_VARIABLE, KEY)
    monkeypatch.delenv(KEY_VARIABLE, raising=False)
    async with opened("openai:Org/Some:Model") as embedder:
        assert len(await embedder.embed(["text"])) == 1
    assert api.keys == [None]
    assert api.requests[0]["model"] == "Org/Some:Model"


async def test_openais_models_need_a_key_alone() -> None:
    """The default model's dimensions are known; its name tells model and dimensions."""
    embedder = from_environment("", {OPENAI_KEY_VARIABLE: KEY})
    await embedder.close()
    assert (embedder.name, embedder.dimensions) == ("text-embedding-3-small-1536", 1536)


@pytest.mark.parametrize(
    ("environment", "named"),
    [
        ({}, OPENAI_KEY_VARIABLE),
        ({URL_VARIABLE: "http://h/v1"}, DIMENSIONS_VARIABLE),
        ({URL_VARIABLE: "http://h/v1", DIMENSIONS_VARIABLE: "many"}, DIMENSIONS_VARIABLE),
        ({URL_VARIABLE: "ftp://h/v1", DIMENSIONS_VARIABLE: "4"}, URL_VARIABLE),
        ({KEY_VARIABLE: "a\nb", DIMENSIONS_VARIABLE: "4"}, "key"),
    ],
)
def test_what_is_missing_is_named(environment: dict[str, str], named: str) -> None:
    """The message says which variable to set."""
    with pytest.raises(EmbedderUnavailableError, match=named):
        from_environment("a-model", environment)
