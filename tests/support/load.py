"""A steady load on a store over HTTP, and what became of it: what was acknowledged, and what failed."""

import asyncio
import itertools
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from support.store import draft, eventually

PAUSE_SECONDS = 0.02
REQUEST_SECONDS = 30.0


@dataclass
class Load:
    """What has become of the requests so far.

    Attributes:
        answered: how many were answered as they should be.
        acknowledged: ids of the traces that the store said it has.
        failed: the statuses and errors of all others, counted.
        promised: whether each refusal (503) said when to come back.
    """

    answered: int = 0
    acknowledged: list[str] = field(default_factory=list)
    failed: Counter[str] = field(default_factory=Counter)
    promised: list[bool] = field(default_factory=list)

    async def more(self, count: int, seconds: float = 100.0) -> None:
        """Return when that many more requests were answered."""
        goal = self.answered + count

        async def reached() -> bool:
            return self.answered >= goal

        await eventually(reached, seconds=seconds)


@asynccontextmanager
async def loaded(url: str, key: str, clients: int = 4) -> AsyncIterator[Load]:
    """Send requests over kept connections, half of them writes, until the block ends."""
    load, numbers = Load(), itertools.count()
    over = asyncio.Event()
    tasks = [asyncio.create_task(_client(url, key, load, numbers, over)) for _ in range(clients)]
    try:
        yield load
    finally:
        over.set()
        await asyncio.gather(*tasks)


async def _client(
    url: str, key: str, load: Load, numbers: "itertools.count[int]", over: asyncio.Event
) -> None:
    headers = {"Authorization": f"Bearer {key}"}
    async with httpx.AsyncClient(
        base_url=url, headers=headers, trust_env=False, timeout=REQUEST_SECONDS
    ) as client:
        while not over.is_set():
            await _request(client, load, next(numbers))
            await asyncio.sleep(PAUSE_SECONDS)


async def _request(client: httpx.AsyncClient, load: Load, number: int) -> None:
    body = draft(title=f"pytest cannot import yaml{number}", context_text=f"No module named 'yaml{number}'")
    try:
        answer = await (client.get("/v1/traces") if number % 2 else client.post("/v1/traces", json=body))
    except httpx.TransportError as error:
        load.failed[type(error).__name__] += 1
        return
    if answer.is_success:
        load.answered += 1
    else:
        load.failed[str(answer.status_code)] += 1
    if answer.status_code == 503:
        load.promised.append("Retry-After" in answer.headers)
    if answer.status_code == 201:
        load.acknowledged.append(answer.json()["id"])
