"""The pinned Claude Code clients: installed from npm once, into a cache outside the tree."""

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import filelock
import platformdirs

PACKAGE = "@anthropic-ai/claude-code"
INSTALL_SECONDS = 600
_FILES = ("package.json", "package-lock.json", ".npmrc")


class ClientsNotInstalledError(Exception):
    """The pinned clients cannot be installed, so the end-to-end tests cannot run."""


@dataclass(frozen=True)
class Client:
    """One installed client: its pinned version and its native binary."""

    version: str
    binary: Path


def pinned(manifest: Path) -> dict[str, str]:
    """The pinned version of each client, by alias, from the `package.json` in the folder `manifest`."""
    dependencies = json.loads((manifest / "package.json").read_text())["dependencies"]
    return {alias: target.removeprefix(f"npm:{PACKAGE}@") for alias, target in dependencies.items()}


def installed(manifest: Path) -> dict[str, Client]:
    """Every pinned client by alias, installed if its lock is not in the cache yet.

    The cache is `COMMONTRACE_TEST_CACHE`, or a folder of the user's cache.

    Raises:
        ClientsNotInstalledError: npm is missing or fails, or this platform has no client.
    """
    digest = hashlib.sha256(b"".join((manifest / name).read_bytes() for name in _FILES)).hexdigest()[:16]
    folder = cache() / f"claude-code-{digest}"
    with filelock.FileLock(f"{folder}.lock", timeout=INSTALL_SECONDS):
        if not folder.exists():
            _install(manifest, folder)
    return {alias: Client(version, _binary(folder, version)) for alias, version in pinned(manifest).items()}


def cache() -> Path:
    """The folder for what tests keep between runs: `COMMONTRACE_TEST_CACHE`, or one in the user's cache."""
    chosen = os.environ.get("COMMONTRACE_TEST_CACHE")
    folder = Path(chosen) if chosen else platformdirs.user_cache_path("commontrace-tests", appauthor=False)
    folder.mkdir(parents=True, exist_ok=True)
    return folder.resolve()


def _install(manifest: Path, folder: Path) -> None:
    npm = shutil.which("npm")
    if npm is None:
        raise ClientsNotInstalledError(
            "The end-to-end tests drive the real Claude Code, which comes from npm: install Node.js with npm."
        )
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix="installing-") as unfinished:
        staging = Path(unfinished) / "clients"
        staging.mkdir()
        for name in _FILES:
            shutil.copy(manifest / name, staging / name)
        done = subprocess.run(
            [npm, "ci"], cwd=staging, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False
        )
        if done.returncode:
            raise ClientsNotInstalledError(
                f"npm ci failed ({done.returncode}): {done.stderr.strip()[-2000:]}"
            )
        staging.rename(folder)


def _binary(folder: Path, version: str) -> Path:
    """The native binary of one version; npm puts one platform package at the top and nests the other."""
    for package in (folder / "node_modules").glob(f"**/{PACKAGE}-*/package.json"):
        if json.loads(package.read_text())["version"] == version:
            found = [package.with_name(name) for name in ("claude", "claude.exe")]
            return next(binary for binary in found if binary.exists())
    raise ClientsNotInstalledError(f"Claude Code {version} has no package for this platform in {folder}.")
