"""The context that a search is made from: of everything that a project uses, the little that tells."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from commontrace import repository
from commontrace.context import frameworks, project, runtimes, sources
from commontrace.context.files import Files
from commontrace.context.project import Project

if TYPE_CHECKING:
    from commontrace.stores import Context

EDITED_MOST = 4
LANGUAGES_MOST = 6
PACKAGES_MOST = 50
"""All packages of an application would say more of it than a search needs, and take longer to send."""
MENTIONED_MOST = 15
MENTION_LEAST = 3
"""Characters; shorter names of packages are words of any message."""
TEXT_MOST = 20_000
_WORD = re.compile(r"@?[A-Za-z0-9][\w.-]*(?:/[\w.-]+)*")


def gather(cwd: str, edited: Sequence[str] = (), text: str = "") -> "Context":
    """Where a search is made from; never fails, and is bounded whatever the repository is.

    Packages come with the version in use, at most `PACKAGES_MOST`: what the text names, then what the edited
    files import, the runtimes, and the direct dependencies of the nearest manifests.

    Args:
        cwd: the session's folder.
        edited: paths of files that the session edits, the latest first; only those in the repository count.
        text: an error or a question, for the packages that it names.
    """
    from commontrace.stores import Context

    files = Files()
    inside = list(_inside(cwd, edited))
    found = project.read(cwd, [os.path.dirname(path) for path in inside], files)
    spoken = [language for path in inside if (language := sources.language(path))]
    imported = [name for path in inside for name in _imports(path, files)]
    languages = dict.fromkeys([*spoken, *found.languages])
    return Context(
        languages=list(languages)[:LANGUAGES_MOST],
        frameworks=frameworks.of([*_declared(found, imported), *found.direct]),
        packages=_packages(found, imported, text),
        os=runtimes.system(),
    )


def _inside(cwd: str, edited: Iterable[str]) -> Iterator[str]:
    root = repository.root(cwd)
    for path in islice(edited, EDITED_MOST):
        real = repository.real(os.path.join(cwd, path))
        if project.within(real, root):
            yield real


def _imports(path: str, files: Files) -> tuple[str, ...]:
    language = sources.language(path)
    read = sources.importing(language) if language else None
    return (files.parsed(path, sources.BYTES, read) or ()) if read else ()


def _packages(found: Project, imported: Sequence[str], text: str) -> dict[str, str]:
    known = _Versions(found.versions)
    mentioned = dict.fromkeys(filter(None, map(known.name, _words(text[:TEXT_MOST]))))
    named = [name for name in mentioned if name in found.direct or len(name) >= MENTION_LEAST]
    used = filter(None, map(known.name, chain.from_iterable(map(_parents, imported))))
    direct = filter(None, map(known.name, found.direct))
    packages = {name: found.versions[name] for name in chain(named[:MENTIONED_MOST], used)}
    packages.update((name, version) for name, version in found.runtimes.items() if name not in packages)
    packages.update((name, found.versions[name]) for name in direct if name not in packages)
    return dict(islice(packages.items(), PACKAGES_MOST))


def _declared(found: Project, imported: Iterable[str]) -> list[str]:
    """The direct dependencies that the edited files import."""
    own = _Versions(found.direct)
    return list(filter(None, map(own.name, chain.from_iterable(map(_parents, imported)))))


class _Versions:
    """Looks up packages under any spelling of their separators."""

    def __init__(self, known: Iterable[str]) -> None:
        self._names: dict[str, str] = {}
        for name in known:
            self._names.setdefault(_key(name), name)

    def name(self, text: str) -> str | None:
        """The package as it is known, or None."""
        return self._names.get(_key(text))


def _key(name: str) -> str:
    return name.lower().replace("_", "-").replace(".", "-")


def _words(text: str) -> Iterator[str]:
    """What may be the name of a package: words, and in paths every part, with its scope."""
    for found in _WORD.finditer(text):
        word = found.group().rstrip(".-")
        yield word
        if "/" in word:
            yield from _parents(word)
            yield from word.split("/")


def _parents(path: str) -> Iterator[str]:
    """A path and the first parts of it: a package is imported by any of its modules."""
    parts = path.split("/", 4)[:4]
    return ("/".join(parts[:end]) for end in range(len(parts), 0, -1))
