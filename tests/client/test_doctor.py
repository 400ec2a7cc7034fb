"""`doctor`: every known way to fail is found, with what mends it."""

import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from commontrace import doctor, journal
from commontrace.doctor import installation
from commontrace.doctor.stores import CANARIES
from commontrace.memory import MemoryNewerError
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import stand_in_store, terminal
from support.stand_in_store import StandInStore

ROOT = Path(__file__).resolve().parents[2]
Findings = dict[str, list[dict[str, Any]]]


@pytest.fixture
def store(folders: Paths) -> Iterator[StandInStore]:
    """A store that knows what it must."""
    with stand_in_store.serving(folders.socket) as running:
        hits = [stand_in_store.hit() | {"title": error} for error, _ in CANARIES]
        running.answer = {"hits": hits, "abstained": False}
        yield running


def examined(folders: Paths, **variables: str) -> tuple[int, Findings]:
    done = terminal.run(folders.data, "doctor", "--json", **variables)
    found: Findings = {}
    for finding in json.loads(done.out):
        assert finding["level"] == "ok" or finding["remedy"], finding
        found.setdefault(finding["check"], []).append(finding)
    return done.status, found


def client(tmp_path: Path, says: str) -> str:
    """A PATH on which `claude --version` says something."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "claude"
    program.write_text(f"#!/bin/sh\necho '{says}'\n")
    program.chmod(0o700)
    return f"{folder}:{os.environ['PATH']}"


def test_a_sound_installation_has_no_problem(folders: Paths, store: StandInStore) -> None:
    """Every check says what it looked at."""
    status, found = examined(folders)
    assert status == 0
    assert found.keys() >= {"plugin", "client", "environment", "disk", "config", "store local", "memory",
                            "drafts", "outbox", "pauses", "errors"}  # fmt: skip
    assert "problem" not in {finding["level"] for group in found.values() for finding in group}


def test_a_store_that_has_forgotten_what_it_must_know(folders: Paths, store: StandInStore) -> None:
    """Answering is not enough: known errors have to find their traces."""
    store.answer = {"hits": [stand_in_store.hit()], "abstained": False}
    status, found = examined(folders)
    (finding,) = found["store local"]
    assert (status, finding["level"], "2 of 3" in finding["detail"]) == (1, "problem", True)


@pytest.mark.parametrize(
    ("says", "level"),
    [("2.1.196 (Claude Code)", "problem"), ("2.1.197 (Claude Code)", "ok"), ("?", "warning")],
)
def test_the_version_of_the_client(
    folders: Paths, store: StandInStore, tmp_path: Path, says: str, level: str
) -> None:
    """An older client does not know the hooks' handlers."""
    _, found = examined(folders, PATH=client(tmp_path, says))
    assert [finding["level"] for finding in found["client"]] == [level]


def test_a_plugin_that_was_copied_in_part(folders: Paths, tmp_path: Path) -> None:
    """The missing files are named."""
    for name in installation.NEEDED[1:]:
        (tmp_path / "plugin" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, tmp_path / "plugin" / name)
    runtime = Runtime(tmp_path / "plugin", folders, Settings())
    (finding,) = installation.plugin(runtime)
    assert (finding.level, installation.NEEDED[0] in finding.detail) == ("problem", True)
    assert [found.level for found in installation.plugin(Runtime(ROOT, folders, Settings()))] == ["ok"]


def test_a_memory_of_a_newer_version(folders: Paths, store: StandInStore) -> None:
    """Two copies of the plugin, and this is the older."""
    folders.data.mkdir(exist_ok=True)
    with closing(sqlite3.connect(folders.memory)) as memory:
        memory.execute("PRAGMA user_version = 999")
    status, found = examined(folders)
    assert (status, found["memory"][0]["remedy"]) == (1, "claude plugin update commontrace@commontrace")


def test_a_damaged_memory_is_put_aside_with_the_command_that_is_named(
    folders: Paths, store: StandInStore
) -> None:
    """The next start makes a new one; what was in the old one is still there."""
    folders.data.mkdir(exist_ok=True)
    folders.memory.write_bytes(b"not a database" * 200)
    status, found = examined(folders)
    command, _, _ = found["memory"][0]["remedy"].partition(";")
    assert (status, command.split()[0]) == (1, "mv")
    subprocess.run(["/bin/sh", "-c", command], check=True)
    status, found = examined(folders)
    assert (status, found["memory"][0]["level"]) == (0, "ok")
    assert folders.memory.with_name(f"{folders.memory.name}.damaged").read_bytes() == b"not a database" * 200


def test_a_memory_that_cannot_be_made(folders: Paths, store: StandInStore) -> None:
    """A full or read-only disk, as far as a test can have one."""
    folders.memory.mkdir(parents=True)
    status, found = examined(folders)
    assert (status, found["memory"][0]["level"]) == (1, "problem")


def test_a_pause_explains_the_silence(folders: Paths, store: StandInStore) -> None:
    """It is no problem, but it may have been forgotten."""
    terminal.run(folders.data, "pause")
    status, found = examined(folders)
    (finding,) = found["pauses"]
    assert (status, finding["level"], "commontrace resume" in finding["remedy"]) == (0, "warning", True)


def test_an_error_in_the_log_comes_with_what_mends_its_cause(folders: Paths, store: StandInStore) -> None:
    """What is not known is to be reported."""
    folders.logs.mkdir(mode=0o700, parents=True)
    for error in (MemoryNewerError(), ZeroDivisionError()):
        journal.record(folders.logs, "hook", error)
    remedies = {finding["remedy"] for finding in examined(folders)[1]["errors"]}
    assert len(remedies) == 2
    assert any("older copy of the plugin" in remedy for remedy in remedies)


def test_one_failing_check_keeps_no_other_from_being_made(folders: Paths) -> None:
    """Without a configuration, a store and a memory all checks are still made."""
    folders.memory.mkdir(parents=True)
    folders.config.write_text("[stores\n")
    folders.store.write_text("in the way")
    runtime = Runtime(ROOT, folders, Settings())
    with closing(runtime):
        found = doctor.examine(runtime)
    assert {"plugin", "config", "store local", "memory", "errors"} <= {finding.check for finding in found}
    problems = {finding.check for finding in found if finding.level == "problem"}
    assert problems >= {"config", "store local", "memory"}
