"""`serve --workers`: several processes behind one address, replaced without a failed request."""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator

import httpx
import psutil
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.workers import worker
from commontrace_server.workers.supervisor import Supervisor
from support.load import loaded
from support.store import StoreProcess, eventually

SECRET, TOKEN = "x" * 40, "m" * 32
VARIABLES = {"COMMONTRACE_PEPPER": SECRET, "COMMONTRACE_METRICS_TOKEN": TOKEN}


@pytest.fixture
async def key(engine: AsyncEngine) -> str:
    """The key of an account that may read and contribute."""
    async with engine.begin() as connection:
        account = await accounts.create(connection, "robin")
        return (await accounts.create_key(connection, Pepper(SECRET), account, ["read", "contribute"])).key


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[StoreProcess]:
    """Two workers."""
    where = (
        "--port",
        "0",
        "--embedder",
        "none",
        "--no-limits",
        "--workers",
        "2",
        "--database-url",
        store_url,
    )
    with StoreProcess(*where, environment=VARIABLES) as process:
        yield process
        if process.running():
            assert await asyncio.to_thread(process.stop) == 0


def workers(store: StoreProcess) -> list[psutil.Process]:
    """The workers of a store, the oldest first."""
    return sorted(psutil.Process(store.pid).children(), key=lambda process: process.create_time())


async def test_workers_are_replaced_without_a_failed_request(store: StoreProcess, key: str) -> None:
    """SIGHUP under load: other processes, no error, and every acknowledged write is there."""
    address = await asyncio.to_thread(store.wait_ready)
    before = {process.pid for process in workers(store)}
    async with loaded(address, key) as load:
        await load.more(12)
        store.signal(signal.SIGHUP)

        async def replaced() -> bool:
            return len(workers(store)) == 2 and not before & {process.pid for process in workers(store)}

        await eventually(replaced, seconds=90)
        await load.more(12)
        metrics = await _metrics(address)
    assert len(before) == 2
    assert not load.failed
    assert len(load.acknowledged) > 6
    # those that were replaced are counted, too
    counted = re.findall(r'request_seconds_count\{.*route="/v1/traces".*\} (\S+)', metrics)
    assert sum(map(float, counted)) >= 24


async def _metrics(address: str) -> str:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"{address}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    return answer.text


async def test_killed_worker_is_followed_by_another(store: StoreProcess, key: str) -> None:
    """The other one goes on answering meanwhile; only what the killed one had in hand is lost."""
    address = await asyncio.to_thread(store.wait_ready)
    victim = workers(store)[0]
    async with loaded(address, key) as load:
        await load.more(10)
        victim.kill()
        await load.more(20)

        async def followed() -> bool:
            return len(workers(store)) == 2 and victim not in workers(store)

        await eventually(followed, seconds=60)
    assert sum(load.failed.values()) <= 4, load.failed


async def test_workers_do_not_outlive_their_supervisor(store: StoreProcess) -> None:
    """Kill -9 of the process that was started leaves nothing behind."""
    await asyncio.to_thread(store.wait_ready)
    orphans = workers(store)
    store.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        _, alive = await asyncio.to_thread(psutil.wait_procs, orphans, 30)
        assert not alive


async def test_worker_that_cannot_start_ends_the_command(database_url: str) -> None:
    """The worker's reason is on stderr, and the exit status says that the store did not start."""
    missing = database_url.replace("/test_", "/missing_")
    where = ("--port", "0", "--embedder", "none", "--workers", "2", "--database-url", missing)
    with StoreProcess(*where) as process:
        status, out, err = await asyncio.to_thread(process.wait)
    assert (status, out) == (1, "")
    assert "does not exist" in err
    assert "did not start" in err


@pytest.mark.parametrize("number", [signal.SIGSTOP, signal.SIGUSR1], ids=["stopped", "blocked"])
async def test_worker_that_does_nothing_any_more_is_replaced(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It lives, but its event loop does not run: it is killed, and another takes its place."""
    monkeypatch.setattr(worker, "SILENCE_SECONDS", 5.0)
    beating = (
        "import os, signal, sys, time\n"
        "signal.signal(signal.SIGUSR1, lambda *_: time.sleep(3600))\n"
        "print('ready http://127.0.0.1:1', flush=True)\n"
        "while True:\n    os.write(1, b'.')\n    time.sleep(0.1)\n"
    )
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        supervisor = Supervisor([sys.executable, "-I", "-c", beating], listener, 1, {})
        running = asyncio.create_task(supervisor.run())
        me = psutil.Process()

        def started() -> list[psutil.Process]:
            return [child for child in me.children() if "SIGUSR1" in " ".join(child.cmdline())]

        async def one_runs() -> bool:
            return len(started()) == 1

        await eventually(one_runs, seconds=60)
        (first,) = started()
        await asyncio.sleep(1.0)  # it has begun to beat
        first.send_signal(number)

        async def replaced() -> bool:
            return first not in started() and len(started()) == 1

        await eventually(replaced, seconds=60)
        os.kill(os.getpid(), signal.SIGTERM)
        await running
        assert not started()
