"""Vectors of queries that the processes of a store share through Redis."""

import asyncio
import math
import struct
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

import httpx
import pytest
from redis.asyncio import Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.embeddings import shared_vectors
from commontrace_server.embeddings.openai import DIMENSIONS_VARIABLE, URL_VARIABLE
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.embeddings.shared_vectors import SharedVectors
from support.embeddings_api import embeddings_api
from support.store import StoreProcess, eventually
from support.valkey import Valkey, valkey

__all__ = ["valkey"]

SECRET = "x" * 40
QUERY = "No module named 'harbour'"
PATIENT = 30.0


class Provider:
    """An embedder that counts."""

    name = "provider-1"
    dimensions = 4

    def __init__(self, vector: Sequence[float] = (0.5, -0.5, 0.5, 0.5)) -> None:
        self.calls = 0
        self._vector = list(vector)

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        self.calls += len(texts)
        return [self._vector for _ in texts]


@asynccontextmanager
async def process(url: str, secret: str = SECRET, *, patience: float = PATIENT) -> AsyncIterator[QueryCache]:
    """What one process of a store embeds queries with."""
    shared = SharedVectors(url, Pepper(secret), patience=patience)
    yield QueryCache(shared=shared, patience=PATIENT)
    await shared.close()


@pytest.fixture
async def redis(valkey: Valkey) -> AsyncIterator[Redis]:
    """A client that looks at what is kept."""
    client = Redis.from_url(valkey.url)
    yield client
    await client.aclose()


async def kept(redis: Redis) -> dict[bytes, bytes]:
    """Everything that Redis holds, once it holds something."""

    async def something() -> bool:
        return bool(await redis.dbsize())

    await eventually(something)
    return {key: await redis.get(key) for key in await redis.keys()}


async def test_processes_of_a_store_embed_a_query_once(
    store_url: str, engine: AsyncEngine, valkey: Valkey, redis: Redis
) -> None:
    """What one has embedded the other one takes from Redis, where no text stands."""
    async with engine.begin() as connection:
        account = await accounts.create(connection, "robin")
        key = (await accounts.create_key(connection, Pepper(SECRET), account, ["read"])).key
    where = ("--port", "0", "--embedder", "openai:m", "--database-url", store_url, "--redis-url", valkey.url)
    with embeddings_api() as api:
        variables = {"COMMONTRACE_PEPPER": SECRET, URL_VARIABLE: api.url, DIMENSIONS_VARIABLE: "4"}
        async with AsyncExitStack() as stack:
            for _ in range(2):
                store = stack.enter_context(StoreProcess(*where, environment=variables))
                address = await asyncio.to_thread(store.wait_ready)
                client = httpx.AsyncClient(
                    base_url=address, headers={"Authorization": f"Bearer {key}"}, trust_env=False, timeout=30
                )
                await _searched_by_meaning(await stack.enter_async_context(client))
                entries = await kept(redis)
        asked = [text for request in api.requests for text in request["input"] if QUERY in text]
    assert len(asked) == 1
    vectors = {name: value for name, value in entries.items() if name.startswith(b"commontrace:vector:")}
    assert len(vectors) == 1
    assert not any(b"harbour" in part for entry in vectors.items() for part in entry)
    assert 0 < await redis.ttl(next(iter(vectors))) <= shared_vectors.LIFETIME_SECONDS


async def _searched_by_meaning(client: httpx.AsyncClient) -> None:
    """Search until the embedder is ready and its vector was used."""

    async def searched() -> bool:
        answer = await client.post("/v1/search", json={"query": QUERY, "kind": "question"})
        answer.raise_for_status()
        return not answer.json()["degraded"]

    await eventually(searched, seconds=60)


async def test_vector_is_the_same_in_half_precision(valkey: Valkey, redis: Redis) -> None:
    """The database compares half floats: nothing that counts is lost on the way."""
    vector = [math.cos(number) for number in range(4)]
    length = math.hypot(*vector)
    first, second = Provider([value / length for value in vector]), Provider()
    async with process(valkey.url) as one, process(valkey.url) as other:
        made = await one.vector(first, QUERY)
        await kept(redis)
        assert await other.vector(second, QUERY) == [
            struct.unpack("<e", struct.pack("<e", value))[0] for value in made
        ]
    assert second.calls == 0


