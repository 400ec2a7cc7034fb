"""`bench reputation`: what a rebuild and a refresh over many votes take, and what requests notice of them."""

import argparse
import asyncio
import json
import random
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx
import numpy as np
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.app import create_app
from commontrace_server.database import create_engine, migrate
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.reputation import contributors, recount
from commontrace_server.settings import Settings
from commontrace_server.spaces import service as spaces

QUIET_SECONDS: Final = 10.0
TRUSTED_SHARE: Final = 100  # one account of so many
OUTCOME_SHARE: Final = 10  # one outcome for so many votes

_FILL: Final = (
    """INSERT INTO accounts (id, name, root, tier)
    SELECT id, 'a' || number, id, CASE WHEN number % :trusted = 0 THEN 'trusted' ELSE 'standard' END
    FROM (SELECT gen_random_uuid() AS id, number FROM generate_series(1, :accounts) AS number) AS fresh""",
    """CREATE TEMPORARY TABLE people AS
    SELECT id, row_number() OVER () AS n FROM accounts WHERE name LIKE 'a%'""",
    "CREATE UNIQUE INDEX ON people (n)",
    """INSERT INTO traces (
        id, title, context_text, solution_text, tags, status, content_hash, space_id, author_id
    )
    SELECT gen_random_uuid(), 'trace ' || number, 'No module named m' || number, 'pip install m' || number,
           ARRAY['t' || number % 50, 'u' || number % 7], 'published', md5(number::text) || md5('x' || number),
           CAST(:space AS uuid), people.id
    FROM generate_series(1, :traces) AS number JOIN people ON n = 1 + number * 7919 % :accounts""",
    """CREATE TEMPORARY TABLE works AS
    SELECT id, row_number() OVER (ORDER BY random()) AS n FROM traces
    WHERE space_id = CAST(:space AS uuid)""",
    "CREATE UNIQUE INDEX ON works (n)",
    """INSERT INTO votes (trace_id, account_id, value, reason)
    SELECT works.id, people.id, CASE WHEN good THEN 1 ELSE -1 END, CASE WHEN NOT good THEN 'wrong' END
    FROM (SELECT 1 + floor(power(random(), 2) * :traces) AS trace, 1 + floor(random() * :accounts) AS person,
                 random() < 0.8 AS good
          FROM generate_series(1, :votes)) AS drawn
    JOIN works ON works.n = trace JOIN people ON people.n = person
    ON CONFLICT DO NOTHING""",
    """INSERT INTO outcomes (id, trace_id, account_id, session, worked)
    SELECT gen_random_uuid(), trace_id, account_id, 's', random() < 0.8 FROM votes
    WHERE random() < 1.0 / :outcomes""",
)

Ask = Callable[[], Awaitable[httpx.Response]]


def main(argv: list[str]) -> int:
    """Measure, print what came of it and write it as JSON."""
    parser = argparse.ArgumentParser(prog="reputation", description=__doc__)
    parser.add_argument(
        "--votes", type=int, default=1_000_000, help="drawn; equal ones are one (%(default)s)"
    )
    parser.add_argument("--traces", type=int, default=20_000, help="(%(default)s)")
    parser.add_argument("--accounts", type=int, default=20_000, help="(%(default)s)")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    options = parser.parse_args(argv)
    result = asyncio.run(_measure(options))
    for key, value in result.items():
        print(f"{key:16} {value}")
    if options.json is not None:
        options.json.write_text(json.dumps(result) + "\n", encoding="utf-8")
    return 0


async def _measure(options: argparse.Namespace) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="ct-bench-", ignore_cleanup_errors=True) as directory:
        cluster = Cluster(Path(directory))
        await asyncio.to_thread(cluster.start)
        try:
            await migrate(cluster.url)
            engine = create_engine(cluster.url, statement_milliseconds=0)
            try:
                return await _measured(engine, cluster.url, options)
            finally:
                await engine.dispose()
        finally:
            await asyncio.to_thread(cluster.stop)


async def _measured(engine: AsyncEngine, url: str, options: argparse.Namespace) -> dict[str, Any]:
    traces = await _fill(engine, options)
    result: dict[str, Any] = {"votes": await _count(engine, "votes"), "traces": options.traces}
    rebuilt = time.monotonic()
    await recount.recount_all(engine)
    result["rebuild_seconds"] = round(time.monotonic() - rebuilt, 1)
    await contributors.refresh(engine)  # the first one fills the view
    async with _client(url) as client:
        quiet = await _load(client, traces, asyncio.sleep(QUIET_SECONDS))
        refreshing = asyncio.ensure_future(_timed(contributors.refresh(engine)))
        busy = await _load(client, traces, refreshing)
        result["refresh_seconds"] = round(await refreshing, 1)
    for name in quiet:
        for when, measured in (("quiet", quiet), ("during", busy)):
            found = [round(float(np.percentile(measured[name], p)) * 1000, 2) for p in (50, 95, 100)]
            result[f"{name}_{when}_ms"] = dict(zip(("p50", "p95", "max"), found, strict=True))
    result["rows"] = await _count(engine, "reputation")
    return result


async def _fill(engine: AsyncEngine, options: argparse.Namespace) -> list[UUID]:
    async with engine.begin() as connection:
        space = (await spaces.create(connection, "commons", "public")).id
        values = {name: getattr(options, name) for name in ("votes", "traces", "accounts")}
        values |= {"space": space, "trusted": TRUSTED_SHARE, "outcomes": OUTCOME_SHARE}
        for statement in _FILL:
            asked = text(statement)
            await connection.execute(asked, {name: values[name] for name in asked.compile().params})
        found = await connection.scalars(text("SELECT id FROM works ORDER BY n LIMIT 1000"))
        traces = list(found)
    async with engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(text("ANALYZE"))
    return traces


async def _count(engine: AsyncEngine, table: str) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0)  # noqa: S608


@asynccontextmanager
async def _client(url: str) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(Settings(database_url=url, embedder="none", builtin_account=True))
    transport = httpx.ASGITransport(app=app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://store") as client,
    ):
        yield client


async def _load(
    client: httpx.AsyncClient, traces: Sequence[UUID], until: Awaitable[Any]
) -> dict[str, list[float]]:
    """Vote, search and read one after the other as long as `until` takes; return the seconds of each."""
    chance = random.Random(1)  # noqa: S311 - a load, not a secret
    end = asyncio.ensure_future(until)
    asks: dict[str, Callable[[UUID], Awaitable[httpx.Response]]] = {
        "vote": lambda trace: client.put(f"/v1/traces/{trace}/vote", json={"value": 1}),
        "unvote": lambda trace: client.delete(f"/v1/traces/{trace}/vote"),
        "search": lambda trace: client.post(
            "/v1/search", json={"query": f"No module named m{trace.int % 9999}"}
        ),
        "read": lambda trace: client.get(f"/v1/traces/{trace}"),
    }
    seconds: dict[str, list[float]] = {name: [] for name in asks}
    while not end.done():
        trace = chance.choice(traces)
        for name, ask in asks.items():
            started = time.monotonic()
            (await ask(trace)).raise_for_status()
            seconds[name].append(time.monotonic() - started)
    return seconds


async def _timed(work: Awaitable[None]) -> float:
    started = time.monotonic()
    await work
    return time.monotonic() - started
