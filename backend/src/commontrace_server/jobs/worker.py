"""The job worker: a process that does what is queued, told by ARQ when there is work."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Final

from arq import cron
from arq.worker import Worker, func
from redis.exceptions import RedisError

from commontrace_server.accounts.pepper import Pepper
from commontrace_server.database import create_engine
from commontrace_server.database.errors import UNAVAILABLE, is_unavailable
from commontrace_server.jobs import delegation
from commontrace_server.jobs.handlers import handlers
from commontrace_server.jobs.poller import Poller
from commontrace_server.observability.beginning import begin
from commontrace_server.settings import Settings
from commontrace_server.state import State
from commontrace_server.warming import Warming

if TYPE_CHECKING:
    from commontrace_server.listeners import Port
    from commontrace_server.observability.metrics import Metrics

_log = logging.getLogger(__name__)

_SWEEP_SECONDS: Final = 5  # divides 60: how often one of the workers looks for what nobody announced
_AT_ONCE: Final = 4  # jobs of one worker
_JOB_SECONDS: Final = 3600  # a backlog is worked off in one go; ARQ's limit only catches what hangs
_HEALTH_SECONDS: Final = 5
_POLL_SECONDS: Final = 0.2
_STOP_SECONDS: Final = 5.0
_AWAY_SECONDS: Final = 2.0


async def run(settings: Settings, stopping: asyncio.Event) -> None:
    """Do jobs until `stopping` is set.

    Raises:
        DBAPIError: The database refuses at the start.
        UnreachableError: It cannot be reached then.
    """
    async with AsyncExitStack() as stack:
        poller = await stack.enter_async_context(_prepared(settings))
        if settings.redis_url is None:
            poller.start()
            await stopping.wait()
            return
        consuming = asyncio.create_task(_consume_always(settings.redis_url, poller), name="arq")
        await stopping.wait()
        await poller.stop()
        consuming.cancel()
        # bounded: what hangs in Redis or the database does not keep the process
        await asyncio.wait([consuming], timeout=2 * _STOP_SECONDS)


@asynccontextmanager
async def _prepared(settings: Settings) -> AsyncIterator[Poller]:
    """A poller that knows every kind of job, and an embedder that is loading."""
    async with AsyncExitStack() as stack:
        # bound first: what is wrong with it is said before anything else begins
        port = None if settings.metrics_port is None else _port(settings.metrics_host, settings.metrics_port)
        metrics = None if port is None else _metrics()
        begin(settings, metrics, stack)
        engine = create_engine(settings.database_url)
        stack.push_async_callback(engine.dispose)
        poller = Poller(engine, poll_seconds=_SWEEP_SECONDS)
        poller.register(handlers(engine))
        state = State(
            engine=engine,
            poller=poller,
            pepper=Pepper(settings.pepper),
            metrics=metrics,
            metrics_token=settings.metrics_token,
        )
        if port is not None:
            from commontrace_server.jobs import page

            stack.callback(port.close)
            await stack.enter_async_context(page.answered(state, port))
        warming = Warming(state, settings.embedder)
        stack.push_async_callback(warming.stop)
        stack.push_async_callback(poller.stop)
        warming.start()
        yield poller


def _port(host: str, number: int) -> "Port":
    from commontrace_server.listeners import Port

    return Port(host, number)


def _metrics() -> "Metrics":
    from commontrace_server.observability.metrics import Metrics

    return Metrics()


async def _consume_always(url: str, poller: Poller) -> None:
    """Work for ARQ; while Redis is away, look into the queue without being told."""
    # ARQ may take a cancellation for its own, so the flag is what counts
    while not poller.stopping:
        try:
            await _consume(url, poller)
        except (RedisError, OSError) as error:
            _log.warning("Redis is away (%s): looking for jobs without it", type(error).__name__)
        await _sweep(poller)
        await asyncio.sleep(_AWAY_SECONDS)


async def _consume(url: str, poller: Poller) -> None:
    async def look(ctx: dict[Any, Any], *args: Any, **kwargs: Any) -> None:  # noqa: ARG001  ARQ's shape
        await _sweep(poller)

    often = set(range(0, 60, _SWEEP_SECONDS))
    worker = Worker(
        [func(look, name=delegation.WORK)],
        # unique: of all workers one does it each time
        cron_jobs=[cron(look, name="sweep", second=often, unique=True, keep_result=0)],
        redis_pool=delegation.connected(url),
        queue_name=delegation.QUEUE,
        health_check_key=delegation.HEALTH,
        health_check_interval=_HEALTH_SECONDS,
        handle_signals=False,
        max_jobs=_AT_ONCE,
        job_timeout=_JOB_SECONDS,
        keep_result=0,
        max_tries=1,  # it is tried again by the queue in PostgreSQL, which counts
        poll_delay=_POLL_SECONDS,
        job_serializer=delegation.serialize,
        job_deserializer=json.loads,
        log_results=False,
    )
    try:
        await worker.async_run()
    finally:
        await _ended(worker, poller)


async def _ended(worker: Worker, poller: Poller) -> None:
    """Let jobs in hand end: when this process stops not for long, else as long as they take."""
    tasks = list(worker.tasks.values())
    if tasks:
        await asyncio.wait(tasks, timeout=_STOP_SECONDS if poller.stopping else None)
    # it may be that Redis cannot be told any more
    with suppress(RedisError, OSError, asyncio.CancelledError):
        await worker.close()


async def _sweep(poller: Poller) -> None:
    """Do what is due; what is lost with the database is done when it is back."""
    try:
        await poller.work_off()
    except UNAVAILABLE as error:
        if not is_unavailable(error):
            raise
        _log.warning("database unavailable: %s", type(error).__name__)
