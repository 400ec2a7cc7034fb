"""`pause` and `resume`, and what a pause silences."""

import json
import os
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace import brief_file, pauses
from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.pauses import Pause, Pauses
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import stand_in_store, terminal
from support.stand_in_store import StandInStore

START = Path(__file__).resolve().parents[2] / "hooks" / "session_start.py"
OUTPUT = "Exit code 1\nModuleNotFoundError: No module named 'yaml'"


@pytest.fixture
def store(folders: Paths) -> Iterator[StandInStore]:
    with stand_in_store.serving(folders.socket) as running:
        running.answer = {"hits": [stand_in_store.hit()], "abstained": False}
        yield running


@pytest.fixture
def hooks(folders: Paths, store: StandInStore) -> Iterator[Hooks]:
    runtime = Runtime(Path("unused"), folders, Settings(deadline_ms=10_000))
    runtime.local.wait_ready(10)
    yield Hooks(runtime)
    runtime.release()


@pytest.fixture
def repo(tmp_path: Path) -> Path:
    (tmp_path / "shop" / ".git").mkdir(parents=True)
    (tmp_path / "shop" / "src").mkdir()
    return tmp_path / "shop"


def speaks(hooks: Hooks, session: str, cwd: str = "/srv") -> bool:
    arguments = {"event": "PostToolUseFailure", "session": session, "cwd": cwd, "command": "python a.py"}
    return hooks.answer({**arguments, "error": OUTPUT}) is not None


def test_a_pause_silences_everything_until_it_ends(folders: Paths, hooks: Hooks) -> None:
    """A running session notices at once."""
    assert speaks(hooks, "a")
    assert json.loads(terminal.run(folders.data, "pause", "--json").out)["paused"] == {"where": "everywhere"}
    assert not speaks(hooks, "b")
    assert terminal.run(folders.data, "resume").out == "Resumed everywhere\n"
    assert speaks(hooks, "c")


def test_one_session_or_one_repository_can_be_paused(folders: Paths, hooks: Hooks, repo: Path) -> None:
    """All others go on."""
    terminal.run(folders.data, "pause", "--session", "a")
    terminal.run(folders.data, "pause", "--repo", str(repo / "src"))
    assert not speaks(hooks, "a")
    assert not speaks(hooks, "b", str(repo))
    assert speaks(hooks, "b")
    said = terminal.run(folders.data, "resume", "--session", "a").out
    assert said.splitlines()[1] == f"Still paused in {repo}: `commontrace resume --repo {repo}` ends it"
    assert speaks(hooks, "a")


@pytest.mark.parametrize(
    "name", ["$(touch pwned)", "`touch pwned`", "a; touch pwned", "it's", "-rf", "a b", "*"]
)
def test_the_line_that_ends_a_pause_can_be_pasted(folders: Paths, tmp_path: Path, name: str) -> None:
    """Whoever named the folder runs nothing in the person's shell."""
    repo = tmp_path / "repos" / name
    (repo / ".git").mkdir(parents=True)
    said = terminal.run(folders.data, "pause", "--repo", str(repo)).out
    line = said.partition("`commontrace ")[2].rstrip().removesuffix("`")
    echoed = subprocess.run(
        ["/bin/sh", "-c", f"printf '%s\\n' {line}"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert echoed.stdout.splitlines() == ["resume", "--repo", str(repo)]
    assert not (tmp_path / "pwned").exists()
    assert terminal.run(folders.data, "resume", "--repo", str(repo)).out.startswith("Resumed")


def test_a_folder_does_not_write_on_the_terminal(folders: Paths, tmp_path: Path) -> None:
    """Its name is shown without what a terminal obeys, by whatever command."""
    repo = tmp_path / "\x1b]0;owned\x07\x1b[2J\u202e"
    repo.mkdir()
    for command in (["pause", "--repo", str(repo)], ["status"], ["resume"]):
        done = terminal.run(folders.data, *command)
        assert all(char.isprintable() or char == "\n" for char in done.out + done.err)


def test_a_pause_without_an_id_is_of_the_session_it_runs_in(folders: Paths) -> None:
    """Claude Code names the session to what it runs."""
    done = terminal.run(folders.data, "pause", "--session", CLAUDE_CODE_SESSION_ID="abc")
    assert done.out.startswith("Paused in session abc")
    assert terminal.run(folders.data, "pause", "--session").status == 1


def test_the_status_names_every_pause(folders: Paths, store: StandInStore, repo: Path) -> None:
    """Who wonders about the silence looks there."""
    terminal.run(folders.data, "pause")
    terminal.run(folders.data, "pause", "--repo", str(repo))
    listed = json.loads(terminal.run(folders.data, "status", "--json").out)["paused"]
    assert [(pause["what"], pause["name"]) for pause in listed] == [("everywhere", ""), ("repo", str(repo))]
    assert f"Paused: repo {repo}" in terminal.run(folders.data, "status").out


def test_the_file_is_private_and_gone_when_nothing_is_paused(folders: Paths) -> None:
    """It names repositories."""
    file = Path(pauses.path(folders.data))
    known = Pauses(str(file))
    known.add(Pause(pauses.EVERYWHERE))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert known.remove(Pause(pauses.EVERYWHERE))
    assert not known.remove(Pause(pauses.EVERYWHERE))
    assert not file.exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\n", b"1 everywhere extra\n2\nx everywhere\n", b"a" * 100_000]
)
def test_a_damaged_file_pauses_nothing(folders: Paths, content: bytes) -> None:
    """Only what was written by us counts, and whatever is there can be replaced."""
    folders.data.mkdir()
    file = Path(pauses.path(folders.data))
    file.write_bytes(content)
    known = Pauses(str(file))
    assert not known.hold("s", "/srv") or content.startswith(b"1 everywhere")
    known.add(Pause("session", "s"))
    assert known.hold("s", "/srv")


def test_an_old_session_is_forgotten(folders: Paths) -> None:
    """A session never comes back after a month; the file does not grow for ever."""
    known = Pauses(pauses.path(folders.data))
    known.add(Pause("session", "old", time.time() - 40 * 24 * 3600))
    known.add(Pause("session", "new"))
    assert [pause.name for pause in known.all()] == ["new"]


def test_a_paused_repository_is_told_nothing_when_a_session_starts(tmp_path: Path, repo: Path) -> None:
    """The brief is there, and stays unsaid."""
    home, briefs = tmp_path / "home", tmp_path / "plugin" / brief_file.FOLDER
    briefs.mkdir(parents=True)
    (briefs / pauses.FILE).symlink_to(pauses.path(home))
    brief = brief_file.Brief(str(repo), ["local/1"], ["x"], '{"said": 1}')
    Path(brief_file.path(str(briefs), str(repo))).write_bytes(brief.to_bytes())

    def start() -> str:
        done = subprocess.run(
            [sys.executable, "-I", "-S", START],
            input=json.dumps({"session_id": "s", "cwd": str(repo)}),
            env={"PATH": os.environ["PATH"], "CLAUDE_PLUGIN_DATA": str(tmp_path / "plugin")},
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout

    assert json.loads(start()) == {"said": 1}
    terminal.run(home, "pause", "--repo", str(repo))
    assert start() == ""
    terminal.run(home, "resume", "--repo", str(repo))
    assert json.loads(start()) == {"said": 1}
