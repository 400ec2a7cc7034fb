"""Models of a local folder, with a stand-in for the library, which is an extra; the choice of an embedder."""

import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from commontrace_server.embeddings import EmbedderUnavailableError
from commontrace_server.embeddings.local import load
from commontrace_server.embeddings.names import identifier
from commontrace_server.embeddings.providers import opened
from commontrace_server.settings import checked_embedder


class SentenceTransformer:
    """Vectors of the length of texts; a folder with a file `broken` does not load."""

    width = 4

    def __init__(self, folder: str, *, local_files_only: bool) -> None:
        assert local_files_only
        if Path(folder, "broken").exists():
            raise OSError("no weights")

    def encode(
        self, texts: list[str], *, batch_size: int, normalize_embeddings: bool, show_progress_bar: bool
    ) -> NDArray[np.float32]:
        assert normalize_embeddings
        assert not show_progress_bar
        assert len(texts) <= batch_size
        rows = np.ones((len(texts), self.width), dtype=np.float32)
        rows[:, 0] = [len(text) for text in texts]
        unit: NDArray[np.float32] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
        return unit


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> None:
    module = ModuleType("sentence_transformers")
    module.SentenceTransformer = SentenceTransformer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sentence_transformers", module)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    model = tmp_path / "My Model"
    model.mkdir()
    (model / "config.json").write_text("{}")
    (model / "model.safetensors").write_bytes(b"weights")
    return model


@pytest.mark.usefixtures("library")
async def test_a_model_of_a_folder_embeds(folder: Path) -> None:
    """More texts than a batch keep their order."""
    async with opened(f"sentence-transformers:{folder}") as embedder:
        vectors = await embedder.embed(["x" * length for length in range(1, 21)])
    assert embedder.dimensions == SentenceTransformer.width
    assert [vector[0] for vector in vectors] == sorted(vector[0] for vector in vectors)
    assert len(vectors) == 20


@pytest.mark.usefixtures("library")
def test_the_name_changes_with_the_weights_alone(folder: Path) -> None:
    """Other weights are another model; a text about the model is not."""
    name = load(folder).name
    (folder / "README.md").write_text("about")
    assert load(folder).name == name
    (folder / "model.safetensors").write_bytes(b"other weights")
    assert load(folder).name != name


def test_without_the_library_the_extra_is_named(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says what to install."""
    monkeypatch.setitem(sys.modules, "sentence_transformers", None)
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    with pytest.raises(EmbedderUnavailableError, match=r"commontrace-server\[sentence-transformers\]"):
        load(folder)


@pytest.mark.usefixtures("library")
def test_a_folder_without_a_model_is_named(tmp_path: Path, folder: Path) -> None:
    """Neither a folder of something else nor a model that does not load is taken."""
    with pytest.raises(EmbedderUnavailableError, match="holds no model"):
        load(tmp_path)
    (folder / "broken").touch()
    with pytest.raises(EmbedderUnavailableError, match="no weights"):
        load(folder)


@pytest.mark.usefixtures("library")
async def test_a_model_too_wide_for_an_index_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is refused before a search could meet it."""
    monkeypatch.setattr(SentenceTransformer, "width", 4096)
    with pytest.raises(EmbedderUnavailableError, match="4096"):
        async with opened(f"sentence-transformers:{folder}"):
            pass


@pytest.mark.parametrize("choice", ["minilm", "none", "openai", "openai:a:b", "sentence-transformers:/m"])
def test_choices_of_an_embedder(choice: str) -> None:
    """A provider, and after a colon its model."""
    assert checked_embedder(choice) == choice


@pytest.mark.parametrize("choice", ["", "other", "minilm:x", "none:", "openai:", "sentence-transformers"])
def test_what_is_no_choice_is_refused(choice: str) -> None:
    """A provider that is unknown or lacks its model."""
    with pytest.raises(ValueError, match="no embedder"):
        checked_embedder(choice)


def test_names_never_fall_together() -> None:
    """Names that an index cannot take become ones that it can, each its own."""
    names = ["a/b", "a:b", "A-b", "a-b", "", "/", "x" * 100, "x" * 101]
    made = [identifier(name) for name in names]
    assert len(set(made)) == len(names)
    assert all(0 < len(name) <= 63 for name in made)
