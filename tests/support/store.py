"""Stores for tests: a running app on a database of the test's own, and real `serve` processes."""

import asyncio
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import httpx
import psutil
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.app import create_app
from commontrace_server.database import create_engine, migrate
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.settings import Settings
from support import postgres

RUN = Path(__file__).resolve().parents[2] / "scripts" / "run.py"
_READY_SECONDS = 60.0
_END_SECONDS = 30.0

_template: pytest.StashKey[str] = pytest.StashKey()


@pytest.fixture
async def store_url(request: pytest.FixtureRequest, postgres_cluster: Cluster) -> str:
    """The URL of a migrated database that is this test's own; the session migrates once and copies."""
    stash = request.config.stash
    if _template not in stash:
        stash[_template] = await postgres.create_database(postgres_cluster)
        await migrate(stash[_template])
    return await postgres.create_database(postgres_cluster, stash[_template].split("?")[0].rsplit("/", 1)[1])


@pytest.fixture
async def engine(store_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine on the test's database."""
    engine = create_engine(store_url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def app(store_url: str) -> AsyncIterator[FastAPI]:
    """A running app without an embedder, so that nothing happens behind the test's back."""
    app = create_app(Settings(database_url=store_url, embedder="none", builtin_account=True))
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def client(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running app, in the same process."""
    async with client_of(app) as client:
        yield client


@asynccontextmanager
async def client_of(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an app whose lifespan has begun; errors that reach the server's edge are raised."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://store") as client:
        yield client


def draft(**changes: Any) -> dict[str, Any]:
    """A contribution that is accepted as it is."""
    return {
        "title": "pytest cannot import yaml",
        "context_text": "pytest fails with `ModuleNotFoundError: No module named 'yaml'`.",
        "solution_text": "The package is called PyYAML: `pip install pyyaml`.",
        "tags": ["python", "pytest"],
        **changes,
    }


def admin(*arguments: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """Run `admin` with these arguments, as a process."""
    return subprocess.run(
        [sys.executable, "-I", str(RUN), "admin", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=_READY_SECONDS,
        env={**os.environ, **(environment or {})},
    )


class StoreProcess:
    """A `serve` process.

    Args:
        arguments: What follows the command.
        environment: Added to this process's environment.
        command: Another one that says `ready` and runs until it is told to stop.
    """

    def __init__(
        self, *arguments: str, environment: dict[str, str] | None = None, command: str = "serve"
    ) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-I", str(RUN), command, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self._process.communicate()

    def wait_ready(self) -> str:
        """Return the address that the process says it is ready at."""
        assert self._process.stdout is not None
        readable, _, _ = select.select([self._process.stdout], [], [], _READY_SECONDS)
        line = self._process.stdout.readline() if readable else ""
        if not line.startswith("ready "):
            self._process.kill()
            pytest.fail(f"not ready: {line!r} {self._process.communicate()[1]}")
        return line.removeprefix("ready ").strip()

    def signal(self, number: int) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """End the process at once, as `kill -9` does."""
        self._process.kill()
        self._process.wait()

    def wait(self) -> tuple[int, str, str]:
        """Wait until the process has ended by itself; return its status, output and errors."""
        out, err = self._process.communicate(timeout=_END_SECONDS)
        return self._process.returncode, out, err

    def stop(self) -> int:
        """Stop the process the polite way and return its status."""
        self.signal(signal.SIGTERM)
        return self.wait()[0]

    def running(self) -> bool:
        """Whether the process has not ended."""
        return self._process.poll() is None


class LocalStore:
    """The local store of one folder: where it is, and how to start and reach it."""

    def __init__(self, home: Path) -> None:
        self.data = home / "store"
        self.socket = home / "run" / "store.sock"

    def process(self, *, idle_exit: float = 60.0, embedder: str = "none") -> StoreProcess:
        """Start a process that wants to be this store."""
        where = ("--data", str(self.data), "--socket", str(self.socket))
        return StoreProcess("--local", *where, "--idle-exit", str(idle_exit), "--embedder", embedder)

    def client(self) -> httpx.Client:
        """A client of the store."""
        transport = httpx.HTTPTransport(uds=str(self.socket))
        return httpx.Client(transport=transport, base_url="http://store", timeout=10, trust_env=False)

    def answers(self) -> bool:
        """Whether something accepts connections on the socket."""
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            try:
                connection.connect(str(self.socket))
            except OSError:
                return False
        return True

    def postmaster(self) -> psutil.Process:
        """The store's PostgreSQL."""
        return postgres.postmaster(self.data / "postgres")

    def wait_until_gone(self) -> None:
        """Return when no process of the store's PostgreSQL is left."""
        postgres.wait_until_gone(self.data / "postgres")


@pytest.fixture
def new_local_store(tmp_path: Path) -> Iterator[LocalStore]:
    """A local store that was never started; nothing of it runs afterwards."""
    store = LocalStore(tmp_path)
    yield store
    store.wait_until_gone()


@pytest.fixture(scope="session")
def _stopped_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = LocalStore(tmp_path_factory.mktemp("stopped"))
    with store.process() as process:
        process.wait_ready()
        assert process.stop() == 0
    store.wait_until_gone()
    return store.data


@pytest.fixture
def local_store(new_local_store: LocalStore, _stopped_store: Path) -> LocalStore:
    """A local store that was used and stopped before, which spares each test the first start."""
    shutil.copytree(_stopped_store, new_local_store.data)
    return new_local_store


async def eventually(condition: Any, *, seconds: float = 20.0) -> None:
    """Wait until the coroutine function `condition` returns true; fail if it never does."""
    deadline = time.monotonic() + seconds
    while not await condition():
        assert time.monotonic() < deadline, "it did not happen"
        await asyncio.sleep(0.02)
