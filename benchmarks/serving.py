"""A temporary store in processes of its own, filled in bulk: what load is put on, and what its load costs."""

import asyncio
import hashlib
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import psutil
from pgvector.asyncpg import register_vector
from sqlalchemy import make_url, text

from benchmarks.texts import Texts
from benchmarks.vectors import Neighbourhoods, neighbourhoods
from commontrace_server.accounts.builtin import LOCAL_SPACE
from commontrace_server.database import create_engine, migrate
from commontrace_server.database.engine import PLANNING
from commontrace_server.embeddings import index
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.ids import new_id
from commontrace_server.postgres.cluster import Cluster

RUN = Path(__file__).resolve().parents[1] / "scripts" / "run.py"
END_SECONDS = 30.0
COPIED = 2000  # rows per COPY
WRITING_SECONDS = 0.1  # between writes, where the store changes while it is searched
INDEX_MEMORY = "512MB"  # with less than the graph takes, building it is several times slower
VIEWS = ("problem", "solution")
# Nobody's: a vote on one's own would only be a mark for oneself.
TRACE_COLUMNS = ("id", "title", "context_text", "solution_text", "tags", "content_hash", "space_id")
VECTOR_COLUMNS = ("trace_id", "model", "view", "content_hash", "embedding")


@dataclass(frozen=True)
class Served:
    """A store that answers.

    Attributes:
        socket: Where it does.
        url: Of its database.
        pid: Of its process.
        postmaster: Pid of its PostgreSQL.
        traces: That it was filled with.
        build_seconds: That filling and indexing it took.
    """

    socket: Path
    url: str
    pid: int
    postmaster: int
    traces: int
    build_seconds: float

    def cpu(self) -> dict[str, float]:
        """Return the milliseconds that each part has run so far; threads beside the first one embed."""
        process = psutil.Process(self.pid)
        (first,) = (one for one in process.threads() if one.id == self.pid)
        api = first.user_time + first.system_time
        whole = process.cpu_times()  # of threads that have ended, too
        used = {"api": api, "embedding": whole.user + whole.system - api, "postgres": self.postgres_cpu()}
        return {part: seconds * 1000 for part, seconds in used.items()}

    def postgres_cpu(self) -> float:
        """Return the seconds that PostgreSQL has run so far, ended processes included."""
        server = psutil.Process(self.postmaster)
        family = [server, *server.children(recursive=True)]
        ended = server.cpu_times()
        running = sum(sum(one.cpu_times()[:2]) for one in family)
        return float(running + ended.children_user + ended.children_system)


async def connect(url: str) -> Any:
    """Open a bare asyncpg connection to the database of an SQLAlchemy URL."""
    parts = make_url(url)
    return await asyncpg.connect(
        user=parts.username,
        database=parts.database,
        host=parts.query["host"],
        port=int(str(parts.query["port"])),
        server_settings=dict(PLANNING),
    )


@asynccontextmanager
async def served(traces: int, seed: int) -> AsyncIterator[Served]:
    """Fill a store in a temporary directory, serve it, and remove everything afterwards."""
    with tempfile.TemporaryDirectory(prefix="ct-bench-", ignore_cleanup_errors=True) as directory:
        home = Path(directory)
        cluster = Cluster(home / "store" / "postgres")
        await asyncio.to_thread(cluster.start)
        try:
            await migrate(cluster.url)
            vectors = await neighbourhoods(seed)
            began = time.perf_counter()
            await fill(cluster.url, traces, seed, vectors)
            build_seconds = time.perf_counter() - began
            pid = int((home / "store/postgres/pgdata/postmaster.pid").read_text().split()[0])
            async with _process(home / "store", home / "s") as store:
                yield Served(home / "s", cluster.url, store, pid, traces, build_seconds)
        finally:
            await asyncio.to_thread(cluster.stop)


@asynccontextmanager
async def written_to(url: str) -> AsyncIterator[None]:
    """Let transactions end meanwhile, as if others wrote: what a search has found is not kept beyond that."""
    connection = await connect(url)

    async def write() -> None:
        while True:
            await connection.execute("SELECT pg_current_xact_id()")
            await asyncio.sleep(WRITING_SECONDS)

    writing = asyncio.create_task(write())
    try:
        yield
    finally:
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        await connection.close()


@asynccontextmanager
async def _process(data: Path, socket: Path) -> AsyncIterator[int]:
    arguments = ("serve", "--local", "--data", str(data), "--socket", str(socket))
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(RUN),
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
    )
    try:
        assert process.stdout is not None
        if not (await process.stdout.readline()).startswith(b"ready "):
            raise RuntimeError("the store did not start; the lines above say why")
        yield process.pid
    finally:
        if process.returncode is None:
            process.terminate()
        async with asyncio.timeout(END_SECONDS):
            await process.wait()


async def fill(url: str, count: int, seed: int, vectors: Neighbourhoods) -> None:
    """Copy generated traces into a migrated database, with vectors around real ones, and index them."""
    texts = Texts(seed)
    connection = await connect(url)
    await register_vector(connection)
    try:
        for start in range(0, count, COPIED):
            await _copy(connection, list(texts.traces(min(COPIED, count - start))), vectors)
    finally:
        await connection.close()
    engine = create_engine(url, statement_milliseconds=0)
    async with engine.begin() as made:
        await made.execute(text(f"SET LOCAL maintenance_work_mem = '{INDEX_MEMORY}'"))
        await index.ensure(made, MiniLM.name, MiniLM.dimensions)
    async with engine.connect() as made:
        # autovacuum does this within a minute; a measurement does not wait for it
        alone = await made.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE traces, trace_embeddings"))
    await engine.dispose()


async def _copy(connection: Any, drafts: Sequence[dict[str, Any]], vectors: Neighbourhoods) -> None:
    rows = [row(draft) for draft in drafts]
    await connection.copy_records_to_table("traces", records=rows, columns=TRACE_COLUMNS)
    drawn = vectors.draw(len(rows) * len(VIEWS))
    await connection.copy_records_to_table(
        "trace_embeddings",
        records=[
            (values[0], MiniLM.name, view, "generated", drawn[number * len(VIEWS) + place])
            for number, values in enumerate(rows)
            for place, view in enumerate(VIEWS)
        ],
        columns=VECTOR_COLUMNS,
    )


def row(draft: dict[str, Any]) -> tuple[Any, ...]:
    """Return the row of a draft, in the order of TRACE_COLUMNS."""
    digest = hashlib.sha256(draft["context_text"].encode()).hexdigest()
    parts = (draft["title"], draft["context_text"], draft["solution_text"], draft["tags"])
    return (new_id(), *parts, digest, LOCAL_SPACE.id)
