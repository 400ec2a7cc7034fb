"""`bench embed`: texts per second, processor time and memory of each embedder, in a process of its own."""

import argparse
import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import psutil

from benchmarks.texts import Texts
from commontrace_server.embeddings import Embedder, passages
from commontrace_server.embeddings.providers import opened
from commontrace_server.search.reading import read
from commontrace_server.settings import MINILM

RUN = Path(__file__).resolve().parents[1] / "scripts" / "run.py"
SEED = 6
WARM = 5  # texts before anything is measured
ALONE = "--alone"  # internal: measure one embedder in this process


def main(argv: list[str]) -> int:
    """Measure each embedder, print what came of it and write it as JSON."""
    parser = argparse.ArgumentParser(prog="bench embed", description=__doc__)
    parser.add_argument("--embedder", action="append", help=f"as for `serve`; may be repeated ({MINILM})")
    parser.add_argument("--texts", type=int, default=200, help="queries, and views of traces (%(default)s)")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    parser.add_argument(ALONE, action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args(argv)
    names = options.embedder or [MINILM]
    if options.alone:
        print(json.dumps(asyncio.run(_measure(names[0], options.texts))))
        return 0
    results = {name: _in_its_own_process(name, options.texts) for name in names}
    for name, figures in results.items():
        print(name, *(f"  {key:20} {value}" for key, value in figures.items()), sep="\n")
    if options.json is not None:
        options.json.write_text(json.dumps(results) + "\n", encoding="utf-8")
    return 0


def _in_its_own_process(name: str, texts: int) -> dict[str, Any]:
    command = [
        sys.executable,
        "-I",
        str(RUN),
        "bench",
        "embed",
        ALONE,
        "--embedder",
        name,
        "--texts",
        str(texts),
    ]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)  # noqa: S603 - our own program
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


async def _measure(name: str, count: int) -> dict[str, Any]:
    texts = Texts(SEED)
    queries = [read("question", texts.query()).dense for _ in range(count)]
    parts = ("title", "context_text", "solution_text")
    drafts = [texts.trace() for _ in range(count // 2)]
    views = [
        view for one in drafts for view in passages.views(**{part: one[part] for part in parts}).values()
    ]
    process = psutil.Process()
    before = process.memory_info().rss
    async with opened(name) as embedder:
        await _timed(embedder, [[query] for query in queries[:WARM]])
        query_seconds, query_cpu = await _timed(embedder, [[query] for query in queries])
        text_seconds, text_cpu = await _timed(embedder, [views])
        memory = process.memory_info().rss - before
    return {
        "queries_per_second": round(len(queries) / query_seconds, 1),
        "query_cpu_ms": round(query_cpu / len(queries) * 1000, 2),
        "texts_per_second": round(len(views) / text_seconds, 1),
        "text_cpu_ms": round(text_cpu / len(views) * 1000, 2),
        "memory_mb": round(memory / 2**20, 1),
    }


async def _timed(embedder: Embedder, batches: Sequence[list[str]]) -> tuple[float, float]:
    """Seconds that embedding takes, and those that the processor worked for it."""
    began, worked = time.perf_counter(), time.process_time()
    for batch in batches:
        await embedder.embed(batch)
    return time.perf_counter() - began, time.process_time() - worked
