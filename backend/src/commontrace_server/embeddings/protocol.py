"""What every embedder offers, and how it fails.

EmbeddingError
└── EmbedderUnavailableError
"""

from collections.abc import Sequence
from typing import Protocol


class EmbeddingError(Exception):
    """The texts could not be embedded; the message says why."""


class EmbedderUnavailableError(EmbeddingError):
    """The embedder cannot work at all: its model is missing, altered or unreachable."""


class Embedder(Protocol):
    """Turns texts into unit vectors of one space.

    Attributes:
        name: Identifies the vector space (model and version); stored beside every vector.
            Lower case letters, digits, dots and dashes only.
        dimensions: Length of every vector.
    """

    name: str
    dimensions: int

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts without blocking the event loop.

        Args:
            texts: Any number of texts; longer ones are cut at the model's window.

        Returns:
            One L2-normalised vector per text, in the same order.

        Raises:
            EmbeddingError: The texts could not be embedded.
        """
        ...
