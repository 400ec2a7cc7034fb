"""Loading the embedder behind the back of a server that already answers, and changing it for another."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from typing import Final, TypeVar
from uuid import UUID

from commontrace_server.database.errors import UNAVAILABLE, is_unavailable
from commontrace_server.embeddings import Embedder, EmbeddingError
from commontrace_server.jobs.queue import Job
from commontrace_server.observability.embedder import Measured
from commontrace_server.settings import NO_EMBEDDER
from commontrace_server.state import State
from commontrace_server.traces.insertion import EMBED_JOB

_log = logging.getLogger(__name__)

T = TypeVar("T")

AGAIN_SECONDS: Final = 30.0  # until an embedder that does not answer yet is asked again
IDLE_SECONDS: Final = 900.0  # without a text, after which a local store lets go of the model
EMBEDDED_AT_ONCE: Final = 4  # traces: a fraction of a second, for which requests share the machine with it
WATCH_SECONDS: Final = 5.0  # until a switch to the new embedder is noticed


class Warming:
    """Loads the named embedder in the background and gives it to the search and to the jobs.

    Until then search answers from words and signatures, and `embed` jobs wait in the queue. Where traces have
    vectors of another embedder, that one is loaded for the search until they have been embedded anew.
    """

    def __init__(self, state: State, name: str) -> None:
        self._state = state
        self._name = name
        self._task: asyncio.Task[None] | None = None
        self._opened = AsyncExitStack()
        self._embedders: list[Embedder] = []

    def start(self) -> None:
        """Begin to load, unless the embedder is "none"."""
        if self._name != NO_EMBEDDER:
            self._state.embedder_status = "loading"
            self._task = asyncio.create_task(self._load(), name="embedder-warming")
            self._task.add_done_callback(self._ended)

    async def stop(self) -> None:
        """Stop loading, and let go of the models."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._opened.aclose()

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Say so if it ended by a fault of ours: search goes on by words, but not in silence."""
        if not task.cancelled() and (error := task.exception()) is not None:
            self._state.embedder_status = "failed"
            _log.error("loading the embedder failed, search goes by words alone", exc_info=error)

    async def _load(self) -> None:
        from commontrace_server.embeddings import renewal

        try:
            chosen = Measured(await self._opened.enter_async_context(self._opening(self._name)))
        except EmbeddingError as error:
            self._state.embedder_status = "failed"
            _log.error("the embedder cannot be loaded, search goes by words alone: %s", error)
            return
        serving = await _patiently(lambda: renewal.choose(self._state.engine, self._name, chosen))
        self._embedders = [chosen]
        if serving.model == chosen.name:
            self._do_jobs()
            await self._serve(chosen)
            return
        async with AsyncExitStack() as old:
            await self._renew(old, chosen, serving.choice)
        _log.info("search has switched to the embedder %s", chosen.name)

    def _opening(self, name: str) -> AbstractAsyncContextManager[Embedder]:
        from commontrace_server.embeddings.providers import opened

        # a person's own machine has better use for the memory; elsewhere somebody always asks
        return opened(name, idle_seconds=IDLE_SECONDS if self._state.builtin_account else None)

    async def _renew(self, old: AsyncExitStack, chosen: Embedder, before: str) -> None:
        """Search by the embedder of before until every trace has a vector of the chosen one."""
        from commontrace_server.embeddings import renewal

        self._state.embedder_status = "renewing"
        try:
            former = Measured(await old.enter_async_context(self._opening(before)))
            self._embedders.append(former)
            self._state.embedder = await _patiently(lambda: renewal.scaled(self._state.engine, former))
        except EmbeddingError as error:
            _log.warning("the embedder of before cannot be loaded, words stand in for it: %s", error)
        self._do_jobs()
        await self._switched(chosen.name)
        self._embedders = [chosen]
        await self._serve(chosen)

    async def _switched(self, model: str) -> None:
        """Wait until search is to ask this model, as the process that completes the renewal writes down."""
        from commontrace_server.embeddings import renewal

        while True:
            serving = await _patiently(lambda: renewal.serving(self._state.engine))
            if serving.model == model:
                return
            await asyncio.sleep(WATCH_SECONDS)

    async def _serve(self, chosen: Embedder) -> None:
        """Give it to the search, once it is known how its cosines compare."""
        from commontrace_server.embeddings import renewal

        while True:
            try:
                self._state.embedder = await _patiently(lambda: renewal.scaled(self._state.engine, chosen))
            except EmbeddingError as error:
                _log.warning("the embedder does not answer yet: %s", error)
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                self._state.embedder_status = "ready"
                return

    def _do_jobs(self) -> None:
        from commontrace_server.embeddings import renewal

        async def renew(job: Job) -> None:
            await renewal.renew(self._state.engine, self._embedders[0], job)

        async def forget(job: Job) -> None:
            await renewal.forget(self._state.engine, job)

        self._state.poller.register({renewal.RENEW_JOB: renew, renewal.FORGET_JOB: forget})
        self._state.poller.register_batches(EMBED_JOB, self._embed, EMBEDDED_AT_ONCE)

    async def _embed(self, taken: Sequence[Job]) -> None:
        from commontrace_server.embeddings.job import embed_traces

        traces = [UUID(job.payload["trace_id"]) for job in taken]
        for embedder in self._embedders:
            await embed_traces(self._state.engine, embedder, traces)


async def _patiently(ask: Callable[[], Awaitable[T]]) -> T:
    """Ask the database until it answers."""
    while True:
        try:
            return await ask()
        except UNAVAILABLE as error:
            if not is_unavailable(error):
                raise
            _log.warning("database unavailable: %s", type(error).__name__)
            await asyncio.sleep(WATCH_SECONDS)
