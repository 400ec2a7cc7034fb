"""docs/tutorial.md, as a newcomer types it."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machine import ROOT, Machine

FOLDER = "/tmp/commontrace-tutorial"
BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```", (ROOT / "docs" / "tutorial.md").read_text())
SECONDS = 300


@pytest.fixture
def machine(tmp_path: Path, used_store: Path) -> Iterator[Machine]:
    machine = Machine.create(tmp_path / "machine", idle_seconds=60)
    machine.keep(used_store)
    yield machine
    machine.end()


def test_every_step_works_and_the_last_one_resets(machine: Machine, tmp_path: Path) -> None:
    """The error is known, the contribution is found, and a second time everything is the same."""
    folder = tmp_path / "tutorial"
    script = "set -e\n" + "\n".join(BLOCKS).replace(FOLDER, str(folder))
    for _ in range(2):
        done = subprocess.run(
            ["sh", "-c", script],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"], "HOME": str(machine.home), **machine.environment},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        known, contributed = done.stdout.split("True\n")
        assert "offset-naive and offset-aware" in known
        assert "harbour refuses to start" in contributed
        assert not folder.exists()
    left = machine.commontrace("search", "BerthOccupiedError: berth 9 is taken", "--json")
    assert "harbour" not in left.stdout
