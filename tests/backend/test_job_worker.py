"""`worker` as a process: told by Redis, and right without it."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import trace_embeddings
from commontrace_server.jobs import queue
from commontrace_server.jobs.delegation import ArqDelegate
from commontrace_server.jobs.poller import Poller
from commontrace_server.jobs.queue import Job
from commontrace_server.traces import service
from commontrace_server.traces.schemas import TraceDraft
from support.store import StoreProcess, draft, eventually
from support.valkey import Valkey, valkey

__all__ = ["valkey"]


@pytest.fixture
async def delegate(valkey: Valkey) -> AsyncIterator[ArqDelegate]:
    """What a store's process announces its work with."""
    delegate = ArqDelegate(valkey.url)
    yield delegate
    await delegate.close()


async def _contribute(engine: AsyncEngine, number: int) -> UUID:
    body = TraceDraft(**draft(title=f"pytest cannot import yaml{number}"))
    async with engine.begin() as connection:
        return (await service.create(connection, body)).trace.id


async def _embedded(engine: AsyncEngine, trace_id: UUID) -> None:
    """Return once the trace has its vectors."""

    async def has_vectors() -> bool:
        vectors = select(func.count()).where(trace_embeddings.c.trace_id == trace_id)
        async with engine.connect() as connection:
            return bool(await connection.scalar(vectors))

    await eventually(has_vectors, seconds=60)


async def test_worker_does_what_is_announced_lost_or_queued_without_redis(
    store_url: str, engine: AsyncEngine, valkey: Valkey, delegate: ArqDelegate
) -> None:
    """Nothing depends on Redis but how soon it is done; it may be killed and come back empty."""
    assert not await delegate.take(), "nobody is there yet"
    where = ("--database-url", store_url, "--redis-url", valkey.url)
    with StoreProcess(*where, command="worker") as worker:
        await asyncio.to_thread(worker.wait_ready)
        await _embedded(engine, await _contribute(engine, 1))  # nobody announced it: the sweep

        trace_id = await _contribute(engine, 2)
        assert await delegate.take()
        await _embedded(engine, trace_id)

        await valkey.kill()
        assert not await delegate.take(), "who has work does it alone"
        await _embedded(engine, await _contribute(engine, 3))

        await valkey.restart()
        await eventually(delegate.take, seconds=60)
        assert await asyncio.to_thread(worker.stop) == 0


async def test_store_does_its_jobs_itself_where_no_worker_is(
    engine: AsyncEngine, delegate: ArqDelegate
) -> None:
    """A Redis that is there for the limits alone does not keep jobs waiting."""
    done = asyncio.Event()

    async def handle(_job: Job) -> None:
        done.set()

    poller = Poller(engine, poll_seconds=3600, delegate=delegate)
    poller.register({"count": handle})
    async with engine.begin() as connection:
        await queue.enqueue(connection, "count", {})
    poller.start()
    await asyncio.wait_for(done.wait(), 20)
    await poller.stop()


async def test_worker_stops_when_told_although_redis_is_away(store_url: str, valkey: Valkey) -> None:
    """It is looking for jobs by itself then, and hears the signal all the same."""
    where = ("--database-url", store_url, "--redis-url", valkey.url, "--embedder", "none")
    with StoreProcess(*where, command="worker") as worker:
        await asyncio.to_thread(worker.wait_ready)
        await valkey.kill()
        await asyncio.sleep(3)
        assert await asyncio.to_thread(worker.stop) == 0


async def test_worker_tells_its_metrics_to_who_may_read_the_stores(store_url: str) -> None:
    """The token of the metrics or nothing; whether it is ready is told to everybody."""
    port = _free_port()
    variables = {"COMMONTRACE_PEPPER": "x" * 40, "COMMONTRACE_METRICS_TOKEN": "m" * 32}
    where = ("--database-url", store_url, "--embedder", "none", "--metrics-port", str(port))
    with StoreProcess(*where, command="worker", environment=variables) as worker:
        await asyncio.to_thread(worker.wait_ready)
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", trust_env=False) as client:

            async def ready() -> bool:
                with suppress(httpx.TransportError):
                    return (await client.get("/readyz")).status_code == 200
                return False

            await eventually(ready, seconds=60)
            tokens = [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Bearer {'m' * 32}"}]
            answers = [await client.get("/metrics", headers=token) for token in tokens]
        assert await asyncio.to_thread(worker.stop) == 0
    assert [answer.status_code for answer in answers] == [401, 401, 200]
    assert "commontrace_jobs" in answers[2].text


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])
