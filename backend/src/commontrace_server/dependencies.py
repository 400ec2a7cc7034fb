"""What routes ask for: the engine, a connection that reads, a connection that writes, the embedder."""

from collections.abc import AsyncIterator
from typing import Annotated, cast

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.embeddings import Embedder
from commontrace_server.jobs import queue
from commontrace_server.state import State


def state_of(request: Request) -> State:
    """Return the parts of the store that is asked."""
    return cast("State", request.app.state.store)


# A dependency that is no coroutine is run in another thread, which costs more than all of these do. What a
# dependency itself depends on is gone through again wherever it is asked for, so these depend on nothing.
async def _state(request: Request) -> State:
    return state_of(request)


StateDep = Annotated[State, Depends(_state)]


async def _engine(request: Request) -> AsyncEngine:
    return state_of(request).engine


async def _embedder(request: Request) -> Embedder | None:
    return state_of(request).embedder


async def _reading(request: Request) -> AsyncIterator[AsyncConnection]:
    async with state_of(request).engine.connect() as connection:
        yield connection


async def _writing(request: Request) -> AsyncIterator[AsyncConnection]:
    """The one place that commits; afterwards the poller looks at what the transaction has queued."""
    state = state_of(request)
    # A connection that is closed before the commit rolls back; `begin` does the same with a task more.
    async with state.engine.connect() as connection:
        yield connection
        await connection.commit()
        queued = queue.noted(connection)
    state.poller.wake_for(queued)


EngineDep = Annotated[AsyncEngine, Depends(_engine)]
EmbedderDep = Annotated[Embedder | None, Depends(_embedder)]
# With scope="function" the dependency ends before the answer is sent: what is acknowledged is committed.
ReadDep = Annotated[AsyncConnection, Depends(_reading, scope="function")]
WriteDep = Annotated[AsyncConnection, Depends(_writing, scope="function")]
