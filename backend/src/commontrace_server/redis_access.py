"""What all uses of Redis have in common: it may be away, and nothing waits long for it or asks in vain."""

import logging
import time
from typing import Final

from redis.asyncio import ConnectionPool

from commontrace_server.observability import signals

_log = logging.getLogger(__name__)

ANSWER_SECONDS: Final = 0.5  # that a command, or a connection, may take


def pool(url: str) -> ConnectionPool:
    """Return connections to a Redis; nothing is opened yet."""
    return ConnectionPool.from_url(url, socket_timeout=ANSWER_SECONDS, socket_connect_timeout=ANSWER_SECONDS)


class Circuit:
    """Open for a while after Redis could not be used, so that it is left alone.

    Args:
        use: What it is used for, as the metrics name it.
        seconds: Until it is tried again.
        meanwhile: What is done without it, for the log.
    """

    def __init__(self, use: str, seconds: float, meanwhile: str) -> None:
        self._use = use
        self._seconds = seconds
        self._meanwhile = meanwhile
        self._until = 0.0

    @property
    def is_open(self) -> bool:
        """Whether Redis is not to be asked now."""
        return time.monotonic() < self._until

    def open(self, reason: str) -> None:
        """Leave Redis alone from now on; the reason says nothing of what was asked."""
        self._until = time.monotonic() + self._seconds
        signals.redis_away(self._use)
        _log.warning("Redis is away (%s): %s", reason, self._meanwhile)
