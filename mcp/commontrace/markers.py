"""What a repository is built with, as far as a few files at its root say so.

A repository is hostile input: nothing of it runs, links are not followed, and little is read.
"""

import json
import os
import re
import stat
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

SIZE_LIMIT = 256 * 1024
"""Bytes; a larger file is passed over."""
NAMES_MOST = 12
"""Direct dependencies to go by, in the order of the file."""
NAMES_LEAST = 2
_NAME = re.compile(r"@?[A-Za-z0-9][A-Za-z0-9._/-]{0,60}")
_GO_MODULE = re.compile(r"(?m)^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]{2,}/[^\s/]+/([^\s/]+)\S*)\s+v\d[^\n/]*$")


@dataclass(frozen=True)
class Stack:
    """Languages, and the names of direct dependencies, lower case."""

    languages: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()

    @property
    def is_telling(self) -> bool:
        """Whether traces can be found by it: of one name alone a store has a hundred, and is sure of each."""
        return len(self.packages) >= NAMES_LEAST


def read(root: str) -> Stack:
    """What the marker files at `root` tell; one that cannot be understood tells its language only."""
    languages: dict[str, None] = {}
    packages: dict[str, None] = {}
    for name, (language, names) in MARKERS.items():
        text = _text(Path(root, name))
        if text is None:
            continue
        languages[language] = None
        try:
            found = [str(item) for item in names(text)]
        except (ValueError, TypeError, AttributeError, RecursionError):  # valid files have another shape
            continue
        packages.update(dict.fromkeys(item.lower() for item in found if _NAME.fullmatch(item)))
    return Stack(tuple(languages), tuple(packages)[:NAMES_MOST])


def _text(path: Path) -> str | None:
    """The content of a small regular file; None where there is none."""
    try:
        descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    except (OSError, ValueError):
        return None
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode) or found.st_size > SIZE_LIMIT:
            return None
        return file.read(SIZE_LIMIT).decode("utf-8", "replace")


def _pyproject(text: str) -> Iterable[str]:
    document = tomllib.loads(text)
    listed = _requirements("\n".join(document.get("project", {}).get("dependencies", [])))
    poetry = document.get("tool", {}).get("poetry", {}).get("dependencies", {})
    return [*listed, *(name for name in poetry if name != "python")]


def _requirements(text: str) -> Iterable[str]:
    names = (_NAME.match(line.strip()) for line in text.splitlines())
    return [found.group() for found in names if found]


def _package_json(text: str) -> Iterable[str]:
    document = json.loads(text)
    return [*document.get("dependencies", {}), *document.get("devDependencies", {})]


def _cargo(text: str) -> Iterable[str]:
    return list(tomllib.loads(text).get("dependencies", {}))


def _go_mod(text: str) -> Iterable[str]:
    return [found[1] for found in _GO_MODULE.findall(text)]


def _nothing(_: str) -> Iterable[str]:
    return ()


MARKERS: dict[str, tuple[str, Callable[[str], Iterable[str]]]] = {
    "pyproject.toml": ("python", _pyproject),
    "requirements.txt": ("python", _requirements),
    "setup.py": ("python", _nothing),
    "package.json": ("javascript", _package_json),
    "tsconfig.json": ("typescript", _nothing),
    "Cargo.toml": ("rust", _cargo),
    "go.mod": ("go", _go_mod),
    "Gemfile": ("ruby", _nothing),
    "pom.xml": ("java", _nothing),
    "build.gradle": ("java", _nothing),
    "composer.json": ("php", _nothing),
}
