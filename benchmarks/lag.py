"""How long a contribution waits for its vectors: until then it is found by its words alone."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.serving import Served, connect
from benchmarks.texts import Texts

if TYPE_CHECKING:
    from benchmarks.load import Client

SEED = 5
TIMES = 5
WATCH_SECONDS = 5.0  # that the backlog is watched while nobody asks
LOOK_SECONDS = 0.01
DEADLINE_SECONDS = 60.0

_WAITING = "SELECT count(*), extract(epoch FROM now() - min(created_at)) FROM jobs WHERE kind = 'embed'"


async def alone(store: Served, connected: Callable[[], Awaitable["Client"]]) -> float:
    """Return the milliseconds from an answer to the trace's vectors while nobody asks for more (median)."""
    client, database, texts = await connected(), await connect(store.url), Texts(SEED)
    try:
        seconds = [await _waited(client, database, texts) for _ in range(TIMES)]
    finally:
        client.close()
        await database.close()
    return round(float(np.median(seconds)) * 1000, 1)


async def _waited(client: "Client", database: Any, texts: Texts) -> float:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while (await database.fetchrow(_WAITING))[0]:
        if time.monotonic() > deadline:
            raise TimeoutError("the store does not get its traces embedded")
        await asyncio.sleep(LOOK_SECONDS)
    answered = await client.post("/v1/traces", texts.trace())
    since = time.perf_counter()
    known = "SELECT EXISTS (SELECT FROM trace_embeddings WHERE trace_id = $1::text::uuid)"
    while not await database.fetchval(known, answered[1]["id"]):
        if time.monotonic() > deadline:
            raise TimeoutError("the trace got no vector in time")
        await asyncio.sleep(LOOK_SECONDS)
    return time.perf_counter() - since


async def behind(store: Served) -> dict[str, float]:
    """Return how far a load has left embedding behind, and how fast it catches up when nobody asks.

    `waiting` traces have no vector, the first of them for `oldest_s`; `per_second` of them get theirs.
    """
    database = await connect(store.url)
    try:
        waiting, oldest = await database.fetchrow(_WAITING)
        since = time.perf_counter()
        left = waiting
        while left and time.perf_counter() - since < WATCH_SECONDS:
            await asyncio.sleep(LOOK_SECONDS)
            left = (await database.fetchrow(_WAITING))[0]
        seconds = time.perf_counter() - since
    finally:
        await database.close()
    rate = (waiting - left) / seconds if waiting else 0.0
    return {"waiting": waiting, "oldest_s": round(float(oldest or 0.0), 2), "per_second": round(rate, 1)}
