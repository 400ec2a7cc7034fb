"""The shipped embedder against the fp32 model's own vectors."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from commontrace_server.embeddings import EmbedderUnavailableError
from commontrace_server.embeddings.minilm import VOCABULARY, MiniLM

# 41 texts and the vectors that an fp32 forward pass over the published weights gives for them
REFERENCE = json.loads(Path(__file__).with_name("data").joinpath("minilm_reference.json").read_text("utf-8"))


@pytest.fixture
async def minilm() -> AsyncIterator[MiniLM]:
    embedder = MiniLM()
    yield embedder
    embedder.close()


async def test_vectors_point_where_the_fp32_model_points(minilm: MiniLM) -> None:
    """The int8 weights and our own tokenizer cost less than a thousandth of cosine on average."""
    vectors = np.array(await minilm.embed([row["text"] for row in REFERENCE]))
    reference = np.array([row["vector"] for row in REFERENCE])
    cosines = (vectors * reference).sum(axis=1) / np.linalg.norm(reference, axis=1)
    assert cosines.mean() >= 0.999
    assert cosines.min() >= 0.998


async def test_vectors_are_unit_vectors_of_the_stated_length(minilm: MiniLM) -> None:
    """Every vector has the stated dimensions and length one."""
    vectors = np.array(await minilm.embed(["one", "a much longer text " * 40]))
    assert vectors.shape == (2, minilm.dimensions)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1.0, abs=1e-5)


async def test_a_text_has_one_vector_whatever_stands_beside_it(minilm: MiniLM) -> None:
    """Order and company of texts in a batch do not matter."""
    texts = [row["text"] for row in REFERENCE]
    together = np.array(await minilm.embed(texts))
    (alone,) = await minilm.embed([texts[7]])
    assert np.dot(together[7], alone) == pytest.approx(1.0, abs=1e-5)


async def test_text_beyond_the_window_is_ignored(minilm: MiniLM) -> None:
    """A text is read up to 256 tokens."""
    head = "word " * 300
    first, second = await minilm.embed([head, head + "something else entirely"])
    assert first == pytest.approx(second, abs=1e-5)


async def test_no_texts_give_no_vectors(minilm: MiniLM) -> None:
    """An empty request is answered with an empty list."""
    assert await minilm.embed([]) == []


async def test_an_empty_text_has_a_vector(minilm: MiniLM) -> None:
    """Even a text without a word gets a finite vector."""
    (vector,) = await minilm.embed([""])
    assert np.isfinite(vector).all()


async def test_the_event_loop_runs_while_texts_are_embedded(minilm: MiniLM) -> None:
    """Embedding happens in a thread: other tasks go on meanwhile."""
    await minilm.load()
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    ticking = asyncio.create_task(tick())
    await minilm.embed(["a text that takes a while " * 60] * 4)
    ticking.cancel()
    assert ticks > 10


async def test_nothing_is_loaded_before_it_is_needed(minilm: MiniLM) -> None:
    """The model is loaded by the first text and forgotten by `unload`."""
    assert not minilm.loaded
    await minilm.embed(["now"])
    assert minilm.loaded
    minilm.unload()
    assert not minilm.loaded


async def test_an_altered_model_is_refused(tmp_path: Path) -> None:
    """A model file whose checksum differs is never run."""
    model = tmp_path / "model.onnx"
    model.write_bytes(b"something else")
    embedder = MiniLM(model)
    with pytest.raises(EmbedderUnavailableError, match="not the expected model"):
        await embedder.load()
    embedder.close()


async def test_a_missing_model_is_refused(tmp_path: Path) -> None:
    """A model file that cannot be read is named as the reason."""
    embedder = MiniLM(tmp_path / "absent.onnx")
    with pytest.raises(EmbedderUnavailableError, match="cannot be read"):
        await embedder.load()
    embedder.close()


def test_the_vocabulary_is_complete() -> None:
    """Token ids are line numbers, so every one of the 30,522 lines must be there."""
    assert len(VOCABULARY.read_text("utf-8").rstrip("\n").split("\n")) == 30_522


async def test_an_idle_model_is_unloaded_and_comes_back() -> None:
    """Memory is given back when nobody asks; the next text finds the same vectors as before."""
    embedder = MiniLM(idle_seconds=0.05)
    try:
        before = await embedder.embed(["port is taken"])
        await asyncio.sleep(0.2)
        assert not embedder.loaded
        assert await embedder.embed(["port is taken"]) == before
    finally:
        embedder.close()
