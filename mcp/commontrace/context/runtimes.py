"""The system, and the versions of the runtimes that a repository names."""

import re
import sys
from collections.abc import Callable

from commontrace.context import names

_TOOL = re.compile(r"(?m)^([a-z][a-z-]*)[ \t]+(\d[\w.]*)")
_CHANNEL = re.compile(r'(?m)^\s*channel\s*=\s*"(\d[\d.]*)"')
_ALIASES = {"nodejs": "node", "golang": "go"}


def system() -> str:
    """The name of this system, as traces know it."""
    return {"darwin": "macos", "win32": "windows", "cygwin": "windows"}.get(sys.platform, sys.platform)


def _one(tool: str) -> Callable[[str], dict[str, str]]:
    def read(text: str) -> dict[str, str]:
        first = next(iter(text.split()), "").removeprefix("cpython-").removeprefix(f"{tool}-")
        return names.resolved([(tool, first)])

    return read


def _tool_versions(text: str) -> dict[str, str]:
    return names.resolved((_ALIASES.get(found[1], found[1]), found[2]) for found in _TOOL.finditer(text))


def _toolchain(text: str) -> dict[str, str]:
    found = _CHANNEL.search(text)
    return names.resolved([("rust", found[1] if found else text.strip())])


VERSION_FILES: dict[str, Callable[[str], dict[str, str]]] = {
    ".python-version": _one("python"),
    ".nvmrc": _one("node"),
    ".node-version": _one("node"),
    ".ruby-version": _one("ruby"),
    ".go-version": _one("go"),
    ".java-version": _one("java"),
    ".tool-versions": _tool_versions,
    "rust-toolchain.toml": _toolchain,
    "rust-toolchain": _toolchain,
}
