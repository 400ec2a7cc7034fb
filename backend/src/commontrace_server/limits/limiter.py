"""Counting requests: in Redis, so that all workers count together, or in memory where there is none."""

import logging
import math
import time
from collections.abc import Iterable
from functools import cache
from typing import Any, Final

from limits import RateLimitItem
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import SlidingWindowCounterRateLimiter
from limits.errors import StorageError
from redis.asyncio import ConnectionPool

from commontrace_server.accounts.standing import Caller
from commontrace_server.limits import rates
from commontrace_server.observability import signals
from commontrace_server.refusals import TooManyRequestsError

_log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = 10.0  # between two looks whether Redis is back
_REDIS_SECONDS: Final = 0.5  # that a request waits for Redis at most
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


class Limiter:
    """Counts what accounts and addresses ask for, and refuses what is too much.

    Args:
        redis_url: Where all workers count together (`redis://...`); without it each counts alone.
    """

    def __init__(self, redis_url: str | None = None) -> None:
        self._memory = SlidingWindowCounterRateLimiter(MemoryStorage())
        self._pool = None if redis_url is None else _pool(redis_url)
        self._shared = None if self._pool is None else _shared(self._pool)
        self._away_until = 0.0

    async def close(self) -> None:
        """End the connections to Redis."""
        if self._pool is not None:
            await self._pool.disconnect()

    async def admit(self, caller: Caller, method: str, path: str) -> None:
        """Count a request of an account.

        Raises:
            TooManyRequestsError: It was too many.
        """
        kind = rates.kind(method, path)
        await self._count(_allowed(caller.tier, kind), f"account:{kind}:{caller.account_id}", "your account")

    async def admit_address(self, address: str | None) -> None:
        """Count a request from an address, before anything is known of who sends it.

        Raises:
            TooManyRequestsError: It was too many.
        """
        # Behind a proxy on this machine everybody has its address, unless it says whom it speaks for.
        if address is not None and address not in _LOOPBACK:
            await self._count(_items(rates.ADDRESS), f"address:{address}", "your address")

    async def admit_failure(self, address: str | None) -> None:
        """Count a key that is not valid.

        Raises:
            TooManyRequestsError: There were too many from this address.
        """
        if address is not None and address not in _LOOPBACK:
            await self._count(_items(rates.FAILURE), f"failure:{address}", "your address")

    async def _count(self, items: Iterable[RateLimitItem], key: str, whose: str) -> None:
        for item in items:
            wait = await self._hit(item, key)
            if wait is not None:
                raise TooManyRequestsError(wait, whose)

    async def _hit(self, item: RateLimitItem, key: str) -> int | None:
        """Count one; return the seconds to wait when it is too many."""
        if self._shared is not None and time.monotonic() >= self._away_until:
            try:
                return await _taken(self._shared, item, key)
            except StorageError as error:
                self._away_until = time.monotonic() + _RETRY_SECONDS
                kind = type(error.storage_error).__name__
                signals.redis_away("limits")
                _log.warning("Redis is away (%s): limits are counted in this process for now", kind)
        return await _taken(self._memory, item, key)


async def _taken(strategy: SlidingWindowCounterRateLimiter, item: RateLimitItem, key: str) -> int | None:
    if await strategy.hit(item, key):
        return None
    stats = await strategy.get_window_stats(item, key)
    return max(1, math.ceil(stats.reset_time - time.time()))


def _pool(url: str) -> ConnectionPool:
    return ConnectionPool.from_url(url, socket_timeout=_REDIS_SECONDS, socket_connect_timeout=_REDIS_SECONDS)


def _shared(pool: ConnectionPool) -> SlidingWindowCounterRateLimiter:
    options: Any = {"connection_pool": pool}  # documented, and left out of the types
    storage = RedisStorage(
        "async+redis://",
        wrap_exceptions=True,
        implementation="redispy",
        key_prefix="commontrace",
        **options,
    )
    return SlidingWindowCounterRateLimiter(storage)


_items = cache(rates.items)
_allowed = cache(rates.allowed)
