"""The requirements locks: complete, hashed, bound to no index, and in step with the pyproject files."""

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import lock
import pytest

from commontrace import environment

ROOT = Path(environment.ROOT)
NAMES = list(lock.LOCKS)
PIN = re.compile(r"([a-z0-9][a-z0-9-]*)==([^ ;]+)( ;.*)?")


@pytest.mark.parametrize("name", NAMES)
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    """Nothing is installed that was not seen when the lock was made."""
    pins = lock.pins(lock.path(name))
    assert pins
    assert all(PIN.fullmatch(requirement) for requirement in pins)
    assert all(
        hashes and all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes)
        for hashes in pins.values()
    )


@pytest.mark.parametrize("name", NAMES)
def test_lock_names_no_index(name: str) -> None:
    """A lock works with whatever index or mirror the machine is set up for."""
    text = lock.path(name).read_text()
    assert "://" not in text
    assert not re.search(r"^\s*--(?!hash=)", text, re.MULTILINE)


def test_development_runs_on_the_versions_that_users_get() -> None:
    """The development lock holds the pins of what is delivered, unchanged."""
    for name in ("runtime", "sentry"):
        assert lock.pins(lock.path(name)).items() <= lock.pins(lock.path("dev")).items(), name


@pytest.mark.parametrize("member", lock.MEMBERS, ids=lambda path: path.parent.name)
def test_direct_dependencies_are_in_the_lock(member: Path) -> None:
    """Every dependency that a pyproject file declares is pinned in the runtime lock."""
    declared = {
        re.split(r"[\[<>=! ]", line)[0]
        for line in tomllib.loads(member.read_text())["project"]["dependencies"]
    }
    assert declared - set(lock.OURS) <= _names("runtime")


def test_our_own_packages_are_not_installed() -> None:
    """Our packages run from the tree; in an environment they would be an old copy of themselves."""
    assert not set(lock.OURS) & (_names("runtime") | _names("dev"))


def test_locks_are_current() -> None:
    """The locks are what the pyproject files resolve to."""
    for name in NAMES:
        try:
            assert lock.differences(name) == []
        except lock.UncheckedError as error:
            pytest.skip(f"requirements/{name}.txt could not be resolved here: {error}")


@pytest.mark.launcher
def test_lock_that_lags_behind_is_noticed(tmp_path: Path) -> None:
    """A dependency that a pyproject file no longer names makes the lock stale."""
    for name in ("scripts", "mcp", "backend", "requirements"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    project = (ROOT / "pyproject.toml").read_text()
    (tmp_path / "pyproject.toml").write_text(project.replace('    "tomli-w>=1.2",\n', ""))
    code = "import lock; print(*lock._differences('runtime', ['--offline']), sep='\\n')"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path / "scripts", capture_output=True, text=True, check=False
    )
    if "UncheckedError" in done.stderr:
        pytest.skip("uv's cache does not hold what resolving needs")
    assert re.fullmatch(r"- tomli-w==\S+", done.stdout.strip()), done.stderr


def _names(name: str) -> set[str]:
    return {requirement.partition("==")[0] for requirement in lock.pins(lock.path(name))}
