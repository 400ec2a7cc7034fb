"""The pinned Claude Code clients: installed from npm once, into a cache outside the tree."""

import json
from dataclasses import dataclass
from pathlib import Path

from support import npm_packages
from support.npm_packages import NotInstalledError

PACKAGE = "@anthropic-ai/claude-code"


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

    Raises:
        NotInstalledError: npm is missing or fails, or this platform has no client.
    """
    folder = npm_packages.installed(manifest, "claude-code")
    return {alias: Client(version, _binary(folder, version)) for alias, version in pinned(manifest).items()}


def _binary(folder: Path, version: str) -> Path:
    """The native binary of one version; npm puts one platform package at the top and nests the other."""
    for package in (folder / "node_modules").glob(f"**/{PACKAGE}-*/package.json"):
        if json.loads(package.read_text())["version"] == version:
            found = [package.with_name(name) for name in ("claude", "claude.exe")]
            return next(binary for binary in found if binary.exists())
    raise NotInstalledError(f"Claude Code {version} has no package for this platform in {folder}.")
