"""Who is using the server right now, and since when nobody does."""

import time
from collections.abc import Callable

from starlette.types import ASGIApp, Receive, Scope, Send


class Activity:
    """Counts requests in progress; an open lease is one of them.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_progress = 0
        self._since = clock()

    def begin(self) -> None:
        """Note that a request has begun."""
        self._in_progress += 1

    def end(self) -> None:
        """Note that a request has ended."""
        self._in_progress -= 1
        self._since = self._clock()

    def idle_seconds(self) -> float:
        """Return for how long nothing has been asked; 0 while something is in progress."""
        return 0.0 if self._in_progress else self._clock() - self._since


class CountedRequests:
    """ASGI middleware that keeps `activity` up to date."""

    def __init__(self, app: ASGIApp, activity: Activity) -> None:
        self._app = app
        self._activity = activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count the request while it is in progress."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        self._activity.begin()
        try:
            await self._app(scope, receive, send)
        finally:
            self._activity.end()