@pytest.mark.parametrize(
    "damage",
    [
        lambda value: value[:0],
        lambda value: value[:-1],
        lambda value: value + b"\0\0",
        lambda value: value[::-1],
        lambda value: struct.pack("<4e", 1.0, 0.0, 0.0, 0.0) + value[8:],
        lambda value: struct.pack("<4e", *[math.nan] * 4) + value[8:],
        lambda value: bytes(len(value)),
    ],
    ids=["empty", "cut", "longer", "turned", "another vector", "not a number", "zero"],
)
async def test_value_that_is_not_the_stores_own_is_refused_and_replaced(
    valkey: Valkey, redis: Redis, damage: Callable[[bytes], bytes]
) -> None:
    """Whoever can write to Redis cannot choose what a search is compared with."""
    provider = Provider()
    async with process(valkey.url) as one, process(valkey.url) as other, process(valkey.url) as third:
        vector = await one.vector(provider, QUERY)
        ((name, value),) = (await kept(redis)).items()
        await redis.set(name, damage(value))
        assert await other.vector(provider, QUERY) == vector
        assert provider.calls == 2

        async def replaced() -> bool:
            return bool(await redis.get(name) == value)

        await eventually(replaced)
        assert await third.vector(provider, QUERY) == vector
    assert provider.calls == 2


async def test_value_of_another_query_is_refused(valkey: Valkey, redis: Redis) -> None:
    """A tag belongs to one place."""
    provider = Provider()
    async with process(valkey.url) as one, process(valkey.url) as other:
        await one.vector(provider, "another")
        ((_, foreign),) = (await kept(redis)).items()
        await redis.flushall()
        await one.vector(provider, QUERY)
        ((name, _),) = (await kept(redis)).items()
        await redis.set(name, foreign)
        await other.vector(provider, QUERY)
    assert provider.calls == 3


async def test_stores_with_different_peppers_share_nothing(valkey: Valkey, redis: Redis) -> None:
    """Nor do models."""
    provider, newer = Provider(), Provider()
    newer.name = "provider-2"
    async with process(valkey.url) as one, process(valkey.url, "y" * 40) as foreign:
        await one.vector(provider, QUERY)
        await kept(redis)
        await foreign.vector(provider, QUERY)
        await one.vector(newer, QUERY)
    assert (provider.calls, newer.calls) == (2, 1)


@pytest.mark.parametrize("vector", [(0.0,) * 4, (math.nan,) * 4, (9.0,) * 4, (1e30,) * 4])
async def test_what_is_no_unit_vector_is_not_shared(
    valkey: Valkey, redis: Redis, vector: Sequence[float]
) -> None:
    """A provider that lies to one process lies to no other."""
    async with process(valkey.url) as one:
        await one.vector(Provider(vector), QUERY)
        await one.vector(Provider(), "afterwards")
        assert len(await kept(redis)) == 1


class Silent:
    """A Redis that accepts connections and never answers."""

    def __init__(self) -> None:
        self.connections = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        await reader.read()
        writer.close()


@asynccontextmanager
async def silence() -> AsyncIterator[tuple[Silent, str]]:
    """One with its address."""
    silent = Silent()
    server = await asyncio.start_server(silent.serve, "127.0.0.1", 0)
    yield silent, f"redis://127.0.0.1:{server.sockets[0].getsockname()[1]}/0"
    server.close()


async def test_redis_that_says_nothing_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search goes on without it, and the next ones do not even ask."""
    monkeypatch.setattr(shared_vectors, "BUSY_SECONDS", math.inf)  # however busy this machine is
    provider = Provider()
    async with silence() as (silent, url), process(url, patience=0.01) as one:
        for number in range(9):
            await one.vector(provider, f"{QUERY} {number}")
    assert provider.calls == 9
    assert silent.connections <= shared_vectors.SLOW_IN_A_ROW


async def test_redis_is_not_blamed_for_a_busy_process() -> None:
    """An answer that this process had no time to read says nothing of Redis: the next search asks again."""
    provider = Provider()
    async with silence() as (silent, url), process(url, patience=0.01) as one:
        asked = 2 * shared_vectors.SLOW_IN_A_ROW
        for number in range(asked):
            asyncio.get_running_loop().call_later(0.005, time.sleep, 0.05)
            await one.vector(provider, f"{QUERY} {number}")

        async def always_asked() -> bool:
            return silent.connections == asked

        await eventually(always_asked)
    assert provider.calls == asked


async def test_redis_that_comes_back_is_used_again(
    valkey: Valkey, redis: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed, it costs an embedding; afterwards all is as before."""
    monkeypatch.setattr(shared_vectors, "AWAY_SECONDS", 0.0)
    provider = Provider()
    async with process(valkey.url) as one, process(valkey.url) as other:
        await valkey.kill()
        await one.vector(provider, QUERY)
        await other.vector(provider, QUERY)
        assert provider.calls == 2
        await valkey.restart()
        await one.vector(provider, "another")
        await kept(redis)
        await other.vector(provider, "another")
    assert provider.calls == 3
