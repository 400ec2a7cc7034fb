"""An embedder that says how long it takes and how it fails, and whose vectors are vectors."""

import math
import time
from collections.abc import Sequence
from typing import Final

from commontrace_server.embeddings.protocol import Embedder, EmbeddingError
from commontrace_server.observability import signals

_UNIT: Final = 0.01  # by which a length may differ from 1


class Measured:
    """Embeds with another embedder; see `Embedder`."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder
        self.name = embedder.name
        self.dimensions = embedder.dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed, and say how it went; of what was called off there is nothing to say."""
        since = time.perf_counter()
        try:
            vectors = self._checked(await self._embedder.embed(texts), len(texts))
        except Exception as error:
            signals.embedded(self.name, len(texts), time.perf_counter() - since, type(error).__name__)
            raise
        signals.embedded(self.name, len(texts), time.perf_counter() - since)
        return vectors

    def _checked(self, vectors: list[list[float]], count: int) -> list[list[float]]:
        """Return the vectors if that is what they are: whichever provider is asked, nothing else is stored.

        Raises:
            EmbeddingError: They are not.
        """
        if len(vectors) != count:
            raise EmbeddingError(f"the embedder made {len(vectors)} vectors of {count} texts")
        for vector in vectors:
            # false, too, where a number is none
            if len(vector) != self.dimensions or not abs(math.hypot(*vector) - 1.0) <= _UNIT:
                raise EmbeddingError(f"the embedder made no unit vector of {self.dimensions} dimensions")
        return vectors
