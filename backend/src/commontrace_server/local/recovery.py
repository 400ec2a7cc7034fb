"""Bringing the embedded PostgreSQL back when it was killed under a running store."""

import asyncio
import logging
from typing import Any, Final

from sqlalchemy import event, text

from commontrace_server.database.errors import UNAVAILABLE, is_unavailable
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.postgres.errors import PostgresError
from commontrace_server.state import State

_log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 0.05
_PAUSE_SECONDS: Final = 2.0


class Recovery:
    """Watches the connections of a running app, and starts the cluster again when it is gone.

    It waits for a sign: a request that failed, or a pooled connection that was closed. Nothing polls.
    """

    def __init__(self, state: State, cluster: Cluster) -> None:
        self._state = state
        self._cluster = cluster
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to watch."""
        event.listen(self._state.engine.sync_engine, "connect", self._watch)
        self._task = asyncio.create_task(self._run(), name="database-recovery")

    async def stop(self) -> None:
        """Stop watching."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def _watch(self, connection: Any, _record: object) -> None:
        connection.driver_connection.add_termination_listener(self._terminated)

    def _terminated(self, _connection: object) -> None:
        self._state.database_lost.set()

    async def _run(self) -> None:
        while True:
            await self._state.database_lost.wait()
            self._state.database_lost.clear()
            # A server that is being killed loses its connections a moment before it stops being alive, so
            # neither sign alone is believed: this goes on until the database answers.
            while not await self._answers():
                if self._cluster.alive():
                    await asyncio.sleep(_LOOK_SECONDS)
                else:
                    await self._revive()

    async def _answers(self) -> bool:
        try:
            async with self._state.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except UNAVAILABLE as error:
            if not is_unavailable(error):
                raise
            return False
        return True

    async def _revive(self) -> None:
        try:
            await asyncio.to_thread(self._cluster.start)
        except PostgresError as error:
            _log.error("the database does not start: %s", error)
            await asyncio.sleep(_PAUSE_SECONDS)
            return
        await self._state.engine.dispose()
        self._state.poller.wake()
        _log.warning("the database was gone and is back")
