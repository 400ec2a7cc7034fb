"""What a job worker answers at a port of its own: whether it lives and is ready, and its metrics."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from fastapi import FastAPI

from commontrace_server import problems
from commontrace_server.headers import SecurityHeaders
from commontrace_server.health import routes as health
from commontrace_server.listeners import Port
from commontrace_server.observability import routes as observability
from commontrace_server.state import State


class _Server(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them to the worker."""
        yield


@asynccontextmanager
async def answered(state: State, port: Port) -> AsyncIterator[None]:
    """Answer until the block ends; to the metrics applies what applies to the API's."""
    app = FastAPI(title="CommonTrace worker", openapi_url=None, docs_url=None, redoc_url=None)
    app.state.store = state
    app.add_middleware(problems.LastResort)
    app.add_middleware(SecurityHeaders)
    problems.install(app)
    app.include_router(health.router)
    app.include_router(observability.router)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, lifespan="off", ws="none"
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[port.socket]), name="worker-page")
    try:
        yield
    finally:
        server.should_exit = server.force_exit = True
        await asyncio.gather(serving, return_exceptions=True)
