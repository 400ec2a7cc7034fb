"""Embeddings of a provider that speaks OpenAI's API: OpenAI itself, or a server of one's own."""

import asyncio
import math
import os
from collections.abc import Mapping, Sequence
from typing import Final

import httpx
from pydantic import BaseModel, FiniteFloat, ValidationError
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception_type,
    stop_after_attempt,
    stop_before_delay,
    wait_exponential_jitter,
)

from commontrace_server.embeddings.names import identifier
from commontrace_server.embeddings.protocol import EmbedderUnavailableError, EmbeddingError
from commontrace_server.location import UsageError, variable

URL_VARIABLE: Final = "COMMONTRACE_EMBEDDER_URL"
KEY_VARIABLE: Final = "COMMONTRACE_EMBEDDER_KEY"
OPENAI_KEY_VARIABLE: Final = "OPENAI_API_KEY"
DIMENSIONS_VARIABLE: Final = "COMMONTRACE_EMBEDDER_DIMENSIONS"

OPENAI_URL: Final = "https://api.openai.com/v1"
DEFAULT_MODEL: Final = "text-embedding-3-small"
DIMENSIONS: Final = {"text-embedding-3-small": 1536, "text-embedding-3-large": 3072}

BATCH_TEXTS: Final = 32
WINDOW_CHARACTERS: Final = 8000  # the models read 8,191 tokens and refuse more
DEADLINE_SECONDS: Final = 15.0  # one batch with its retries: other jobs wait behind it
ATTEMPTS: Final = 4
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")  # never behind a proxy
_BACKOFF: Final = wait_exponential_jitter(multiplier=0.5, max=8.0, jitter=0.5)


