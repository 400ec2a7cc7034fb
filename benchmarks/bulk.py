"""What comes in bulk: traces that a store imports, and traces that get the vectors of another model.

Both in this process, beside a store that is served, and by turns with their floor: of an import a bare COPY
of as many rows into the same table, of embedding anew the model on bare onnxruntime with the same texts.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import psutil
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.floor import bare_embedder
from benchmarks.serving import TRACE_COLUMNS, Served, connect, row
from benchmarks.texts import Texts
from commontrace_server.accounts import callers
from commontrace_server.accounts.authorisation import TABLE
from commontrace_server.accounts.builtin import LOCAL_SPACE
from commontrace_server.accounts.standing import Caller
from commontrace_server.database import create_engine
from commontrace_server.embeddings import passages
from commontrace_server.embeddings.job import embed_trace
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.transfer import intake

SEED = 8
TURNS = 4
IMPORTED = 1000  # traces
EMBEDDED = 60  # traces, two texts each
_TEXTS = "SELECT id, title, context_text, solution_text FROM traces ORDER BY id LIMIT $1"


class _Other(MiniLM):
    """The default model as one that the store changes to: nothing has its vectors yet."""

    name = "bench-minilm"


@dataclass
class Spent:
    """Seconds that passed, and that processors worked, for a number of traces."""

    traces: int = 0
    seconds: float = 0.0
    cpu: float = 0.0

    def add(self, traces: int, seconds: float, cpu: float) -> None:
        """Count one turn."""
        self.traces += traces
        self.seconds += seconds
        self.cpu += cpu

    def figures(self, floor: "Spent") -> dict[str, Any]:
        """Return traces per second, processor milliseconds per trace, and the same of the floor."""
        return {
            "per_second": round(self.traces / self.seconds, 1),
            "cpu_ms": round(self.cpu * 1000 / self.traces, 2),
            "floor": {
                "per_second": round(floor.traces / floor.seconds, 1),
                "cpu_ms": round(floor.cpu * 1000 / floor.traces, 2),
            },
        }


async def imported(store: Served) -> dict[str, Any]:
    """Import traces as a file of lines, each of them screened; meanwhile the store begins to embed them."""
    texts, load, floor = Texts(SEED), Spent(), Spent()
    bare, engine = await connect(store.url), create_engine(store.url)
    try:
        caller = await callers.builtin(engine, TABLE["POST /v1/import"])
        for _ in range(TURNS):
            lines = b"".join(json.dumps(one).encode() + b"\n" for one in texts.traces(IMPORTED // TURNS))
            began, worked = time.perf_counter(), _cpu(store)
            created = await _take(engine, caller, lines)
            load.add(created, time.perf_counter() - began, _cpu(store) - worked)
            rows = [row(one) for one in texts.traces(IMPORTED // TURNS)]
            began, worked = time.perf_counter(), _cpu(store)
            await bare.copy_records_to_table("traces", records=rows, columns=TRACE_COLUMNS)
            floor.add(len(rows), time.perf_counter() - began, _cpu(store) - worked)
    finally:
        await bare.close()
        await engine.dispose()
    return load.figures(floor)


async def _take(engine: AsyncEngine, caller: Caller, lines: bytes) -> int:
    async def chunks() -> AsyncIterator[bytes]:
        yield lines

    done = [one async for one in intake.take(engine, caller, LOCAL_SPACE, chunks())]
    if done[-1].created != len(done):
        raise RuntimeError(f"not every line became a trace: {done[-1]}")
    return len(done)


async def embedded_anew(store: Served) -> dict[str, Any]:
    """Give traces that have vectors those of another model, one after the other as a store does it."""
    load, floor = Spent(), Spent()
    bare = await connect(store.url)
    found = await bare.fetch(_TEXTS, EMBEDDED)
    await bare.close()
    views = {
        one["id"]: list(
            passages.views(
                title=one["title"], context_text=one["context_text"], solution_text=one["solution_text"]
            ).values()
        )
        for one in found
    }
    ids, embed = list(views), bare_embedder()
    engine, embedder = create_engine(store.url), _Other()
    try:
        await embedder.load()
        await embed_trace(engine, embedder, ids.pop())  # makes the index
        for turn in range(TURNS):
            part = ids[turn::TURNS]
            began, worked = time.perf_counter(), _cpu(store)
            await _embed(engine, embedder, part)
            load.add(len(part), time.perf_counter() - began, _cpu(store) - worked)
            said = [text for one in part for text in views[one]]
            began, worked = time.perf_counter(), _cpu(store)
            for text in said:
                await asyncio.to_thread(embed, text)
            floor.add(len(part), time.perf_counter() - began, _cpu(store) - worked)
    finally:
        embedder.close()
        await engine.dispose()
    return load.figures(floor)


async def _embed(engine: AsyncEngine, embedder: MiniLM, ids: Sequence[UUID]) -> None:
    for one in ids:
        await embed_trace(engine, embedder, one)


def _cpu(store: Served) -> float:
    """Seconds that this process and PostgreSQL have run so far."""
    own = psutil.Process().cpu_times()
    return float(own.user + own.system + store.postgres_cpu())
