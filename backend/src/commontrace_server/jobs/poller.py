"""The in-process worker: one asyncio task that does the jobs it has handlers for."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.errors import UNAVAILABLE, is_unavailable
from commontrace_server.jobs import queue
from commontrace_server.jobs.queue import Job

_log = logging.getLogger(__name__)

Handler = Callable[[Job], Awaitable[None]]

POLL_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_OUTAGE_SECONDS: Final = 1.0


class Poller:
    """Does due jobs one after the other; sleeps until woken, until the next is due, or for `poll_seconds`.

    `wake` is for work that this process has just committed; the slow poll finds everything else: jobs of
    other processes and expired locks.
    """

    def __init__(self, engine: AsyncEngine, *, poll_seconds: float = POLL_SECONDS) -> None:
        self._engine = engine
        self._poll_seconds = poll_seconds
        self._handlers: dict[str, Handler] = {}
        self._awake = asyncio.Event()
        self._stopping = False
        self._task: asyncio.Task[None] | None = None

    def register(self, handlers: Mapping[str, Handler]) -> None:
        """Do jobs of these kinds from now on; jobs of other kinds are left in the queue."""
        self._handlers.update(handlers)
        self.wake()

    def wake(self) -> None:
        """Look for work now."""
        self._awake.set()

    def start(self) -> None:
        """Begin to work, in a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="job-poller")

    async def stop(self) -> None:
        """Let the job in hand end, but not for long; what is cut off is done again by whoever comes next."""
        if self._task is None:
            return
        self._stopping = True
        self.wake()
        _, pending = await asyncio.wait([self._task], timeout=_STOP_SECONDS)
        for task in pending:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while not self._stopping:
            # Cleared before the look, so that what is announced during it is looked for again.
            self._awake.clear()
            try:
                pause = await self._drain()
            except UNAVAILABLE as error:
                if not is_unavailable(error):
                    raise
                pause = _OUTAGE_SECONDS
            await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._awake.wait(), timeout=seconds)
        except TimeoutError:
            return

    async def _drain(self) -> float:
        """Do everything that is due; return the seconds until more may be."""
        while not self._stopping and self._handlers:
            kinds = list(self._handlers)
            async with self._engine.begin() as connection:
                taken = await queue.claim(connection, kinds)
                due = None if taken else await queue.next_due(connection, kinds)
            if not taken:
                return self._until(due)
            for job in taken:
                await self._do(job)
        return self._poll_seconds

    def _until(self, due: datetime | None) -> float:
        if due is None:
            return self._poll_seconds
        return min(max((due - datetime.now(UTC)).total_seconds(), 0.0), self._poll_seconds)

    async def _do(self, job: Job) -> None:
        failure = await self._attempt(job)
        async with self._engine.begin() as connection:
            if failure is None:
                await queue.finish(connection, job)
            else:
                await queue.fail(connection, job, failure)

    async def _attempt(self, job: Job) -> str | None:
        """Call the handler; return what went wrong, if anything did."""
        try:
            await self._handlers[job.kind](job)
        except Exception as error:  # noqa: BLE001 - the edge: whatever a handler does, the queue goes on
            kind = type(error).__qualname__
            _log.warning("job %d (%s): attempt %d ended with %s", job.id, job.kind, job.attempts, kind)
            return f"{kind}: {error}"
        return None