class _TransientError(EmbeddingError):
    """The provider may answer when it is asked again."""

    def __init__(self, message: str, retry_after: float = 0.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class _Item(BaseModel):
    index: int
    embedding: list[FiniteFloat]


class _Answer(BaseModel):
    data: list[_Item]


class OpenAI:
    """An embedder behind `POST {url}/embeddings`.

    Args:
        model: What the provider calls the model.
        dimensions: Length of its vectors; an answer of another length is refused.
        url: The API's base.
        key: Sent as a bearer token; None sends none.
        deadline: Seconds that one batch may take, retries included.

    Raises:
        EmbedderUnavailableError: The address or the key cannot be used.
    """

    def __init__(
        self,
        model: str,
        dimensions: int,
        *,
        url: str = OPENAI_URL,
        key: str | None = None,
        deadline: float = DEADLINE_SECONDS,
    ) -> None:
        self.name = identifier(f"{model}-{dimensions}")
        self.dimensions = dimensions
        self._model = model
        self._deadline = deadline
        self._url = _endpoint(url)
        self._client = httpx.AsyncClient(
            headers=_headers(key), timeout=deadline, trust_env=self._url.host not in _LOOPBACK
        )

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts, some at a time; see `Embedder.embed`."""
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH_TEXTS):
            vectors += await self._batch(texts[start : start + BATCH_TEXTS])
        return vectors

    async def close(self) -> None:
        """Close the connections; the embedder is not usable afterwards."""
        await self._client.aclose()

    async def _batch(self, texts: Sequence[str]) -> list[list[float]]:
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(_TransientError),
            wait=_pause,
            stop=stop_after_attempt(ATTEMPTS) | stop_before_delay(self._deadline),
            reraise=True,
        )
        try:
            async with asyncio.timeout(self._deadline):
                content: bytes = await retrying(self._post, texts)
        except TimeoutError:
            raise EmbeddingError("the embedding provider is too slow") from None
        return self._vectors(content, len(texts))

    async def _post(self, texts: Sequence[str]) -> bytes:
        # an empty text is refused by the API
        body: dict[str, object] = {
            "model": self._model,
            "input": [text[:WINDOW_CHARACTERS] or " " for text in texts],
            "encoding_format": "float",
        }
        if DIMENSIONS.get(self._model, self.dimensions) != self.dimensions:
            body["dimensions"] = self.dimensions
        try:
            response = await self._client.post(self._url, json=body)
        except httpx.HTTPError as error:
            raise _TransientError(f"no embedding provider answers ({type(error).__name__})") from error
        status = response.status_code
        if status == httpx.codes.TOO_MANY_REQUESTS or response.is_server_error:
            raise _TransientError(f"the embedding provider answered {status}", _retry_after(response))
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            raise EmbedderUnavailableError(f"the embedding provider refused the key ({status})")
        if not response.is_success:
            raise EmbeddingError(f"the embedding provider answered {status}")
        return response.content

    def _vectors(self, content: bytes, count: int) -> list[list[float]]:
        try:
            items = sorted(_Answer.model_validate_json(content).data, key=lambda item: item.index)
        except ValidationError:
            raise EmbeddingError("the embedding provider's answer holds no embeddings") from None
        if [item.index for item in items] != list(range(count)):
            raise EmbeddingError(f"the embedding provider answered {len(items)} vectors for {count} texts")
        return [self._unit(item.embedding) for item in items]

    def _unit(self, vector: list[float]) -> list[float]:
        if len(vector) != self.dimensions:
            raise EmbeddingError(
                f"the embedding provider's vectors have {len(vector)} dimensions, not {self.dimensions}"
            )
        length = math.hypot(*vector)
        if not 0.0 < length < math.inf:
            raise EmbeddingError("the embedding provider answered a vector without a direction")
        return [value / length for value in vector]


def from_environment(model: str, environment: Mapping[str, str] = os.environ) -> OpenAI:
    """Return the embedder that the environment describes.

    OPENAI_API_KEY goes to OpenAI alone; a provider of another address gets COMMONTRACE_EMBEDDER_KEY or none.

    Args:
        model: Empty means the default one.
        environment: Where addresses and keys are looked up.

    Raises:
        EmbedderUnavailableError: Something is missing or cannot be used; the message names the variable.
    """
    model = model or DEFAULT_MODEL
    url = environment.get(URL_VARIABLE) or OPENAI_URL
    key = _secret(KEY_VARIABLE, environment)
    if url == OPENAI_URL:
        key = key or _secret(OPENAI_KEY_VARIABLE, environment)
        if not key:
            raise EmbedderUnavailableError(f"OpenAI needs a key: set {OPENAI_KEY_VARIABLE}")
    return OpenAI(model, _dimensions(model, environment), url=url, key=key)


def _secret(name: str, environment: Mapping[str, str]) -> str | None:
    try:
        return variable(name, environment)
    except UsageError as error:
        raise EmbedderUnavailableError(str(error)) from error


def _dimensions(model: str, environment: Mapping[str, str]) -> int:
    given = environment.get(DIMENSIONS_VARIABLE) or None
    if given is None and model in DIMENSIONS:
        return DIMENSIONS[model]
    if given is None or not (given.isascii() and given.isdigit()) or int(given) == 0:
        raise EmbedderUnavailableError(f"set {DIMENSIONS_VARIABLE} to the length of {model}'s vectors")
    return int(given)


def _endpoint(url: str) -> httpx.URL:
    try:
        endpoint = httpx.URL(f"{url.rstrip('/')}/embeddings")
    except httpx.InvalidURL as error:
        raise EmbedderUnavailableError(f"{URL_VARIABLE} is no address") from error
    if endpoint.scheme not in ("http", "https") or not endpoint.host:
        raise EmbedderUnavailableError(f"{URL_VARIABLE} is no address of http or https")
    return endpoint


def _headers(key: str | None) -> dict[str, str]:
    if key is None:
        return {}
    if not (key.isascii() and key.isprintable()):
        raise EmbedderUnavailableError("the embedding provider's key holds characters that no key has")
    return {"Authorization": f"Bearer {key}"}


def _pause(state: RetryCallState) -> float:
    """The provider's own wish, when it is longer than the usual pause."""
    error = state.outcome.exception() if state.outcome else None
    wished = error.retry_after if isinstance(error, _TransientError) else 0.0
    return max(wished, _BACKOFF(state))


def _retry_after(response: httpx.Response) -> float:
    """Seconds; a date, which embedding providers do not send, counts as no wish."""
    wished = response.headers.get("Retry-After", "")
    return float(wished) if wished.isascii() and wished.isdigit() else 0.0
