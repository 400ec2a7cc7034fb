"""An embedder that says how long it takes and how it fails."""

import time
from collections.abc import Sequence

from commontrace_server.embeddings.protocol import Embedder
from commontrace_server.observability import signals


class Measured:
    """Embeds with another embedder; see `Embedder`."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.dimensions = embedder.dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed, and say how it went."""
        since = time.perf_counter()
        failure: str | None = None
        try:
            return await self._embedder.embed(texts)
        except BaseException as error:
            failure = type(error).__name__
            raise
        finally:
            signals.embedded(self.name, len(texts), time.perf_counter() - since, failure)
