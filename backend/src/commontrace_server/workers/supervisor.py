"""Keeps several `serve` processes on one socket: starts them, replaces them, ends them.

The socket is listened on here as well, so whoever connects while a worker is replaced waits in its queue
until another takes the connection. A worker is a whole `serve` of its own, started as this process was, so a
restart also takes new code.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack, suppress
from typing import Any, Final

from commontrace_server.launch import StoreNotStartedError
from commontrace_server.workers.worker import SOCKET_VARIABLE, Worker, WorkerFailedError

_log = logging.getLogger(__name__)

BACKLOG: Final = 2048
_FIRST_PAUSE_SECONDS: Final = 0.5
_MAX_PAUSE_SECONDS: Final = 30.0
_SETTLED_SECONDS: Final = 30.0  # a worker that lived this long did not fail at its start


class Supervisor:
    """Runs `count` workers until SIGTERM or SIGINT; SIGHUP replaces them one after the other.

    Args:
        command: What a worker is started with.
        listener: The bound socket that they share.
        count: How many.
        environment: Added to this process's environment for the workers.
    """

    def __init__(
        self, command: Sequence[str], listener: socket.socket, count: int, environment: dict[str, str]
    ) -> None:
        self._command = command
        self._socket = listener
        self._count = count
        self._environment = {**os.environ, **environment, SOCKET_VARIABLE: str(listener.fileno())}
        self._places: list[asyncio.Task[None]] = []
        self._current: dict[int, Worker] = {}
        self._stopping = asyncio.Event()
        self._restart = asyncio.Event()

    async def run(self) -> None:
        """Serve; returns when all workers have ended after a signal.

        Raises:
            StoreNotStartedError: A worker did not become ready at the first start.
        """
        self._socket.listen(BACKLOG)
        async with AsyncExitStack() as stack:
            self._listen_to_signals(stack)
            stack.push_async_callback(self._end_all)
            await self._first_start()
            if self._stopping.is_set():
                return
            sys.stdout.write(f"ready {next(iter(self._current.values())).address}\n")
            sys.stdout.flush()
            self._places = [asyncio.create_task(self._keep(place)) for place in range(self._count)]
            await self._wait()

    def _listen_to_signals(self, stack: AsyncExitStack) -> None:
        loop = asyncio.get_running_loop()
        for number, event in (
            (signal.SIGTERM, self._stopping),
            (signal.SIGINT, self._stopping),
            (signal.SIGHUP, self._restart),
        ):
            loop.add_signal_handler(number, event.set)
            stack.callback(loop.remove_signal_handler, number)

    async def _first_start(self) -> None:
        starting = asyncio.create_task(self._start_places())
        stopping = asyncio.create_task(self._stopping.wait())
        waits: list[asyncio.Task[Any]] = [starting, stopping]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                await starting
        except* WorkerFailedError as errors:
            raise StoreNotStartedError from errors
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)

    async def _start_places(self) -> None:
        async def start(place: int) -> None:
            self._current[place] = await self._started()

        async with asyncio.TaskGroup() as group:
            for place in range(self._count):
                group.create_task(start(place))

    async def _started(self) -> Worker:
        worker = await Worker.start(self._command, self._socket.fileno(), self._environment)
        try:
            await worker.wait_ready()
        except BaseException:
            await worker.stop()
            raise
        return worker

    async def _wait(self) -> None:
        """Replace everybody at each SIGHUP, until it is time to stop."""
        stopping = asyncio.create_task(self._stopping.wait())
        while not self._stopping.is_set():
            await self._unless_stopping(self._restart.wait(), stopping)
            if self._restart.is_set():
                self._restart.clear()
                await self._unless_stopping(self._replace_all(), stopping)

    async def _unless_stopping(self, work: Coroutine[Any, Any, Any], stopping: "asyncio.Task[Any]") -> None:
        """Do `work`, or break it off when it is time to stop."""
        task = asyncio.create_task(work)
        await asyncio.wait([stopping, task], return_when=asyncio.FIRST_COMPLETED)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    async def _replace_all(self) -> None:
        """One after the other: the new one answers before the old one is told to go."""
        for place in range(self._count):
            try:
                fresh = await self._started()
            except WorkerFailedError as error:
                _log.error("the restart was given up, the workers there are go on: %s", error)
                return
            old, self._current[place] = self._current[place], fresh
            await old.stop()
        _log.warning("all %d workers were replaced", self._count)

    async def _keep(self, place: int) -> None:
        """Put another worker where one has ended that nobody told to."""
        pause, since = _FIRST_PAUSE_SECONDS, time.monotonic()
        while True:
            worker = self._current[place]
            status = await worker.ended()
            if worker is not self._current[place]:
                continue  # it was replaced
            _log.error("worker %d ended by itself (status %d): starting another", worker.pid, status)
            pause = _FIRST_PAUSE_SECONDS if time.monotonic() - since > _SETTLED_SECONDS else pause
            while self._current[place] is worker:
                try:
                    fresh = await self._started()
                except WorkerFailedError as error:
                    _log.error("no worker can be started, trying again in %.0f s: %s", pause, error)
                    await asyncio.sleep(pause)
                    pause = min(pause * 2, _MAX_PAUSE_SECONDS)
                    continue
                if self._current[place] is worker:
                    self._current[place] = fresh
                else:  # a restart was quicker
                    await fresh.stop()
            since = time.monotonic()

    async def _end_all(self) -> None:
        for task in self._places:
            task.cancel()
        await asyncio.gather(*self._places, return_exceptions=True)
        with suppress(ProcessLookupError):
            await asyncio.gather(*(worker.stop() for worker in self._current.values()))
