"""Vectors of queries that another process of the store has embedded, in the Redis that they share.

Redis holds no text: a key is a keyed hash of one. A value is the vector in half precision, as the database
compares it, and a tag that only who knows the store's pepper can make: what is damaged, of another model or
put there by somebody else is refused, and the query is embedded as if nothing had been there.
"""

import asyncio
import hashlib
import hmac
import math
import struct
import time
from collections.abc import Coroutine, Sequence
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import RedisError

from commontrace_server.accounts.pepper import Pepper
from commontrace_server.embeddings.protocol import Embedder
from commontrace_server.redis_access import Circuit, pool

LIFETIME_SECONDS: Final = 86_400  # a day of a team that meets the same error
PATIENCE_SECONDS: Final = 0.02  # less than embedding takes
AWAY_SECONDS: Final = 5.0
BUSY_SECONDS: Final = (
    0.005  # that a timer or a turn of the event loop is late: then it is not Redis that is slow
)
SLOW_IN_A_ROW: Final = 3  # answers, after which Redis is left alone: one may be late on any busy machine
_WRITES_AT_ONCE: Final = 32  # those beyond it are left out: a slow Redis is given no queue
_PREFIX: Final = "commontrace:vector:"
_TAG_BYTES: Final = 16
_UNIT: Final = 0.01  # by which the length of a vector may differ from 1


class SharedVectors:
    """Reads and writes vectors in Redis; where that is away or slow, nobody waits for it.

    Args:
        url: Of Redis.
        pepper: The same in all processes of the store; nothing is shared while there is none.
        patience: Seconds that a search waits for Redis.
    """

    def __init__(self, url: str, pepper: Pepper, *, patience: float = PATIENCE_SECONDS) -> None:
        self._pool = pool(url)
        self._redis = Redis(connection_pool=self._pool)
        self._pepper = pepper
        self._patience = patience
        self._circuit = Circuit("vectors", AWAY_SECONDS, "queries are embedded in each process for now")
        self._tasks: set[asyncio.Task[Any]] = set()
        self._slow = 0

    async def close(self) -> None:
        """End what is on its way, and the connections."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._pool.disconnect()

    async def get(self, embedder: Embedder, text: str) -> list[float] | None:
        """Return the unit vector of a text, or None where there is none to be had at once."""
        secret = self._secret()
        if secret is None or self._circuit.is_open:
            return None
        key = _key(secret, embedder.name, text)
        # What comes late goes on without the search: its connection may be needed by the next one.
        reading = self._begin(self._read(key))
        since = time.perf_counter()
        done, _ = await asyncio.wait({reading}, timeout=self._patience)
        if not done:
            late = time.perf_counter() - since - self._patience
            self._note_slow(max(late, await _turn()))
            return None
        self._slow = 0
        value = reading.result()
        return None if value is None else _decoded(secret, key, value, embedder.dimensions)

    def put(self, embedder: Embedder, text: str, vector: Sequence[float]) -> None:
        """Begin to write the vector of a text; nobody waits for it."""
        secret = self._secret()
        if secret is None or self._circuit.is_open or len(self._tasks) >= _WRITES_AT_ONCE:
            return
        if _is_unit(vector):
            key = _key(secret, embedder.name, text)
            self._begin(self._write(key, _encoded(secret, key, vector)))

    def _note_slow(self, late: float) -> None:
        """Count an answer that did not come in time, unless this process was late itself."""
        if late >= BUSY_SECONDS:
            return
        self._slow += 1
        if self._slow >= SLOW_IN_A_ROW:
            self._slow = 0
            self._circuit.open("slow")

    def _secret(self) -> bytes | None:
        pepper = self._pepper.read()
        return None if pepper is None else hashlib.sha256(b"query vectors" + pepper).digest()

    def _begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _read(self, key: str) -> bytes | None:
        try:
            value: bytes | None = await self._redis.get(key)
        except (RedisError, OSError) as error:
            self._circuit.open(type(error).__name__)
            return None
        return value

    async def _write(self, key: str, value: bytes) -> None:
        try:
            await self._redis.set(key, value, ex=LIFETIME_SECONDS)
        except (RedisError, OSError) as error:
            self._circuit.open(type(error).__name__)


async def _turn() -> float:
    """Return how many seconds the event loop takes for everything that is ready."""
    since = time.perf_counter()
    await asyncio.sleep(0)
    return time.perf_counter() - since


def _key(secret: bytes, model: str, text: str) -> str:
    # a text may hold a lone surrogate
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=secret, digest_size=24)
    return f"{_PREFIX}{model}:{digest.hexdigest()}"


def _encoded(secret: bytes, key: str, vector: Sequence[float]) -> bytes:
    halves = struct.pack(f"<{len(vector)}e", *vector)
    return halves + _tag(secret, key, halves)


def _decoded(secret: bytes, key: str, value: bytes, dimensions: int) -> list[float] | None:
    halves, tag = value[:-_TAG_BYTES], value[-_TAG_BYTES:]
    if len(halves) != 2 * dimensions or not hmac.compare_digest(tag, _tag(secret, key, halves)):
        return None
    vector = list(struct.unpack(f"<{dimensions}e", halves))
    return vector if _is_unit(vector) else None


def _tag(secret: bytes, key: str, halves: bytes) -> bytes:
    return hashlib.blake2b(key.encode() + halves, key=secret, digest_size=_TAG_BYTES).digest()


def _is_unit(vector: Sequence[float]) -> bool:
    return abs(math.hypot(*vector) - 1.0) <= _UNIT  # false where a number is none
