"""Token buckets, as the generic cell rate algorithm keeps them: one number per bucket, exact at any moment.

`limits` writes a bucket down (`200/2 second`: it holds 200 tokens and is full again after 2 s) but counts in
windows only, which let through twice as much around their edges and know only when a window ends. Source of
the algorithm: ITU-T I.371, "virtual scheduling".
"""

import time
from typing import Any, Final, Protocol

from limits import RateLimitItem
from redis.asyncio import ConnectionPool, Redis

_MOST: Final = 100_000  # buckets that a process keeps in memory before it looks which are full again
_PREFIX: Final = "commontrace:bucket:"

# The same as `_taken`, at once for all processes, by the clock that they share.
_TAKE: Final = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local token, holds = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now) + token
local wait = full_at - now - holds
if wait > 0.000001 then
    return tostring(wait)
end
redis.call('SET', KEYS[1], string.format('%.6f', full_at), 'PX', math.ceil((full_at - now) * 1000))
return '0'
"""


class Buckets(Protocol):
    """Somewhere that buckets are kept."""

    async def take(self, item: RateLimitItem, key: str) -> float:
        """Take a token; return 0.0, or the seconds until there will be one where there is none now."""
        ...


class MemoryBuckets:
    """Buckets of one process.

    Args:
        clock: Seconds that never go back.
    """

    def __init__(self, clock: Any = time.monotonic) -> None:
        self._clock = clock
        self._full_at: dict[str, float] = {}

    async def take(self, item: RateLimitItem, key: str) -> float:
        """Take a token; return 0.0, or the seconds until there will be one where there is none now."""
        now = self._clock()
        full_at, wait = _taken(self._full_at.get(key, now), now, item)
        if not wait:
            if len(self._full_at) >= _MOST:
                self._full_at = {key: at for key, at in self._full_at.items() if at > now}
            self._full_at[key] = full_at
        return wait


class RedisBuckets:
    """Buckets of all processes that share a Redis."""

    def __init__(self, pool: ConnectionPool) -> None:
        self._take = Redis(connection_pool=pool).register_script(_TAKE)

    async def take(self, item: RateLimitItem, key: str) -> float:
        """Take a token; return 0.0, or the seconds until there will be one where there is none now.

        Raises:
            RedisError: Redis is away.
        """
        holds = float(item.get_expiry())
        return float(await self._take(keys=[_PREFIX + key], args=[holds / item.amount, holds]))


def _taken(full_at: float, now: float, item: RateLimitItem) -> tuple[float, float]:
    """Return when a bucket will be full again after a token is taken, and how long one has to wait for it."""
    holds = float(item.get_expiry())
    full_at = max(full_at, now) + holds / item.amount
    wait = full_at - now - holds
    return full_at, wait if wait > 1e-6 else 0.0
