"""One project as its files describe it: manifests, lock files and version files around a folder."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

from commontrace import repository
from commontrace.context import frameworks, names, sources
from commontrace.context.files import LOCK_BYTES, MANIFEST_BYTES, Files
from commontrace.context.locks import LOCKS
from commontrace.context.manifests import MANIFESTS, SUFFIXES, Manifest
from commontrace.context.runtimes import VERSION_FILES

FOLDERS_MOST = 16
"""On the way from a folder up to its repository's root."""
CHILDREN_MOST = 24
"""Folders below the root that are looked into where nothing on the way to it declares anything."""
NAMED_MOST = 12
"""Direct dependencies to go by when a whole repository is described."""
TELLING = 2
PASSED_OVER = frozenset("build dist docs node_modules target vendor venv".split())


@dataclass
class Project:
    """What the files say; what is nearest to the folder that was asked for comes first.

    Attributes:
        root: real path of the repository.
        languages: of its manifests.
        direct: names of the packages that it declares.
        versions: names of packages with their resolved versions.
        runtimes: what it runs on and is built with, as far as versions are named.
        managers: package managers whose lock files are there.
    """

    root: str
    languages: dict[str, None] = field(default_factory=dict)
    direct: dict[str, None] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)
    managers: dict[str, None] = field(default_factory=dict)

    @property
    def frameworks(self) -> list[str]:
        """The frameworks among the direct dependencies."""
        return frameworks.of(self.direct)

    @property
    def named(self) -> tuple[str, ...]:
        """The first direct dependencies, as people call them."""
        return tuple(islice(dict.fromkeys(names.short(package) for package in self.direct), NAMED_MOST))

    @property
    def is_telling(self) -> bool:
        """Whether traces can be found by it: of one name alone a store has a hundred, and is sure of each."""
        return len(self.named) >= TELLING


def read(folder: str, nearer: Sequence[str] = (), files: Files | None = None) -> Project:
    """The project that `folder` belongs to; what cannot be understood is left out.

    Args:
        folder: where the session works.
        nearer: folders of the same repository that count before it.
        files: reads within the bounds of a larger question.
    """
    files = files or Files()
    project = Project(repository.root(folder))
    starts = [repository.real(start) for start in (*nearer, folder)]
    for place in dict.fromkeys(place for start in starts for place in _upwards(start, project.root)):
        _look(project, files, place)
    if not project.languages and os.path.lexists(os.path.join(project.root, ".git")):
        for name, is_folder in islice(files.entries(project.root), CHILDREN_MOST):
            if is_folder and not name.startswith(".") and name not in PASSED_OVER:
                _look(project, files, os.path.join(project.root, name))
    if not project.languages:
        _guess(project, files, starts[-1])
    return project


def _upwards(folder: str, root: str) -> Iterator[str]:
    """The folder itself and those above it, up to the root."""
    place = folder
    for _ in range(FOLDERS_MOST):
        if not within(place, root):
            return
        yield place
        place = os.path.dirname(place)
    yield root


def within(path: str, root: str) -> bool:
    """Whether a real path is a repository's root or below it."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def _look(project: Project, files: Files, place: str) -> None:
    for name, (language, declared) in MANIFESTS.items():
        path = os.path.join(place, name)
        if files.is_regular(path):
            project.languages.setdefault(language)
            _declare(project, files.parsed(path, MANIFEST_BYTES, declared))
    for name, (manager, resolved) in LOCKS.items():
        path = os.path.join(place, name)
        if files.is_regular(path):
            project.managers.setdefault(manager)
            _add(project.versions, files.parsed(path, LOCK_BYTES, resolved))
    for name, runtime in VERSION_FILES.items():
        _add(project.runtimes, files.parsed(os.path.join(place, name), MANIFEST_BYTES, runtime))


def _declare(project: Project, manifest: Manifest | None) -> None:
    if manifest is not None:
        project.direct.update(dict.fromkeys(name for name in manifest.direct if name not in project.direct))
        _add(project.versions, manifest.pinned)
        _add(project.runtimes, manifest.runtimes)


def _add(known: dict[str, str], found: dict[str, str] | None) -> None:
    for name, version in (found or {}).items():
        known.setdefault(name, version)


def _guess(project: Project, files: Files, folder: str) -> None:
    """A project without a file of a name that is known: what the files that lie there tell."""
    for name, is_folder in files.entries(folder):
        suffix = os.path.splitext(name)[1]
        if is_folder:
            continue
        if suffix in SUFFIXES:
            language, declared = SUFFIXES[suffix]
            project.languages.setdefault(language)
            _declare(project, files.parsed(os.path.join(folder, name), MANIFEST_BYTES, declared))
        elif spoken := sources.language(name):
            project.languages.setdefault(spoken)
