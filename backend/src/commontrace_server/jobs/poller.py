"""Doing jobs: one asyncio task that does those it has handlers for, or sees to it that somebody does."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence, Set
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final, NamedTuple, Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.errors import UNAVAILABLE, is_unavailable
from commontrace_server.jobs import queue
from commontrace_server.jobs.queue import Job
from commontrace_server.observability import signals

_log = logging.getLogger(__name__)

Handler = Callable[[Job], Awaitable[None]]
BatchHandler = Callable[[Sequence[Job]], Awaitable[None]]
Pause = Callable[[float], Awaitable[None]]

POLL_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 5.0
_OUTAGE_SECONDS: Final = 1.0
JOB_SECONDS: Final = 900.0  # what takes longer hangs: it fails, and is tried again
_DELEGATED_SECONDS: Final = 10.0  # until it is asked again whether anybody is there
_PATIENCE_SECONDS: Final = 1.0  # that jobs give way to requests at a time: a busy store does them, too


class Delegate(Protocol):
    """Where other processes may do the jobs."""

    async def take(self) -> bool:
        """Say that there may be work; False where nobody is there to do it."""
        ...


class _Work(NamedTuple):
    """What to do for a kind of job, and for how many of them at once."""

    handler: BatchHandler
    most: int


class Poller:
    """Does due jobs one after the other; sleeps until woken, until the next is due, or for `poll_seconds`.

    `wake` is for work that this process has just committed; the slow poll finds everything else: jobs of
    other processes and expired locks.

    Args:
        engine: Holds the queue.
        poll_seconds: How long to sleep at most.
        delegate: Asked first; what it takes is not done here.
        job_seconds: How long one attempt at a job may take.
        pause: Waits before each job until nothing is more urgent, for so many seconds at most.

    Attributes:
        stopping: Whether no other job is begun.
    """

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        poll_seconds: float = POLL_SECONDS,
        delegate: Delegate | None = None,
        job_seconds: float = JOB_SECONDS,
        pause: Pause | None = None,
    ) -> None:
        self._engine = engine
        self._poll_seconds = poll_seconds
        self._delegate = delegate
        self._job_seconds = job_seconds
        self._pause = pause
        self._work: dict[str, _Work] = {}
        self._awake = asyncio.Event()
        self.stopping = False
        self._task: asyncio.Task[None] | None = None

    def register(self, handlers: Mapping[str, Handler]) -> None:
        """Do jobs of these kinds from now on; jobs of other kinds are left in the queue."""
        self._work.update({kind: _Work(_each(handler), 1) for kind, handler in handlers.items()})
        self.wake()

    def register_batches(self, kind: str, handler: BatchHandler, most: int) -> None:
        """Do up to `most` jobs of a kind at once; where that fails, each is tried by itself."""
        self._work[kind] = _Work(handler, most)
        self.wake()

    def wake(self) -> None:
        """Look for work now."""
        self._awake.set()

    def wake_for(self, kinds: Set[str]) -> None:
        """Look for work now if jobs of one of these kinds are done here, or by the delegate."""
        if kinds and (self._delegate is not None or kinds & self._work.keys()):
            self.wake()

    def start(self) -> None:
        """Begin to work, in a task of the running loop."""
        self._task = asyncio.create_task(self._run(), name="job-poller")

    async def stop(self) -> None:
        """Let the job in hand end, but not for long; what is cut off is done again by whoever comes next."""
        self.stopping = True
        if self._task is None:
            return
        self.wake()
        _, pending = await asyncio.wait([self._task], timeout=_STOP_SECONDS)
        for task in pending:
            task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None

    async def _run(self) -> None:
        while not self.stopping:
            # Cleared before the look, so that what is announced during it is looked for again.
            self._awake.clear()
            try:
                pause = await self._look()
            except UNAVAILABLE as error:
                if not is_unavailable(error):
                    raise
                pause = _OUTAGE_SECONDS
            await self._sleep(pause)

    async def _sleep(self, seconds: float) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._awake.wait()

    async def _look(self) -> float:
        if self._delegate is not None and await self._delegate.take():
            return min(self._poll_seconds, _DELEGATED_SECONDS)
        return await self.work_off()

    async def work_off(self) -> float:
        """Do everything that is due; return the seconds until more may be.

        Raises:
            Exception: One of UNAVAILABLE: the queue cannot be reached.
        """
        while not self.stopping and self._work:
            if self._pause is not None:
                await self._pause(_PATIENCE_SECONDS)
            kinds = list(self._work)
            async with self._engine.begin() as connection:
                taken = await queue.claim(connection, kinds)
                more = self._work[taken[0].kind].most - 1 if taken else 0
                if more:
                    taken += await queue.take(connection, [taken[0].kind], limit=more)
                due = None if taken else await queue.next_due(connection, kinds)
            if not taken:
                return self._until(due)
            await self._do(taken)
        return self._poll_seconds

    def _until(self, due: datetime | None) -> float:
        if due is None:
            return self._poll_seconds
        return min(max((due - datetime.now(UTC)).total_seconds(), 0.0), self._poll_seconds)

    async def _do(self, taken: Sequence[Job]) -> None:
        """Do jobs of one kind."""
        failure = await self._attempt(taken)
        if failure is not None and len(taken) > 1:
            for job in taken:
                await self._do([job])
            return
        await self._settle(taken, failure)

    async def _settle(self, taken: Sequence[Job], failure: str | None) -> None:
        """Write down how it went: where the database is away, as soon as it is back."""
        while True:
            try:
                async with self._engine.begin() as connection:
                    if failure is None:
                        await queue.finish(connection, *taken)
                    else:
                        await queue.fail(connection, taken[0], failure)
            except UNAVAILABLE as error:
                if self.stopping or not is_unavailable(error):
                    raise
                await asyncio.sleep(_OUTAGE_SECONDS)
            else:
                return

    async def _attempt(self, taken: Sequence[Job]) -> str | None:
        """Call the handler; return what went wrong, if anything did."""
        first, since = taken[0], time.perf_counter()
        holding = asyncio.create_task(self._hold(taken))
        try:
            async with asyncio.timeout(self._job_seconds):
                await self._work[first.kind].handler(taken)
        except Exception as error:  # noqa: BLE001 - the edge: whatever a handler does, the queue goes on
            kind = type(error).__qualname__
            if len(taken) == 1:
                signals.worked(first.kind, time.perf_counter() - since, kind)
                _log.warning(
                    "job %d (%s): attempt %d ended with %s", first.id, first.kind, first.attempts, kind
                )
            return f"{kind}: {error}"
        finally:
            holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)
        seconds = (time.perf_counter() - since) / len(taken)
        for job in taken:
            signals.worked(job.kind, seconds)
        return None

    async def _hold(self, taken: Sequence[Job]) -> None:
        """Keep others from jobs that are done here; their locks still end soon after this process does."""
        while True:
            await asyncio.sleep(queue.LOCK.total_seconds() / 3)
            with suppress(*UNAVAILABLE):  # then they are fenced off, or have time until the next turn
                async with self._engine.begin() as connection:
                    await queue.hold(connection, *taken)


def _each(handler: Handler) -> BatchHandler:
    async def handle(taken: Sequence[Job]) -> None:
        for job in taken:
            await handler(job)

    return handle
