"""Any model of sentence-transformers that lies in a local folder; the library is an extra."""

import asyncio
import hashlib
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

from commontrace_server.embeddings.names import identifier
from commontrace_server.embeddings.protocol import EmbedderUnavailableError, EmbeddingError

EXTRA: Final = "sentence-transformers"
BATCH_TEXTS: Final = 8
WORKERS: Final = 2  # a query is embedded beside a background batch, not behind it
_MODEL_FILES: Final = frozenset({".json", ".txt", ".safetensors", ".bin", ".model"})
_VERSION: Final = 16


class SentenceTransformers:
    """A model of sentence-transformers in memory; `load` makes one.

    Its name carries a digest of its files, so that another version in the same folder is another model.
    """

    def __init__(self, model: Any, name: str) -> None:
        self._model = model
        self._workers = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="embedder")
        self.name = name
        self.dimensions = len(self._encode(["dimensions"])[0])

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts in a worker thread; see `Embedder.embed`."""
        loop = asyncio.get_running_loop()
        vectors: list[list[float]] = []
        for start in range(0, len(texts), BATCH_TEXTS):
            batch = list(texts[start : start + BATCH_TEXTS])
            vectors += await loop.run_in_executor(self._workers, self._encode, batch)
        return vectors

    def close(self) -> None:
        """End the worker threads; the embedder is not usable afterwards."""
        self._workers.shutdown(wait=True)

    def _encode(self, texts: list[str]) -> list[list[float]]:
        try:
            rows = self._model.encode(
                texts, batch_size=BATCH_TEXTS, normalize_embeddings=True, show_progress_bar=False
            )
        except (RuntimeError, ValueError, IndexError) as error:  # what torch and tokenizers raise
            raise EmbeddingError(f"the model failed ({type(error).__name__})") from error
        vectors: list[list[float]] = rows.tolist()
        return vectors


def load(folder: Path) -> SentenceTransformers:
    """Load the model of a folder; blocks for as long as that takes.

    Raises:
        EmbedderUnavailableError: The extra is not installed, or the folder holds no model.
    """
    if not any((folder / name).is_file() for name in ("modules.json", "config.json")):
        raise EmbedderUnavailableError(f"{folder} holds no model: neither modules.json nor config.json")
    os.environ["HF_HUB_OFFLINE"] = "1"  # read when it is imported: a local model asks nobody
    try:
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise EmbedderUnavailableError(
            f"sentence-transformers is not installed: install commontrace-server[{EXTRA}]"
        ) from error
    try:
        model = SentenceTransformer(str(folder), local_files_only=True)
        return SentenceTransformers(model, identifier(f"{_version(folder)}-{folder.resolve().name}"))
    except (OSError, ValueError, RuntimeError, KeyError) as error:
        raise EmbedderUnavailableError(f"{folder} holds no model that loads ({error})") from error


def _version(folder: Path) -> str:
    """Return the digest of everything that can change a vector."""
    digest = hashlib.sha256()
    files = (path for path in folder.rglob("*") if path.suffix in _MODEL_FILES and path.is_file())
    for path in sorted(files):
        digest.update(f"{path.relative_to(folder).as_posix()}\0".encode())
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:_VERSION]
