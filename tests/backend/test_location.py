"""Where the store's commands find a secret: in a variable, or in the file that another one names."""

from pathlib import Path

import pytest

from commontrace_server.embeddings import openai
from commontrace_server.embeddings.protocol import EmbedderUnavailableError
from commontrace_server.location import UsageError, variable

SECRET = "x" * 40


def _mounted(folder: Path, content: str) -> str:
    (folder / "secret").write_text(content, encoding="utf-8")
    return str(folder / "secret")


def test_secret_may_be_in_a_file(tmp_path: Path) -> None:
    """As Docker and Kubernetes mount it; the line end of an editor is not part of it."""
    assert variable("PEPPER", {"PEPPER_FILE": _mounted(tmp_path, f"{SECRET}\n")}) == SECRET
    assert variable("PEPPER", {"PEPPER": SECRET, "PEPPER_FILE": ""}) == SECRET
    assert variable("PEPPER", {"PEPPER": ""}) is None


def test_what_leaves_a_doubt_about_a_secret_is_refused(tmp_path: Path) -> None:
    """Two of them, a file that is not there, or an empty one: the message names the variable."""
    both = {"PEPPER": SECRET, "PEPPER_FILE": _mounted(tmp_path, SECRET)}
    for environment in (
        both,
        {"PEPPER_FILE": str(tmp_path / "missing")},
        {"PEPPER_FILE": _mounted(tmp_path, "\n")},
    ):
        with pytest.raises(UsageError, match="PEPPER_FILE"):
            variable("PEPPER", environment)


async def test_key_of_the_embedding_provider_may_be_in_a_file(tmp_path: Path) -> None:
    """It is a secret like the others."""
    # the others are there and empty, as the composition passes on what nobody filled in
    empty = {"OPENAI_API_KEY": "", "COMMONTRACE_EMBEDDER_URL": "", "COMMONTRACE_EMBEDDER_DIMENSIONS": ""}
    environment = {"OPENAI_API_KEY_FILE": _mounted(tmp_path, SECRET)} | empty
    await openai.from_environment("", environment).close()
    with pytest.raises(EmbedderUnavailableError, match="OPENAI_API_KEY_FILE"):
        openai.from_environment("", environment | {"OPENAI_API_KEY": SECRET})
