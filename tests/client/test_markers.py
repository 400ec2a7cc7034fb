"""What the files at the root of a repository tell of it."""

import os
from pathlib import Path

import pytest

from commontrace import markers

FILES = {
    "pyproject.toml": ('[project]\ndependencies = ["FastAPI>=0.1", "sqlalchemy"]', "python", "fastapi"),
    "requirements.txt": ("# web\n-r base.txt\ndjango==5.0\n", "python", "django"),
    "package.json": ('{"dependencies": {"@angular/core": "^19"}}', "javascript", "@angular/core"),
    "Cargo.toml": ('[dependencies]\ntokio = "1"\n', "rust", "tokio"),
    "go.mod": ("module x\nrequire (\n\tgithub.com/gin-gonic/gin v1.10.0\n)\n", "go", "gin"),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_marker_files_tell_language_and_dependencies(tmp_path: Path, name: str) -> None:
    """The direct dependencies stand for what the project is built with."""
    text, language, package = FILES[name]
    (tmp_path / name).write_text(text)
    stack = markers.read(str(tmp_path))
    assert stack.languages == (language,)
    assert package in stack.packages


@pytest.mark.parametrize("text", ["{", "[]", '{"dependencies": 3}', "\x00", "[" * 100_000, "a" * 300_000])
def test_a_file_that_is_not_what_it_seems_is_harmless(tmp_path: Path, text: str) -> None:
    """A hostile repository cannot make the session fail."""
    for name in FILES:
        (tmp_path / name).write_text(text)
    markers.read(str(tmp_path))


def test_links_and_pipes_are_not_read(tmp_path: Path) -> None:
    """A marker that leads elsewhere, or that never ends, is none."""
    (tmp_path / "elsewhere").write_text("django\n")
    (tmp_path / "requirements.txt").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(tmp_path / "package.json")
    assert markers.read(str(tmp_path)) == markers.Stack()
