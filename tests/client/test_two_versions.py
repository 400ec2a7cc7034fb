"""Two versions of the plugin on one machine: the newer one's store serves both; only the newer starts it."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from commontrace import newest
from support import plugin_copy, processes
from support.machine import Machine

SECONDS = 200
HEAD = 'HEAD: Final = "{}"'
MIGRATION = '''"""A table more."""

from alembic import op

revision = "9999"
down_revision = "{}"


def upgrade() -> None:
    """Make it."""
    op.execute("CREATE TABLE later (id int)")
'''
QUERY = "ModuleNotFoundError: No module named 'yaml'"


@pytest.fixture
def machine(tmp_path: Path, used_store: Path) -> Iterator[Machine]:
    machine = Machine.create(tmp_path / "machine", idle_seconds=60)
    machine.keep(used_store)
    yield machine
    machine.end()


@pytest.fixture
def older(tmp_path: Path) -> Path:
    return plugin_copy.create(tmp_path / "older")


@pytest.fixture
def newer(tmp_path: Path) -> Path:
    """A version that migrates the database once more."""
    root = plugin_copy.create(tmp_path / "newer")
    subprocess.run([sys.executable, root / "scripts" / "version.py", "--set", "9.0.0"], check=True)
    database = root / "backend" / "src" / "commontrace_server" / "database"
    migrate = (database / "migrate.py").read_text()
    head = migrate.partition('HEAD: Final = "')[2][:4]
    (database / "migrations" / "versions" / "r9999_later.py").write_text(MIGRATION.format(head))
    (database / "migrate.py").write_text(migrate.replace(HEAD.format(head), HEAD.format("9999")))
    return root


def search(machine: Machine, root: Path) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-I", root / "scripts" / "run.py", "search", "--json", QUERY],
        env={"PATH": os.environ["PATH"], "HOME": str(machine.home), **machine.environment},
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


def finds(done: "subprocess.CompletedProcess[str]") -> bool:
    assert done.returncode == 0, done.stderr
    return bool(json.loads(done.stdout)["hits"])


def end_store(machine: Machine) -> None:
    for process in processes.belonging(machine.home):
        with suppress(psutil.NoSuchProcess):  # the database's own processes come and go
            if "serve" in process.cmdline():
                process.terminate()
    assert processes.wait_until_none(machine.home, SECONDS) == []


def test_the_newest_installed_version_has_the_store(machine: Machine, older: Path, newer: Path) -> None:
    """An older one uses it while it runs, and otherwise says what to do; nobody goes back in the database."""
    assert finds(search(machine, older))
    end_store(machine)
    assert finds(search(machine, newer))
    assert finds(search(machine, older))  # the newer one's store, through its API
    end_store(machine)
    refused = search(machine, older)
    assert refused.returncode == 1
    assert f"belongs to CommonTrace 9.0.0 in {newer}" in refused.stderr
    assert "claude plugin update commontrace" in refused.stderr
    assert processes.belonging(machine.home) == []
    assert finds(search(machine, newer))
    end_store(machine)
    shutil.rmtree(newer)
    refused = search(machine, older)
    assert "The database was written by a newer CommonTrace. Update this program" in refused.stderr
    assert processes.wait_until_none(machine.home, SECONDS) == []


def test_a_version_that_is_gone_is_not_the_newest(tmp_path: Path) -> None:
    """Going back a version by replacing the folder, or removing it, is not held against the older one."""
    data, old, new = tmp_path / "data", tmp_path / "old", tmp_path / "new"
    data.mkdir()
    for root, number in ((old, "1.9.0"), (new, "1.10.0")):
        (root / "mcp" / "commontrace").mkdir(parents=True)
        (root / "mcp" / "commontrace" / "__init__.py").write_text(f'VERSION = "{number}"\n')
    newest.claim(data, new)
    with pytest.raises(newest.NewerInstalledError):
        newest.claim(data, old)
    shutil.copytree(old, new, dirs_exist_ok=True)
    newest.claim(data, old)
    (data / newest.FILE).write_text("{broken")
    newest.claim(data, old)
    assert json.loads((data / newest.FILE).read_text()) == {"version": "1.9.0", "root": str(old)}
