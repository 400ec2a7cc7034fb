"""`bench scale`: what a store of each size costs to build, search and add to, and what its index misses."""

import argparse
import asyncio
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from benchmarks import bulk
from benchmarks.load import FILLING, measured
from benchmarks.serving import connect, served
from benchmarks.texts import Texts
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.search.candidates import NEAR_LIMIT, ef_search, literal
from commontrace_server.search.reading import read

ASKING = 5  # seed
QUERIES = 50  # whose nearest traces are looked up exactly
NEAREST = 10
_VECTOR = f"halfvec({MiniLM.dimensions})"
NEAR = f"""
    SELECT trace_id, embedding::{_VECTOR} <=> $1::text::{_VECTOR} AS distance
    FROM trace_embeddings WHERE model = '{MiniLM.name}' ORDER BY distance LIMIT {NEAR_LIMIT}
"""  # noqa: S608 - constants
CURVE = (40, 80, 120, 160, 200, 400)  # hnsw.ef_search


@dataclass(frozen=True)
class Point:
    """What the index finds with one setting: share of the nearest, and the milliseconds it takes."""

    ef_search: int
    recall: float
    milliseconds: float


def main(argv: list[str]) -> int:
    """Build a store of each size, search it, print what came of it and write it as JSON."""
    parser = argparse.ArgumentParser(prog="bench scale", description=__doc__)
    parser.add_argument("--traces", default="10000,100000", help="sizes, by commas (%(default)s)")
    parser.add_argument("--clients", type=int, default=1, help="requests under way (%(default)s)")
    parser.add_argument("--seconds", type=float, default=10, help="length of the load (%(default)s)")
    parser.add_argument("--repeated", action="store_true", help="the same queries: none embedded")
    parser.add_argument("--curve", action="store_true", help="print recall and latency by hnsw.ef_search too")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    options = parser.parse_args(argv)
    sizes = [int(size) for size in options.traces.split(",")]
    results = [asyncio.run(_measure(size, options)) for size in sizes]
    if options.json is not None:
        options.json.write_text(json.dumps(results) + "\n", encoding="utf-8")
    return 0


async def _measure(traces: int, options: argparse.Namespace) -> dict[str, Any]:
    async with served(traces, FILLING) as store:
        result = await measured("search", store, options.clients, options.seconds, repeated=options.repeated)
        bare = await connect(store.url)
        points = await _points(bare, (ef_search(traces), *(CURVE if options.curve else ())))
        disk = await bare.fetchval("SELECT pg_database_size(current_database())")
        await bare.close()
        anew = await bulk.embedded_anew(store)
        added = await bulk.imported(store)
    result |= {
        "recall_at_10": points[0].recall,
        "build_seconds": round(store.build_seconds, 1),
        "disk_mb": round(disk / 2**20),
        "embedded_anew": anew,
        "imported": added,
    }
    for key, value in result.items():
        print(f"{key:16} {value}")
    for point in points[1:]:
        print(f"ef_search {point.ef_search:4}  recall@10 {point.recall:.3f}  {point.milliseconds:.1f} ms")
    return result


async def _points(bare: Any, settings: Sequence[int]) -> list[Point]:
    """Compare what the index finds with the nearest traces of all."""
    vectors = await _vectors()
    await bare.execute("SET enable_indexscan = off")
    exact = [_nearest(await bare.fetch(NEAR, vector)) for vector in vectors]
    await bare.execute("RESET enable_indexscan; SET enable_seqscan = off")
    return [await _point(bare, vectors, exact, ef_search) for ef_search in settings]


async def _point(bare: Any, vectors: list[str], exact: list[list[UUID]], ef_search: int) -> Point:
    await bare.execute(f"SET hnsw.ef_search = {ef_search}")
    began = time.perf_counter()
    found = [_nearest(await bare.fetch(NEAR, vector)) for vector in vectors]
    milliseconds = (time.perf_counter() - began) * 1000 / len(vectors)
    shares = [len({*near} & {*all_of}) / len(all_of) for near, all_of in zip(found, exact, strict=True)]
    return Point(ef_search, round(sum(shares) / len(shares), 3), milliseconds)


def _nearest(rows: list[Any]) -> list[UUID]:
    """The nearest traces of a scan's rows, which come in relaxed order and may be two views of one."""
    ordered = sorted(rows, key=lambda row: row["distance"])
    return list(dict.fromkeys(row["trace_id"] for row in ordered))[:NEAREST]


async def _vectors() -> list[str]:
    """Real vectors of queries."""
    texts, embedder = Texts(ASKING), MiniLM()
    try:
        asked = [read("error", texts.query()).dense for _ in range(QUERIES)]
        return [literal(tuple(vector)) for vector in await embedder.embed(asked)]
    finally:
        embedder.close()
