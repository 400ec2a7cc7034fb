"""Counting requests: in Redis, so that all workers count together, or in memory where there is none."""

import math
from functools import cache
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Final

from limits import RateLimitItem
from redis.exceptions import RedisError

from commontrace_server.accounts.standing import Caller
from commontrace_server.limits import rates
from commontrace_server.limits.buckets import MemoryBuckets, RedisBuckets
from commontrace_server.redis_access import Circuit, pool
from commontrace_server.refusals import TooManyRequestsError

_RETRY_SECONDS: Final = 10.0  # between two looks whether Redis is back
_SUBSCRIBER: Final = 64  # bits of an IPv6 address that tell one line from another
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1"})


class Limiter:
    """Counts what accounts and addresses ask for, and refuses what is too much.

    Args:
        redis_url: Where all workers count together (`redis://...`); without it each counts alone.
    """

    def __init__(self, redis_url: str | None = None) -> None:
        self._memory = MemoryBuckets()
        self._pool = None if redis_url is None else pool(redis_url)
        self._shared = None if self._pool is None else RedisBuckets(self._pool)
        self._circuit = Circuit("limits", _RETRY_SECONDS, "limits are counted in this process for now")

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
            await self._count(rates.ADDRESS, f"address:{_place(address)}", "your address")

    async def admit_failure(self, address: str | None) -> None:
        """Count a key that is not valid.

        Raises:
            TooManyRequestsError: There were too many from this address.
        """
        if address is not None and address not in _LOOPBACK:
            await self._count(rates.FAILURE, f"failure:{_place(address)}", "your address")

    async def _count(self, item: RateLimitItem, key: str, whose: str) -> None:
        wait = await self._taken(item, key)
        if wait:
            raise TooManyRequestsError(math.ceil(wait), whose)

    async def _taken(self, item: RateLimitItem, key: str) -> float:
        """Take a token; return the seconds to wait when there is none."""
        if self._shared is not None and not self._circuit.is_open:
            try:
                return await self._shared.take(item, key)
            except (RedisError, OSError) as error:
                self._circuit.open(type(error).__name__)
        return await self._memory.take(item, key)


def _place(address: str) -> str:
    """Return what counts as one address: of IPv6, the network that one subscriber has."""
    try:
        known = ip_address(address)
    except ValueError:
        return address
    if isinstance(known, IPv4Address):
        return address
    return str(known.ipv4_mapped or ip_network((int(known), _SUBSCRIBER), strict=False))


_allowed = cache(rates.allowed)
