"""Which repository a folder belongs to."""

import os
import subprocess
from pathlib import Path

import pytest

from commontrace import repository


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    (folder / "src" / "deep").mkdir(parents=True)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return folder


def test_a_folder_belongs_to_the_repository_around_it(repo: Path) -> None:
    """Wherever in the repository a command runs, it is the same repository."""
    assert repository.root(repo / "src" / "deep") == str(repo)
    assert repository.root(repo) == str(repo)


def test_a_folder_outside_of_any_repository_stands_for_itself(tmp_path: Path) -> None:
    """Without `.git` above it, a folder is its own project."""
    assert repository.root(tmp_path) == str(tmp_path)


def test_a_file_named_git_marks_worktrees_and_submodules(tmp_path: Path) -> None:
    """In worktrees and submodules `.git` is a file."""
    (tmp_path / "src").mkdir()
    (tmp_path / ".git").write_text("gitdir: /elsewhere/.git/worktrees/shop\n")
    assert repository.root(tmp_path / "src") == str(tmp_path)


def test_the_path_is_real(repo: Path, tmp_path: Path) -> None:
    """Two ways to the same repository give the same identity."""
    (tmp_path / "link").symlink_to(repo / "src")
    assert repository.root(tmp_path / "link") == str(repo)


def test_a_loop_of_links_ends(tmp_path: Path) -> None:
    """A hostile folder can neither hang nor raise."""
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    (tmp_path / ".git").symlink_to(tmp_path / ".git")
    assert repository.root(tmp_path / "a" / "src").startswith(str(tmp_path))


def test_neither_a_fifo_nor_a_null_character_disturbs(tmp_path: Path) -> None:
    """Only a folder or a file is a `.git`; a path that cannot exist is an answer too."""
    os.mkfifo(tmp_path / ".git")
    assert repository.root(tmp_path) == str(tmp_path)


def test_the_search_is_bounded(tmp_path: Path) -> None:
    """A folder that is nested too deep stands for itself."""
    (tmp_path / ".git").mkdir()
    deep = tmp_path.joinpath(*["d"] * (repository.DEPTH + 1))
    deep.mkdir(parents=True)
    assert repository.root(deep) == str(deep)
