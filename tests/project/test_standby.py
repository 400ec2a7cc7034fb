"""`bin/commontrace` of the data folder, with the plugin and without it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from commontrace import environment, standby
from support import checkout, processes
from support.checkout import Checkout
from support.store import draft

COMMAND_SECONDS = 120


@pytest.fixture
def tree(tmp_path: Path) -> Checkout:
    tree = checkout.create(tmp_path)
    tree.use_uv()
    return tree


def snapshot(folder: Path) -> dict[str, bytes | None]:
    """Every path below a folder, with the content of files."""
    return {
        str(path.relative_to(folder)): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


def test_it_comes_with_the_environment_and_outlives_the_plugin(tree: Checkout) -> None:
    """First it is the plugin's own launcher, then a copy of its code, from any folder."""
    assert tree.launch().returncode == 0
    command = tree.data / "bin" / "commontrace"
    done = tree.run(command, "with", "the plugin")
    assert (done.returncode, json.loads(done.stdout)["argv"]) == (7, ["with", "the plugin"])
    shutil.rmtree(tree.root)
    done = tree.run(command, "without", "it")
    assert (done.returncode, json.loads(done.stdout)["argv"]) == (7, ["without", "it"])


def test_without_its_environment_it_says_what_to_do(tree: Checkout) -> None:
    """Whoever removed half of it learns how to get rid of the rest."""
    tree.launch()
    shutil.rmtree(tree.root)
    shutil.rmtree(tree.data / "env")
    done = tree.run(tree.data / "bin" / "commontrace", "status")
    assert (done.returncode, str(tree.data) in done.stderr) == (1, True)


def test_an_update_replaces_the_copy(tree: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """There is one copy, of the code that ran last."""
    monkeypatch.setenv("COMMONTRACE_HOME", str(tree.home / "data"))
    for text in ("# one\n", "# another one\n"):
        (tree.root / "mcp" / "commontrace" / "cli.py").write_text(text)
        standby.ensure(str(tree.root), "/nowhere")
        standby.ensure(str(tree.root), "/nowhere")
        (kept,) = (tree.home / "data" / "bin").glob("kept-*")
        assert (kept / "mcp" / "commontrace" / "cli.py").read_text() == text


def test_half_a_plugin_replaces_nothing(tree: Checkout, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy of what is not whole would be of no use."""
    monkeypatch.setenv("COMMONTRACE_HOME", str(tree.home / "data"))
    (tree.root / "scripts" / "commontrace").unlink()
    standby.ensure(str(tree.root), "/nowhere")
    assert not (tree.home / "data").exists()


def test_everything_goes_when_the_plugin_went_first(tmp_path: Path) -> None:
    """Export and removal need nothing of the plugin; the home is then as it was before."""
    tree = checkout.create(tmp_path, small=False)
    (tree.home / "notes.txt").write_text("mine\n")
    data = tree.home / "own"  # a socket of its own; the command has to remember the place
    before = snapshot(tree.home)
    prefix = sys.prefix
    keep = "import sys; sys.path.insert(0, sys.argv[1]); from commontrace import standby"
    try:
        tree.variables["COMMONTRACE_HOME"] = str(data)
        made = tree.run(
            environment.python_path(prefix), "-Bc", f"{keep}; standby.ensure(sys.argv[2], sys.argv[3])",
            tree.root / "mcp", tree.root, prefix,
        )  # fmt: skip
        assert made.returncode == 0, made.stderr
        shutil.rmtree(tree.root)
        del tree.variables["COMMONTRACE_HOME"]
        command = data / "bin" / "commontrace"
        added = checkout.finished(tree.start(command, "contribute", "--yes"), json.dumps(draft()))
        assert added.returncode == 0, added.stderr
        export = tmp_path / "traces.jsonl"
        done: subprocess.CompletedProcess[str] = tree.run(
            command, "uninstall", "--yes", "--export", str(export)
        )
        assert done.returncode == 0, done.stderr
        assert processes.wait_until_none(tree.home, COMMAND_SECONDS) == []
    finally:
        processes.end_all(tree.home)
    assert snapshot(tree.home) == before
    assert draft()["title"] in export.read_text()
