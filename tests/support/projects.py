"""A small project for the real client to work in, and the one fix that is known for it."""

import shlex
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KNOWN_FIX = "python -m pip install -e libs/ledger"
KNOWN_TRACE: dict[str, Any] = {
    "title": "pytest stops with ModuleNotFoundError: No module named 'shopledger'",
    "context_text": "The ledger lives beside the shop in libs/ledger, outside the test requirements. "
    "Collecting the tests ends with `ModuleNotFoundError: No module named 'shopledger'`.",
    "solution_text": f"Install the library in editable mode: {KNOWN_FIX}",
    "tags": ["python", "pytest"],
}
PASSING, FAILING, UNKNOWN = "test_prices.py", "test_ledger.py", "test_berth.py"
"""Tests that pass, that fail as `KNOWN_TRACE` says, and that fail as nobody knows."""

_FILES = {
    "pytest.ini": "[pytest]\naddopts = -p no:cacheprovider\n",
    PASSING: "def test_sum():\n    assert sum([2, 3]) == 5\n",
    FAILING: "import shopledger\n\n\ndef test_empty():\n    assert shopledger.total([]) == 0\n",
    UNKNOWN: "def test_berth():\n    raise RuntimeError('ferry berth 7 refuses a lilac manifest')\n",
}


@dataclass(frozen=True)
class Project:
    """A git repository with three test files."""

    folder: Path

    def pytest(self, *files: str) -> str:
        """The shell command that runs some of its tests with the Python that runs this one."""
        return shlex.join([sys.executable, "-m", "pytest", "-q", *files])


def create(folder: Path) -> Project:
    """Make the repository in a new folder."""
    folder.mkdir()
    for name, text in _FILES.items():
        (folder / name).write_text(text)
    subprocess.run(["git", "init", "--quiet", folder], check=True)
    return Project(folder)
