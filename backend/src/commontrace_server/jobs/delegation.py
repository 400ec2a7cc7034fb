"""Telling ARQ workers that there is work.

What goes through Redis is only that there may be some: what the work is stands in PostgreSQL, and whoever
looks there finds it. So Redis may lose everything and nothing is lost.
"""

import json
import os
import secrets
import time
from datetime import UTC, datetime
from typing import Any, Final

from arq.connections import ArqRedis
from redis.exceptions import RedisError

from commontrace_server.redis_access import Circuit, pool

QUEUE: Final = "commontrace:jobs"
HEALTH: Final = f"{QUEUE}:workers"  # kept up by living workers
WORK: Final = "work_off"
SLOT_SECONDS: Final = 0.1  # what is announced within this time is announced once
_RETRY_SECONDS: Final = 5.0


def serialize(job: dict[str, Any]) -> bytes:
    """Return a job for Redis; not a pickle, which runs what it is told to when it is read."""
    return json.dumps(job, default=str).encode()


def connected(url: str) -> ArqRedis:
    """Return a client for ARQ's queue; nothing is opened yet."""
    return ArqRedis(
        pool_or_conn=pool(url),
        job_serializer=serialize,
        job_deserializer=json.loads,
        default_queue_name=QUEUE,
    )


class ArqDelegate:
    """Announces work to the ARQ workers of this store.

    An announcement is carried out at the end of its slot of time, so that it covers everything that was
    committed within it. The name of a slot is this process's own, as its clock is.

    Args:
        url: Of Redis.
    """

    def __init__(self, url: str) -> None:
        self._redis = connected(url)
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._circuit = Circuit("jobs", _RETRY_SECONDS, "jobs are done in this process for now")

    async def take(self) -> bool:
        """Announce; False where no worker is alive, or Redis is away."""
        if self._circuit.is_open:
            return False
        slot = int(time.time() / SLOT_SECONDS) + 1
        end = datetime.fromtimestamp(slot * SLOT_SECONDS, UTC)
        try:
            if not await self._redis.exists(HEALTH):
                return False
            await self._redis.enqueue_job(WORK, _job_id=f"{self._name}-{slot}", _defer_until=end)
        except (RedisError, OSError) as error:
            self._circuit.open(type(error).__name__)
            return False
        return True

    async def close(self) -> None:
        """End the connections."""
        await self._redis.aclose(close_connection_pool=True)
