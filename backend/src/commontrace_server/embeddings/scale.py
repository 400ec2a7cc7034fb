"""How the cosines of an embedder that nobody has fitted compare to those of the one that was.

Models spread their cosines differently: two unrelated texts have 0.1 in one space and 0.7 in another. Two
means over the starter pack's traces, unrelated problems, and each problem with its own solution, fix a
straight line from any space to MiniLM's, for which the ranking was fitted.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from commontrace_server.embeddings import passages
from commontrace_server.embeddings.protocol import Embedder
from commontrace_server.starter import loader

FITTED: Final = "all-minilm-l6-v2"  # the model that search/constants.py was fitted to
# MiniLM's own two means over the pack; a test measures them again.
UNRELATED: Final = 0.215
RELATED: Final = 0.813
_LEAST_SPREAD: Final = 0.01


class Scale(NamedTuple):
    """Cosine to cosine: `slope * cosine + intercept`."""

    slope: float
    intercept: float

    def __call__(self, cosine: float) -> float:
        """Return the cosine that MiniLM would have given, about."""
        return self.slope * cosine + self.intercept


class Unfitted:
    """An embedder whose cosines the ranking was not fitted to; see `Embedder`.

    Args:
        embedder: What embeds.
        scale: How its cosines compare.
    """

    def __init__(self, embedder: Embedder, scale: Scale) -> None:
        self._embedder = embedder
        self.scale = scale
        self.name = embedder.name
        self.dimensions = embedder.dimensions

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts; see `Embedder.embed`."""
        return await self._embedder.embed(texts)


async def measured(embedder: Embedder) -> Scale:
    """Measure an embedder over the starter pack.

    Raises:
        EmbeddingError: The texts could not be embedded.
    """
    unrelated, related = await means(embedder)
    slope = (RELATED - UNRELATED) / max(related - unrelated, _LEAST_SPREAD)
    return Scale(slope, UNRELATED - slope * unrelated)


async def means(embedder: Embedder) -> tuple[float, float]:
    """Return the mean cosine of the pack's problems to each other, and to their own solutions.

    Raises:
        EmbeddingError: The texts could not be embedded.
    """
    import numpy as np

    drafts = [starter.draft for starter in loader.shipped()]
    texts = ("title", "context_text", "solution_text")
    views = [passages.views(**{name: draft[name] for name in texts}) for draft in drafts]
    pairs = [view for view in views if passages.SOLUTION in view]
    problems = np.array(await embedder.embed([view[passages.PROBLEM] for view in pairs]))
    solutions = np.array(await embedder.embed([view[passages.SOLUTION] for view in pairs]))
    others = problems @ problems.T
    unrelated = others[~np.eye(len(pairs), dtype=bool)]
    return float(unrelated.mean()), float((problems * solutions).sum(axis=1).mean())
