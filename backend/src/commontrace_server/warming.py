"""Loading the embedder behind the back of a server that already answers."""

import asyncio
import logging
from contextlib import AsyncExitStack
from uuid import UUID

from commontrace_server.database.errors import UNAVAILABLE
from commontrace_server.embeddings import EmbeddingError, renewal
from commontrace_server.jobs.queue import Job
from commontrace_server.observability.embedder import Measured
from commontrace_server.settings import NO_EMBEDDER
from commontrace_server.state import State
from commontrace_server.traces.service import EMBED_JOB

_log = logging.getLogger(__name__)


class Warming:
    """Loads the named embedder in the background and gives it to the search and to the `embed` jobs.

    Until then search answers from words and signatures, and `embed` jobs wait in the queue.
    """

    def __init__(self, state: State, name: str) -> None:
        self._state = state
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._opened = AsyncExitStack()

    def start(self) -> None:
        """Begin to load, unless the embedder is "none"."""
        if self._name != NO_EMBEDDER:
            self._state.embedder_status = "loading"
            self._task = asyncio.create_task(self._load(), name="embedder-warming")

    async def stop(self) -> None:
        """Stop loading, and let go of the model."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._opened.aclose()

    async def _load(self) -> None:
        from commontrace_server.embeddings.providers import opened

        try:
            embedder = await self._opened.enter_async_context(opened(self._name))
        except EmbeddingError as error:
            self._state.embedder_status = "failed"
            _log.error("the embedder cannot be loaded, search goes by words alone: %s", error)
            return
        self._state.embedder = Measured(embedder)
        self._state.embedder_status = "ready"
        await self._renew(embedder.name)
        self._state.poller.register({EMBED_JOB: self._embed, renewal.REEMBED: self._re_embed})

    async def _renew(self, model: str) -> None:
        """Traces that were embedded by another model, or not at all, get their vectors in the background."""
        try:
            async with self._state.engine.begin() as connection:
                await renewal.ask(connection, model)
        except UNAVAILABLE as error:
            # the next start asks again
            _log.warning("re-embedding could not be queued: %s", type(error).__name__)

    async def _re_embed(self, job: Job) -> None:
        await renewal.renew(self._state.engine, job, EMBED_JOB)

    async def _embed(self, job: Job) -> None:
        from commontrace_server.embeddings.job import embed_trace

        assert self._state.embedder is not None, "embed jobs are registered once there is an embedder"
        await embed_trace(self._state.engine, self._state.embedder, UUID(job.payload["trace_id"]))
