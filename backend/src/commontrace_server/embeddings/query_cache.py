"""Vectors of recent queries: the same error is searched again and again, and embedding is the slow part."""

import asyncio
from collections import OrderedDict

from commontrace_server.embeddings.protocol import Embedder, EmbeddingError
from commontrace_server.embeddings.shared_vectors import SharedVectors

CAPACITY = 2048  # vectors of 384 floats: about 25 MB
PATIENCE_SECONDS = 0.15  # half of a hook's deadline; a query of 60 tokens takes a tenth of it
UNHURRIED_SECONDS = 1.0  # where somebody has asked and waits, a whole answer is worth more than a quick one


class EmbeddingTimeoutError(EmbeddingError):
    """The embedder takes longer than a search may wait; its vector will be there for the next one."""


class QueryCache:
    """Embeds queries once, keeps the most recent vectors, and never waits long.

    Args:
        capacity: Vectors kept.
        patience: Seconds that a hook's search waits for a vector.
        unhurried: Seconds that any other one waits.
        shared: Where other processes' vectors are, if anywhere.
    """

    def __init__(
        self,
        capacity: int = CAPACITY,
        patience: float = PATIENCE_SECONDS,
        unhurried: float = UNHURRIED_SECONDS,
        shared: SharedVectors | None = None,
    ) -> None:
        self._capacity = capacity
        self._patience = patience
        self._unhurried = max(patience, unhurried)
        self._shared = shared
        self._vectors: OrderedDict[tuple[str, str], list[float]] = OrderedDict()
        self._running: dict[tuple[str, str], asyncio.Task[list[float]]] = {}

    def has(self, embedder: Embedder, query: str) -> bool:
        """Whether nobody has to wait for the vector of a query."""
        return (embedder.name, query) in self._vectors

    async def vector(self, embedder: Embedder, query: str, *, hurried: bool = True) -> list[float]:
        """Return the vector of a query.

        Args:
            embedder: What embeds.
            query: The text.
            hurried: Whether a hook waits.

        Raises:
            EmbeddingTimeoutError: It is not there yet.
            EmbeddingError: The embedder failed.
        """
        key = (embedder.name, query)
        if key in self._vectors:
            self._vectors.move_to_end(key)
            return self._vectors[key]
        task = self._running.get(key)
        if task is None:
            task = self._running[key] = asyncio.create_task(self._embed(embedder, key))
            task.add_done_callback(lambda done: self._forget(key, done))
        try:
            # shielded: whoever searches next gets the vector that this search could not wait for
            async with asyncio.timeout(self._patience if hurried else self._unhurried):
                return await asyncio.shield(task)
        except TimeoutError:
            raise EmbeddingTimeoutError("it took too long this time") from None

    async def close(self) -> None:
        """Call off what no search waits for any more: the embedder is about to go."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _embed(self, embedder: Embedder, key: tuple[str, str]) -> list[float]:
        vector = await self._elsewhere_or_embedded(embedder, key[1])
        self._vectors[key] = vector
        while len(self._vectors) > self._capacity:
            self._vectors.popitem(last=False)
        return vector

    async def _elsewhere_or_embedded(self, embedder: Embedder, query: str) -> list[float]:
        if self._shared is not None and (known := await self._shared.get(embedder, query)) is not None:
            return known
        (vector,) = await embedder.embed([query])
        if self._shared is not None:
            self._shared.put(embedder, query, vector)
        return vector

    def _forget(self, key: tuple[str, str], done: asyncio.Task[list[float]]) -> None:
        self._running.pop(key, None)
        if not done.cancelled():
            done.exception()  # read, so that a failure nobody waited for is not reported as lost
