"""The map of the store: which parts an app is made of, and in what order they start and stop."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Final

from fastapi import Depends, FastAPI
from fastapi.telemetry import TelemetryConfig
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server import problems
from commontrace_server.accounts import authentication, authorisation
from commontrace_server.accounts import routes as accounts
from commontrace_server.accounts.pepper import APPROVAL_FILE, Pepper
from commontrace_server.bodies import BoundedBodies
from commontrace_server.database import create_engine
from commontrace_server.database.errors import UnreachableError
from commontrace_server.database.migrate import HEAD, current_revision
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.headers import SecurityHeaders
from commontrace_server.health import routes as health
from commontrace_server.health.activity import Activity, CountedRequests
from commontrace_server.jobs import routine
from commontrace_server.jobs.handlers import handlers
from commontrace_server.jobs.poller import Delegate, Poller
from commontrace_server.limits.limiter import Limiter
from commontrace_server.local.recovery import Recovery
from commontrace_server.moderation import routes as moderation
from commontrace_server.observability import routes as observability
from commontrace_server.observability.beginning import begin
from commontrace_server.outcomes import routes as outcomes
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.reputation import routes as reputation
from commontrace_server.search import candidates, ranking
from commontrace_server.search import routes as search
from commontrace_server.settings import Settings
from commontrace_server.spaces import routes as spaces
from commontrace_server.starter import loader
from commontrace_server.state import State
from commontrace_server.tags import routes as tags
from commontrace_server.traces import routes as traces
from commontrace_server.transfer import routes as transfer
from commontrace_server.votes import routes as votes
from commontrace_server.warming import Warming

if TYPE_CHECKING:
    from commontrace_server.observability.metrics import Metrics

_RETRY_SECONDS: Final = 30.0
_DESCRIPTION: Final = "A collective knowledge layer for coding agents. Errors are RFC 9457 problem documents."
# FastAPI records bodies and validation errors for OpenTelemetry, and exports them where the environment says:
# nothing of what people write may leave that way.
_NO_TELEMETRY: Final = TelemetryConfig(
    tracing=False, metrics=False, logs=False, operation_spans=False, auto_configure=False
)


def create_app(settings: Settings, cluster: Cluster | None = None) -> FastAPI:
    """Return the app. Nothing is opened before its lifespan begins; the database must be migrated by then.

    Args:
        settings: How to run.
        cluster: The embedded PostgreSQL behind the database, to be started again when it dies.
    """
    metrics = _metrics(settings)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        async with running(settings, cluster, metrics, app.state.activity) as state:
            app.state.store = state
            yield

    app = FastAPI(
        title="CommonTrace",
        version="1",
        description=_DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        redoc_url=None,
        telemetry=_NO_TELEMETRY,
    )
    app.state.activity = Activity()
    # The last one added is the outermost.
    app.add_middleware(BoundedBodies, limit=settings.body_limit)
    app.add_middleware(problems.LastResort)
    app.add_middleware(CountedRequests, activity=app.state.activity)
    problems.install(app)
    if metrics is not None:
        from commontrace_server.observability.requests import Observed

        app.add_middleware(Observed, metrics=metrics)
    app.add_middleware(SecurityHeaders)
    app.include_router(health.router)
    app.include_router(observability.router)
    app.include_router(health.lease_router, dependencies=[Depends(authentication.known)])
    # Routes are tried in this order: what is asked most comes first.
    for part in (search, votes, outcomes, traces, accounts, spaces, moderation, reputation, tags, transfer):
        app.include_router(part.router, dependencies=[Depends(authentication.AUTHENTICATED)])
    authorisation.complete(app)
    return app


@asynccontextmanager
async def running(
    settings: Settings,
    cluster: Cluster | None,
    metrics: "Metrics | None" = None,
    activity: Activity | None = None,
) -> AsyncIterator[State]:
    """Start the parts, and stop them in the opposite order."""
    async with AsyncExitStack() as stack:
        begin(settings, metrics, stack)
        engine = create_engine(settings.database_url)
        stack.push_async_callback(engine.dispose)
        poller = Poller(
            engine,
            poll_seconds=settings.poll_seconds,
            delegate=_delegate(settings, stack),
            pause=None if activity is None else activity.quiet,
        )
        poller.register(handlers(engine))
        limiter = Limiter(settings.redis_url)
        stack.push_async_callback(limiter.close)
        pepper = Pepper(settings.pepper)
        state = State(
            engine=engine,
            poller=poller,
            pepper=pepper,
            builtin_account=settings.builtin_account,
            approval=_approval(settings),
            query_cache=_query_cache(settings, pepper, stack),
            metrics=metrics,
            metrics_token=settings.metrics_token,
            limiter=limiter if settings.limits and not settings.builtin_account else None,
        )
        if cluster is not None:
            # Before anything connects: it watches the connections that are made from then on.
            recovery = Recovery(state, cluster)
            stack.push_async_callback(recovery.stop)
            recovery.start()
        # the folder of the program may be replaced while it runs
        candidates.template()
        ranking.background()
        if settings.starter:
            async with engine.begin() as connection:
                await loader.load(connection, loader.shipped())
        if not await _plan_night(engine):
            stack.push_async_callback(_ended, asyncio.create_task(_plan_later(engine)))
        warming = Warming(state, settings.embedder)
        stack.push_async_callback(warming.stop)
        stack.push_async_callback(state.query_cache.close)
        stack.push_async_callback(poller.stop)
        stack.callback(state.stopping.set)
        poller.start()
        warming.start()
        yield state


def _approval(settings: Settings) -> Pepper | None:
    if settings.approval is None:
        return None
    approval = Pepper(settings.approval, APPROVAL_FILE)
    approval.ensure()
    return approval


def _metrics(settings: Settings) -> "Metrics | None":
    if not settings.observed:
        return None
    from commontrace_server.observability.metrics import Metrics

    return Metrics()


def _query_cache(settings: Settings, pepper: Pepper, stack: AsyncExitStack) -> QueryCache:
    """Vectors of recent queries, those of the store's other processes too where they share a Redis."""
    if settings.redis_url is None:
        return QueryCache()
    from commontrace_server.embeddings.shared_vectors import SharedVectors

    shared = SharedVectors(settings.redis_url, pepper)
    stack.push_async_callback(shared.close)
    return QueryCache(shared=shared)


def _delegate(settings: Settings, stack: AsyncExitStack) -> Delegate | None:
    """The job workers, where there may be some."""
    if settings.redis_url is None:
        return None
    from commontrace_server.jobs.delegation import ArqDelegate

    delegate = ArqDelegate(settings.redis_url)
    stack.push_async_callback(delegate.close)
    return delegate


async def _plan_night(engine: AsyncEngine) -> bool:
    """Queue the nightly job; False where the database is not ready for it, which `readyz` tells."""
    with suppress(UnreachableError, SQLAlchemyError):
        async with engine.begin() as connection:
            if await current_revision(connection) == HEAD:
                await routine.nightly(connection)
                return True
    return False


async def _plan_later(engine: AsyncEngine) -> None:
    """Queue it once the database is ready."""
    while True:
        await asyncio.sleep(_RETRY_SECONDS)
        if await _plan_night(engine):
            return


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
