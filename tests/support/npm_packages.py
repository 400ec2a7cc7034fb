"""What tests need from npm: installed once per lock, into a cache outside the tree."""

import hashlib
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import filelock
import platformdirs

INSTALL_SECONDS = 600
_FILES = ("package.json", "package-lock.json", ".npmrc")


class NotInstalledError(Exception):
    """The packages cannot be installed, so the tests that need them cannot run."""


def installed(manifest: Path, name: str) -> Path:
    """The folder in which the packages of the folder `manifest` are installed.

    The cache is `COMMONTRACE_TEST_CACHE`, or a folder of the user's cache.

    Raises:
        NotInstalledError: npm is missing or fails.
    """
    digest = hashlib.sha256(b"".join((manifest / file).read_bytes() for file in _FILES)).hexdigest()[:16]
    folder = cache() / f"{name}-{digest}"
    with filelock.FileLock(f"{folder}.lock", timeout=INSTALL_SECONDS):
        if not folder.exists():
            _install(manifest, folder)
    return folder


def cache() -> Path:
    """The folder for what tests keep between runs: `COMMONTRACE_TEST_CACHE`, or one in the user's cache."""
    chosen = os.environ.get("COMMONTRACE_TEST_CACHE")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("commontrace-tests", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _install(manifest: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise NotInstalledError("These tests drive programs that come from npm: install Node.js with npm.")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="installing-") as unfinished:
        staging = Path(unfinished) / "packages"
        staging.mkdir()
        for name in _FILES:
            shutil.copy(manifest / name, staging / name)
        done = subprocess.run(
            [npm, "ci"], cwd=staging, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if done.returncode:
            raise NotInstalledError(f"npm ci failed ({done.returncode}): {done.stderr.strip()[-2000:]}")
        staging.rename(folder)
