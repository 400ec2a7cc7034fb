"""A temporary store filled from a file, through the code that fills a real one."""

import asyncio
import hashlib
import json
import sqlite3
import tempfile
from array import array
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database import create_engine, migrate
from commontrace_server.embeddings import Embedder
from commontrace_server.embeddings.job import embed_trace
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.traces import service
from commontrace_server.traces.schemas import TraceDraft

PARALLEL = 2  # traces embedded at once: as many as the embedder has workers
COMMIT_EVERY = 200  # traces per transaction


class OnceEmbedder:
    """Embeds every text once, by its hash, however often it is asked for.

    Args:
        embedder: What embeds.
        cache: A file that keeps the vectors between runs; without it they are forgotten.
    """

    def __init__(self, embedder: Embedder, cache: Path | None = None) -> None:
        self._embedder = embedder
        self._vectors = sqlite3.connect(cache or ":memory:")
        self._vectors.execute("CREATE TABLE IF NOT EXISTS vectors (key TEXT PRIMARY KEY, value BLOB)")
        self.name = embedder.name
        self.dimensions = embedder.dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Return the vectors of texts; see `Embedder.embed`."""
        keys = [hashlib.sha256(f"{self.name}\n{passage}".encode()).hexdigest() for passage in texts]
        known = {key: found for key in keys if (found := self._read(key)) is not None}
        fresh = {key: passage for key, passage in zip(keys, texts, strict=True) if key not in known}
        vectors = await self._embedder.embed(list(fresh.values())) if fresh else []
        known.update(zip(fresh, vectors, strict=True))
        with self._vectors:
            self._vectors.executemany(
                "INSERT OR REPLACE INTO vectors VALUES (?, ?)",
                [(key, array("d", known[key]).tobytes()) for key in fresh],
            )
        return [known[key] for key in keys]

    def _read(self, key: str) -> list[float] | None:
        row = self._vectors.execute("SELECT value FROM vectors WHERE key = ?", (key,)).fetchone()
        return None if row is None else array("d", row[0]).tolist()


@dataclass(frozen=True)
class FilledStore:
    """A store that holds a corpus.

    Attributes:
        engine: Its database.
        documents: Trace id to the ids of the corpus rows that it stands for; equal rows are one trace.
    """

    engine: AsyncEngine
    documents: dict[UUID, list[str]]


def rows(path: Path) -> list[dict[str, Any]]:
    """Read a JSONL file."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


@asynccontextmanager
async def filled(corpus: Iterable[dict[str, Any]], embedder: Embedder | None) -> AsyncIterator[FilledStore]:
    """Start a store in a temporary directory, fill it, and remove everything afterwards."""
    with tempfile.TemporaryDirectory(prefix="ct-bench-", ignore_cleanup_errors=True) as directory:
        cluster = Cluster(Path(directory))
        await asyncio.to_thread(cluster.start)
        try:
            await migrate(cluster.url)
            engine = create_engine(cluster.url)
            try:
                yield await _fill(engine, list(corpus), embedder)
            finally:
                await engine.dispose()
        finally:
            await asyncio.to_thread(cluster.stop)


async def _fill(engine: AsyncEngine, corpus: list[dict[str, Any]], embedder: Embedder | None) -> FilledStore:
    documents: dict[UUID, list[str]] = {}
    for start in range(0, len(corpus), COMMIT_EVERY):
        async with engine.begin() as connection:
            for row in corpus[start : start + COMMIT_EVERY]:
                trace = (await service.create(connection, draft(row))).trace
                documents.setdefault(trace.id, []).append(row["id"])
    if embedder is not None:
        await _embed(engine, embedder, list(documents))
    async with engine.connect() as connection:
        # autovacuum does this within a minute; a measurement does not wait for it
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("ANALYZE"))
    return FilledStore(engine, documents)


async def _embed(engine: AsyncEngine, embedder: Embedder, ids: list[UUID]) -> None:
    queue = iter(ids)

    async def work() -> None:
        for trace_id in queue:
            await embed_trace(engine, embedder, trace_id)

    await asyncio.gather(*(work() for _ in range(PARALLEL)))


def draft(row: dict[str, Any]) -> TraceDraft:
    """Make a contribution of a corpus row, cut to what the store takes."""
    lines = [line.strip() for line in row["title"].splitlines() if line.strip()]
    title = (lines[0] if lines else "untitled")[:200]
    context = row["context_text"].replace("\0", " ")[:20_000]
    solution = row["solution_text"].replace("\0", " ")[:20_000]
    return TraceDraft(
        title=title,
        context_text=context if context.strip() else title,
        solution_text=solution if solution.strip() else title,
        tags=[tag[:50] for tag in row.get("tags", [])[:20] if tag.strip()],
    )
