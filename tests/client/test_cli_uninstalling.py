"""`uninstall`: everything of ours, and nothing else."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace import removal
from commontrace.paths import Paths
from support import machine, processes, terminal
from support.store import draft

RUN = Path(__file__).resolve().parents[2] / "scripts" / "run.py"
COMMAND_SECONDS = 120
GONE_SECONDS = 10
"""A process that has let go of everything takes a moment more to end."""


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with the content of files."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A user's home with things of others in it."""
    home = tmp_path / "home"
    (home / ".config" / "other").mkdir(parents=True)
    (home / ".config" / "other" / "config.toml").write_text("x = 1\n")
    (home / "notes.txt").write_text("mine\n")
    yield home
    processes.end_all(home)


def run(home: Path, *arguments: str, text: str = "", **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", RUN, *arguments],
        env={"PATH": os.environ["PATH"], "HOME": str(home), **variables},
        cwd=home,
        input=text,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )


@pytest.mark.parametrize("own_folder", [False, True], ids=["platform folders", "COMMONTRACE_HOME"])
def test_the_home_is_as_it_was_before(home: Path, tmp_path: Path, used_store: Path, own_folder: bool) -> None:
    """Store, memory, settings and logs are gone, the store has ended, and the export has the traces."""
    variables = {"COMMONTRACE_HOME": str(home / "own")} if own_folder else {}
    before = snapshot(home)
    data = Path(variables.get("COMMONTRACE_HOME", home / ".local" / "share" / "commontrace"))
    machine.share_compiled(data)
    shutil.copytree(used_store, data / "store")
    added = run(home, "contribute", "--yes", "--json", text=json.dumps(draft()), **variables)
    assert added.returncode == 0, added.stderr
    run(home, "pause", **variables)
    assert snapshot(home) != before
    export = tmp_path / "traces.jsonl"
    done = run(home, "uninstall", "--yes", "--json", "--export", str(export), **variables)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["removed"]
    assert snapshot(home).keys() == before.keys()
    assert snapshot(home) == before
    assert processes.wait_until_none(home, GONE_SECONDS) == []
    assert json.loads(added.stdout)["title"] in export.read_text()
    assert run(home, "uninstall", "--yes", **variables).returncode == 0
    assert snapshot(home) == before


def test_an_agent_cannot_remove_it(home: Path) -> None:
    """Neither with --yes nor without."""
    (home / "logs").mkdir()
    done = terminal.run(home, "uninstall", "--yes", CLAUDECODE="1")
    assert (done.status, (home / "logs").exists()) == (1, True)


def test_nobody_to_ask_is_no_yes(home: Path) -> None:
    """Without --yes a person has to type it."""
    (home / "logs").mkdir()
    assert terminal.run(home, "uninstall").status == 1
    assert (home / "logs").exists()


def test_what_has_another_name_stays(home: Path) -> None:
    """COMMONTRACE_HOME may be a folder that is also used for other things."""
    for name in ("logs", "briefs", "env"):
        (home / name).mkdir()
    before = snapshot(home).keys() - {"logs", "briefs", "env"}
    assert terminal.run(home, "uninstall", "--yes").status == 0
    assert snapshot(home).keys() == before


def test_an_export_into_what_is_removed_is_refused(home: Path) -> None:
    """It would be lost with the rest."""
    (home / "logs").mkdir()
    done = terminal.run(home, "uninstall", "--yes", "--export", str(home / "logs" / "traces.jsonl"))
    assert (done.status, "choose another place" in done.err) == (1, True)


def test_damaged_files_do_not_keep_it(home: Path) -> None:
    """Neither memory nor settings have to be readable; the person is told what is not known of them."""
    (home / "memory.sqlite3").write_bytes(b"not a database" * 200)
    (home / "config.toml").write_text("[stores\n")
    done = terminal.on_terminal(home, ["uninstall"], [("Type yes", "yes")])
    assert (done.status, "cannot be told which drafts are lost" in done.out) == (0, True)
    assert removal.pieces(Paths.from_environment({"COMMONTRACE_HOME": str(home)})) == []


def test_an_open_session_keeps_it(home: Path) -> None:
    """A session would write everything anew while it is being removed."""
    folders = Paths.from_environment({"COMMONTRACE_HOME": str(home)})
    used = home / "env" / "0123456789abcdef"
    used.mkdir(parents=True)
    (used / ".complete").touch()
    code = "import sys; from commontrace import environment as e; e.hold(sys.argv[1]); print(1); input()"
    mcp = RUN.parents[1] / "mcp"
    with subprocess.Popen(
        [sys.executable, "-u", "-c", code, used],
        env={"PYTHONPATH": str(mcp)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as session:
        assert session.stdout is not None
        session.stdout.readline()
        done = terminal.run(home, "uninstall", "--yes")
        session.communicate(b"\n")
    assert (done.status, "close it" in done.err) == (1, True)
    assert removal.pieces(folders)
    assert terminal.run(home, "uninstall", "--yes").status == 0
    assert removal.pieces(folders) == []
