"""What the tree as a whole promises: names, versions, and what no file may contain."""

import json
import os
import subprocess
import sys
import tomllib
from functools import cache
from pathlib import Path

import pytest

from commontrace import environment

ROOT = Path(environment.ROOT)
PROJECTS = ["pyproject.toml", "backend/pyproject.toml", "mcp/commontrace_rules/pyproject.toml"]
PACKAGE_INDEXES = [
    "".join(parts) for parts in (("pypi", ".org"), ("files.python", "hosted.org"), ("registry.npm", "js.org"))
]


def test_no_init_file_in_mcp() -> None:
    """With mcp/__init__.py our folder would hide the SDK of the same name."""
    assert not (ROOT / "mcp" / "__init__.py").exists()


def test_import_mcp_gives_the_sdk() -> None:
    """From the project's own folder `import mcp` finds the installed SDK."""
    code = "import mcp; print(mcp.__file__)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()).parent.parent.name == "site-packages"


def test_modules_before_the_path_is_set_hide_nothing() -> None:
    """No file directly in mcp/, hooks/ or scripts/ has the name of a module of the standard library."""
    beside = {path.stem for folder in ("mcp", "hooks", "scripts") for path in (ROOT / folder).glob("*.py")}
    assert not beside & sys.stdlib_module_names


def test_one_version_everywhere() -> None:
    """All packages and the plugin carry one version number."""
    versions = {name: tomllib.loads((ROOT / name).read_text())["project"]["version"] for name in PROJECTS}
    plugin = ROOT / ".claude-plugin" / "plugin.json"
    versions["plugin.json"] = json.loads(plugin.read_text())["version"]
    assert len(set(versions.values())) == 1, versions


def test_license_is_the_declared_one() -> None:
    """The license file is the one that every package names."""
    text = (ROOT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0, January 2004" in text
    assert {tomllib.loads((ROOT / name).read_text())["project"]["license"] for name in PROJECTS} == {
        "Apache-2.0"
    }


@pytest.mark.parametrize("name", ["commontrace", "test", "bench", "python"])
def test_launchers_can_be_executed(name: str) -> None:
    """Every launcher is an executable POSIX shell script."""
    script = ROOT / "scripts" / name
    assert os.access(script, os.X_OK)
    assert script.read_text().startswith("#!/bin/sh\n")


def test_no_file_names_this_machine() -> None:
    """No file contains the folder it was written in: it has to work in every other one."""
    assert _files_with(str(ROOT)) == []


@pytest.mark.parametrize("host", PACKAGE_INDEXES)
def test_no_file_names_a_package_index(host: str) -> None:
    """Where packages come from is the machine's choice, never a file's."""
    trusted = "mcp/commontrace_rules/screening/known_hosts.txt"  # there as hosts that a trace may fetch from
    assert [name for name in _files_with(host) if name != trusted] == []


def _files_with(text: str) -> list[str]:
    wanted = text.encode()
    return [name for name in _files() if wanted in (ROOT / name).read_bytes()]


@cache
def _files() -> list[str]:
    """The files of the project: what git tracks or would track."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    done = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("this is no git checkout")
    return [name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]
