"""One look for all who ask the same at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Coalescing(Generic[Value]):
    """Looks things up, once at a time for each key.

    Whoever asks while a look is under way shares the next one with all who do. No look is answered with that
    began before it was asked for: what was changed by then is seen.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Future[None]] = {}
        self._next: dict[Hashable, asyncio.Task[Value]] = {}

    async def ask(self, key: Hashable, look: Callable[[], Awaitable[Value]]) -> Value:
        """Return what a look for `key` finds that begins from now on.

        Raises:
            Exception: What that look raises.
        """
        running, following = self._running.get(key), self._next.get(key)
        if running is None and following is None:
            return await self._look(key, look)
        if following is None:
            assert running is not None
            following = self._next[key] = asyncio.create_task(self._after(running, key, look))
            following.add_done_callback(_read)
        # shielded: the others want to know when one of them is called off
        return await asyncio.shield(following)

    async def _after(
        self, running: asyncio.Future[None], key: Hashable, look: Callable[[], Awaitable[Value]]
    ) -> Value:
        try:
            await asyncio.wait([running])
        finally:
            del self._next[key]  # whoever asks from now on is too late for this one
        return await self._look(key, look)

    async def _look(self, key: Hashable, look: Callable[[], Awaitable[Value]]) -> Value:
        over = self._running[key] = asyncio.get_running_loop().create_future()
        try:
            return await look()
        finally:
            del self._running[key]
            over.set_result(None)


def _read(done: asyncio.Task[object]) -> None:
    """Look at the failure, so that one that nobody waited for any more is not reported as lost."""
    if not done.cancelled():
        done.exception()
