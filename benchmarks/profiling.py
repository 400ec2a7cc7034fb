"""`bench search --profile`: where each millisecond of a search goes, in the API and in its statement.

The app runs in this process, without HTTP around it. Wall times of the stages hold the wait for PostgreSQL;
the functions' times are processor time under Python's profiler, which makes calls look dearer than they are.
Parts of the statement are timed by EXPLAIN ANALYZE, each with all that is below it.
"""

import cProfile
import json
import pstats
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks.texts import Texts
from commontrace_server.app import create_app
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.observability import signals
from commontrace_server.search import candidates
from commontrace_server.search.candidates import QueryVector, Scope
from commontrace_server.search.lexicon import Lexicon
from commontrace_server.search.reading import Reading, read
from commontrace_server.settings import Settings

ASKING = 7  # seed
QUERIES = 50
ROUNDS = 4
SHOWN = 25  # functions
PARTS = ("postings", "lexical", "exact", "near", "chosen", "cosines", "facts")


class Stages(signals.Listener):
    """Seconds of each stage of the searches so far."""

    def __init__(self) -> None:
        self.seconds: defaultdict[str, float] = defaultdict(float)

    def stage(self, name: str, seconds: float) -> None:
        """Add them up."""
        self.seconds[name] += seconds


async def profiled(url: str) -> None:
    """Search the store at `url` for the same queries again and again, and print what takes how long."""
    texts = Texts(ASKING)
    queries = [texts.query() for _ in range(QUERIES)]
    app = create_app(Settings(database_url=url, builtin_account=True))
    async with app.router.lifespan_context(app):
        await _search(app, "is the embedder ready?")
        while app.state.store.embedder_status != "ready":
            await _search(app, "is the embedder ready?")
        for query in queries:
            await _search(app, query)
        await _stages(app, queries)
        await _functions(app, queries)
        await _statement(app.state.store.engine, queries)


async def _stages(app: FastAPI, queries: list[str]) -> None:
    stages = Stages()
    signals.listen(stages)
    began, worked = time.perf_counter(), time.thread_time()
    for query in queries * ROUNDS:
        await _search(app, query)
    searches = len(queries) * ROUNDS
    whole, api = time.perf_counter() - began, time.thread_time() - worked
    signals.forget(stages)
    _print("stages of a search, wall time", {**stages.seconds, "all of it": whole}, searches)
    _print("processor time of the API", {"all of it": api}, searches)


async def _functions(app: FastAPI, queries: list[str]) -> None:
    profile = cProfile.Profile(time.thread_time)
    profile.enable()
    for query in queries:
        await _search(app, query)
    profile.disable()
    own = {
        f"{Path(file).name}:{line} {name}": seconds
        for (file, line, name), (_, _, seconds, _, _) in pstats.Stats(profile).stats.items()  # type: ignore[attr-defined]
    }
    dearest = dict(sorted(own.items(), key=lambda one: -one[1])[:SHOWN])
    _print("functions, by their own time", dearest, len(queries))


async def _statement(engine: AsyncEngine, queries: list[str]) -> None:
    """Time the parts of the statement, by what PostgreSQL says of them."""
    embedder, lexicon = MiniLM(), Lexicon()
    parts: defaultdict[str, float] = defaultdict(float)
    try:
        async with engine.connect() as connection:
            for query in queries:
                reading = read("error", query)
                (vector,) = await embedder.embed([reading.dense])
                for name, seconds in await _explained(connection, reading, vector, lexicon):
                    parts[name] += seconds
    finally:
        embedder.close()
    _print("parts of the statement", parts, len(queries))


async def _explained(
    connection: AsyncConnection, reading: Reading, vector: list[float], lexicon: Lexicon
) -> list[tuple[str, float]]:
    words = await lexicon.words(connection, reading)
    statement, values = candidates.prepare(reading, words, Scope(), QueryVector(MiniLM.name, vector))
    for _ in range(2):  # the first time may read what is not in memory
        found = await connection.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}"), values)
    (document,) = json.loads(found) if isinstance(found, str) else found
    named = [(name, node["Actual Total Time"] / 1000) for name, node in _named(document["Plan"])]
    return [
        ("planning", document["Planning Time"] / 1000),
        *named,
        ("execution", document["Execution Time"] / 1000),
    ]


def _named(node: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The nodes that a part of the statement begins with."""
    name = node.get("Subplan Name", "").removeprefix("CTE ") or node.get("Alias", "")
    if name in PARTS and node["Node Type"] != "CTE Scan":
        yield name, node
    for child in node.get("Plans", ()):
        yield from _named(child)


def _print(title: str, seconds: Mapping[str, float], count: int) -> None:
    print(title)
    for name, spent in seconds.items():
        print(f"  {name:50} {spent * 1000 / count:8.3f} ms")


async def _search(app: FastAPI, query: str) -> None:
    """Ask the app, with nothing between."""
    body = json.dumps({"query": query, "kind": "error"}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/v1/search",
        "raw_path": b"/v1/search",
        "query_string": b"",
        "headers": headers,
        "client": None,
        "server": None,
        "state": {},
    }
    answers: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Any) -> None:
        answers.append(message)

    await app(scope, receive, send)
    if answers[0]["status"] != 200:
        raise RuntimeError(answers)
