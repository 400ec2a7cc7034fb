"""A repository that wants to harm: bounded, without a process, without a failure."""

import json
import os
import subprocess
from pathlib import Path

import pytest

from commontrace import context
from commontrace.context import files
from commontrace.context.locks import LOCKS
from commontrace.context.manifests import MANIFESTS

HUGE = 64 * 1024 * 1024
SHELL = "$(touch pwned)"
WORST = {
    # a text that makes a careless pattern or parser slow or deep
    "brackets": "[" * 500_000,
    "braces": '{"a":' * 100_000,
    "one line": "a" * 500_000,
    "spaces": " " * 500_000,
    "at": "@" * 500_000,
    "names": "  a@1" * 100_000,
    "sections": "dependencies:\n" + "  a:\n" * 100_000,
    "yarn": "a@" + "b:" * 250_000,
    "pnpm": "  a:\n    specifier: b\n" * 20_000,
    "pub": "  a:\n" + "    b: c\n" * 50_000,
    "toml": "[[package]]\n" * 40_000,
    "bytes": "\udcff\x00\x1b[31m" * 50_000,
    "xml": "<groupId>a</groupId>" * 25_000,
}


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture(autouse=True)
def no_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing may be started for a repository."""

    def refuse(*arguments: object, **_: object) -> None:
        raise AssertionError(f"started {arguments}")

    monkeypatch.setattr(subprocess, "Popen", refuse)
    monkeypatch.setattr(os, "system", refuse)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", sorted(WORST))
def test_every_parser_takes_linear_time(name: str) -> None:
    """Half a megabyte of the worst is read by each; a pattern that backtracks would take hours."""
    parsers = [parse for _, parse in (*MANIFESTS.values(), *LOCKS.values())]
    for parse in parsers:
        files._understood(WORST[name], parse)


def test_huge_files_are_passed_over(repo: Path) -> None:
    """Nobody waits for a file that no package manager would have written."""
    for name in ("pyproject.toml", "package-lock.json", "go.sum"):
        with (repo / name).open("wb") as file:
            file.truncate(HUGE)
    found = context.gather(str(repo))
    assert (found.languages, found.packages) == (["python"], {})


def test_links_pipes_devices_and_folders_are_not_read(repo: Path) -> None:
    """Only a regular file tells something."""
    os.mkfifo(repo / "package.json")
    (repo / "go.mod").symlink_to("/dev/zero")
    (repo / "Cargo.toml").symlink_to("Cargo.toml")
    (repo / "uv.lock").mkdir()
    os.mkfifo(repo / "edited.py")
    found = context.gather(str(repo), edited=["edited.py"])
    assert found.packages == {}
    assert found.languages == ["python"]


def test_folders_that_lead_in_a_circle(repo: Path) -> None:
    """Links to folders are not followed down."""
    (repo / "a").mkdir()
    (repo / "a" / "again").symlink_to(repo)
    (repo / "loop").symlink_to("loop")
    assert context.gather(str(repo / "a" / "again" / "a" / "again")).languages == []
    assert context.gather(str(repo / "loop")).languages == []


def test_very_deep_and_very_wide_folders(repo: Path) -> None:
    """Only a bounded number of folders and entries is looked at."""
    (repo / "go.mod").write_text("module a\n")
    for number in range(2000):
        (repo / f"f{number}").touch()
    deep = repo.joinpath(*["d"] * 60)
    deep.mkdir(parents=True)
    assert context.gather(str(deep)).languages == ["go"]


def test_names_with_shell_characters_are_no_packages(repo: Path) -> None:
    """What is sent and shown could be pasted by somebody."""
    (repo / "requirements.txt").write_text(f"{SHELL}==1.0\ngood==1.0;{SHELL}\n`id`==2\n")
    (repo / "package.json").write_text(json.dumps({"dependencies": {SHELL: "1.0.0", "a;b": "1.0.0"}}))
    (repo / "uv.lock").write_text('[[package]]\nname = "x"\nversion = "1;reboot"\n')
    (repo / SHELL).mkdir()
    found = context.gather(str(repo / SHELL), text=SHELL)
    assert found.packages == {"good": "1.0"}
    assert not (repo / "pwned").exists()


@pytest.mark.parametrize("folder", ["", "\x00", "/nonexistent/place", "relative", "a" * 5000, "~"])
def test_a_folder_that_is_none(folder: str) -> None:
    """The session may be told to be anywhere."""
    context.gather(folder)


def test_files_that_may_not_be_read(repo: Path) -> None:
    """What is closed to us tells nothing."""
    (repo / "package.json").write_text("{}")
    (repo / "package.json").chmod(0)
    assert context.gather(str(repo)).languages == ["javascript"]


def test_what_is_remembered_is_bounded(tmp_path: Path) -> None:
    """A session that walks through many repositories does not grow."""
    for number in range(files.KEPT_MOST + 20):
        place = tmp_path / str(number)
        place.mkdir()
        (place / "requirements.txt").write_text("a==1.0\n")
        context.read(str(place))
    assert len(files._kept) <= files.KEPT_MOST


def test_when_its_time_is_over_nothing_more_is_read(repo: Path) -> None:
    """A slow disk costs a search its context, never its answer."""
    (repo / "requirements.txt").write_text("a==1.0\n")
    assert context.read(str(repo), files=files.Files(seconds=0)).versions == {}
