"""Who is using the server right now, and since when nobody does."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Activity:
    """Counts requests in progress; an open lease is one of them, but waits for no answer.

    Args:
        clock: Monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._in_progress = 0
        self._unanswered = 0
        self._since = clock()
        self._quiet = asyncio.Event()
        self._quiet.set()

    def begin(self) -> None:
        """Note that a request has begun."""
        self._in_progress += 1
        self._unanswered += 1
        self._quiet.clear()

    def answered(self) -> None:
        """Note that the answer to a request has begun, or will never come."""
        self._unanswered -= 1
        if not self._unanswered:
            self._quiet.set()

    def end(self) -> None:
        """Note that a request has ended."""
        self._in_progress -= 1
        self._since = self._clock()

    async def quiet(self, patience: float) -> None:
        """Return when nobody waits for an answer, after `patience` seconds at the latest."""
        if not self._quiet.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await self._quiet.wait()

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
        waiting = True

        async def noted(message: Message) -> None:
            nonlocal waiting
            await send(message)
            if waiting:
                waiting = False
                self._activity.answered()

        self._activity.begin()
        try:
            await self._app(scope, receive, noted)
        finally:
            if waiting:
                self._activity.answered()
            self._activity.end()
