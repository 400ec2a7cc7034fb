"""From the name that a store is started with to an embedder; a provider's libraries load when it is used."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from commontrace_server.embeddings import index
from commontrace_server.embeddings.protocol import Embedder, EmbedderUnavailableError
from commontrace_server.settings import MINILM, OPENAI, SENTENCE_TRANSFORMERS


@asynccontextmanager
async def opened(choice: str, *, idle_seconds: float | None = None) -> AsyncIterator[Embedder]:
    """Give an embedder that is ready, and let go of it afterwards.

    Args:
        choice: A provider, and after a colon its model; see `settings.checked_embedder`.
        idle_seconds: After how long without a text the shipped model is let go of until the next one.

    Raises:
        EmbedderUnavailableError: It cannot work; the message says what is missing.
        ValueError: There is no such provider.
    """
    provider, _, model = choice.partition(":")
    if provider == MINILM:
        opening = _minilm(idle_seconds)
    elif provider == OPENAI:
        opening = _openai(model)
    elif provider == SENTENCE_TRANSFORMERS:
        opening = _local(Path(model))
    else:
        raise ValueError(f"there is no embedder {provider!r}")
    async with opening as embedder:
        try:
            index.checked(embedder.name, embedder.dimensions)
        except ValueError as error:
            raise EmbedderUnavailableError(str(error)) from error
        yield embedder


@asynccontextmanager
async def _minilm(idle_seconds: float | None) -> AsyncIterator[Embedder]:
    from commontrace_server.embeddings.minilm import MiniLM

    embedder = MiniLM(idle_seconds=idle_seconds)
    try:
        await embedder.load()
        yield embedder
    finally:
        await asyncio.to_thread(embedder.close)


@asynccontextmanager
async def _openai(model: str) -> AsyncIterator[Embedder]:
    from commontrace_server.embeddings import openai

    embedder = openai.from_environment(model)
    try:
        yield embedder
    finally:
        await embedder.close()


@asynccontextmanager
async def _local(folder: Path) -> AsyncIterator[Embedder]:
    from commontrace_server.embeddings import local

    embedder = await asyncio.to_thread(local.load, folder)
    try:
        yield embedder
    finally:
        await asyncio.to_thread(embedder.close)
