"""What routes ask for: the engine, a connection that reads, a connection that writes, the embedder."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.embeddings import Embedder
from commontrace_server.jobs import queue
from commontrace_server.state import State


# A dependency that is no coroutine is run in another thread, which costs more than all of these do.
async def _state(request: Request) -> State:
    return cast("State", request.app.state.store)


StateDep = Annotated[State, Depends(_state)]


async def _engine(state: StateDep) -> AsyncEngine:
    return state.engine


async def _embedder(state: StateDep) -> Embedder | None:
    return state.embedder


async def _reading(state: StateDep) -> AsyncIterator[AsyncConnection]:
    async with state.engine.connect() as connection:
        yield connection


async def _writing(state: StateDep) -> AsyncIterator[AsyncConnection]:
    """The one place that commits; afterwards the poller looks at what the transaction has queued."""
    async with state.engine.begin() as connection:
        yield connection
        queued = queue.noted(connection)
    state.poller.wake_for(queued)


EngineDep = Annotated[AsyncEngine, Depends(_engine)]
EmbedderDep = Annotated[Embedder | None, Depends(_embedder)]
# With scope="function" the dependency ends before the answer is sent: what is acknowledged is committed.
ReadDep = Annotated[AsyncConnection, Depends(_reading, scope="function")]
WriteDep = Annotated[AsyncConnection, Depends(_writing, scope="function")]
