"""A copy of the plugin's folder: for another version of it, or one that a test breaks or removes."""

import shutil
from pathlib import Path

from support import machine
from support.machine import ROOT

_LEFT_OUT = shutil.ignore_patterns(
    ".git", "__pycache__", ".*_cache", ".hypothesis", "node_modules", "tests", "benchmarks", "docs"
)


def create(folder: Path) -> Path:
    """Copy what an installation has to `folder`, which is not there yet, and return it."""
    shutil.copytree(ROOT, folder, ignore=_LEFT_OUT)
    machine.share_compiled_code(folder)
    return folder
