"""Resolved versions from the lock files of package managers.

What is JSON is parsed as such. The TOML and YAML ones are written by programs, line by line in one fixed
order, and have up to some megabytes: a parser of the whole language takes a second per megabyte, one pattern
over the lines a few milliseconds, and it also reads what a merge has broken.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from commontrace.context import manifests, names
from commontrace.context.names import table

Versions = dict[str, str]
_TOML = re.compile(r'(?m)^\[\[packages?\]\]\s*\nname = "([^"\n]+)"\s*\nversion = "([^"\n]+)"')
_PNPM_DIRECT = re.compile(r"(?m)^ +'?(@?[^\s'@:]+)'?:[ \t]*\n +specifier: [^\n]*\n +version: '?(\d[^\s'(_]*)")
_PNPM = re.compile(r"(?m)^  '?/?((?:@[^\s'@/:]+/)?[^\s'@/:]+)[@/](\d[^\s'(:_/]*)[^\n]*:")
_YARN = re.compile(r'(?m)^"?(@?[^\s"@,]+)@[^\n]*:[ \t]*\n  version:? "?([^\s"]+)"?')
_BUN = re.compile(r'(?m)^\s+"[^"\n]+": \["(@?[^"@\n]+)@(\d[^"\n]*)"')
_GO_SUM = re.compile(r"(?m)^(\S+) v(\d[^\s/]*)(?:/go\.mod)? h1:")
_GEM = re.compile(r"(?m)^    ([\w.-]+) \((\d[^)\s]*)\)$")
_RUBY = re.compile(r"(?m)^RUBY VERSION\s*\n\s+ruby (\d+(?:\.\d+)*)")
_BUNDLER = re.compile(r"(?m)^BUNDLED WITH\s*\n\s+(\d[\d.]*)")
_MIX = re.compile(r'(?m)^\s+"(\w+)": \{:hex, :\w+, "(\d[^"]*)"')
_PUB = re.compile(r'(?m)^  (\w+):[ \t]*\n(?:    [^\n]*\n){0,9}?    version: "(\d[^"]*)"')
_GRADLE = re.compile(r"(?m)^([\w.-]+:[\w.-]+):(\d[^=\s]*)=")
_PODS = re.compile(r'(?m)^  - "?([\w/+.-]+) \((\d[^)\s]*)\)')


def _lines(pattern: re.Pattern[str], *, canonical: bool = False) -> Callable[[str], Versions]:
    def read(text: str) -> Versions:
        pairs = ((found[1], found[2]) for found in pattern.finditer(text))
        return names.resolved(pairs, canonical=canonical)

    return read


def _pipfile(text: str) -> Versions:
    document = table(json.loads(text))
    both = chain(table(document.get("default")).items(), table(document.get("develop")).items())
    pairs = ((key, str(table(value).get("version", "")).removeprefix("==")) for key, value in both)
    return names.resolved(pairs, canonical=True)


def _npm(text: str) -> Versions:
    """Versions 1 to 3; what is nested in another package's folder counts only where nothing else does."""
    document = table(json.loads(text))
    places = table(document.get("packages"))
    pairs = [
        (place.rpartition("node_modules/"), table(value).get("version")) for place, value in places.items()
    ]
    top = [(last, number) for (above, found, last), number in pairs if found and not above]
    nested = [(last, number) for (above, found, last), number in pairs if found and above]
    first = ((key, table(value).get("version")) for key, value in table(document.get("dependencies")).items())
    return names.resolved(chain(top, first, nested))


def _pnpm(text: str) -> Versions:
    """What the importers use themselves comes first: other versions of it may be there for others."""
    return names.resolved(chain(_PNPM_DIRECT.findall(text), _PNPM.findall(text)))


def _bundler(text: str) -> Versions:
    runtimes = [
        (name, found[1])
        for name, found in (("ruby", _RUBY.search(text)), ("bundler", _BUNDLER.search(text)))
        if found
    ]
    return names.resolved(chain(_GEM.findall(text), runtimes))


def _composer(text: str) -> Versions:
    document = table(json.loads(text))
    return names.resolved(_listed(document.get("packages"), document.get("packages-dev"), name="name"))


def _nuget(text: str) -> Versions:
    frameworks = table(table(json.loads(text)).get("dependencies")).values()
    return names.resolved(
        (key, table(value).get("resolved")) for each in frameworks for key, value in table(each).items()
    )


def _swift(text: str) -> Versions:
    document = table(json.loads(text))
    pins = document.get("pins", table(document.get("object")).get("pins"))
    return names.resolved(
        (table(pin).get("identity", table(pin).get("package")), table(table(pin).get("state")).get("version"))
        for pin in (pins if isinstance(pins, list) else ())
    )


def _listed(*lists: object, name: str) -> Iterator[tuple[object, object]]:
    entries: Iterable[object] = chain.from_iterable(each for each in lists if isinstance(each, list))
    return ((table(entry).get(name), table(entry).get("version")) for entry in entries)


def _pinned(text: str) -> Versions:
    return manifests.requirements(text).pinned


LOCKS: dict[str, tuple[str, Callable[[str], Versions]]] = {
    # file: (what wrote it, parser)
    "uv.lock": ("uv", _lines(_TOML, canonical=True)),
    "poetry.lock": ("poetry", _lines(_TOML, canonical=True)),
    "pdm.lock": ("pdm", _lines(_TOML, canonical=True)),
    "pylock.toml": ("pip", _lines(_TOML, canonical=True)),
    "Pipfile.lock": ("pipenv", _pipfile),
    "requirements.lock": ("pip", _pinned),
    "package-lock.json": ("npm", _npm),
    "npm-shrinkwrap.json": ("npm", _npm),
    "pnpm-lock.yaml": ("pnpm", _pnpm),
    "yarn.lock": ("yarn", _lines(_YARN)),
    "bun.lock": ("bun", _lines(_BUN)),
    "Cargo.lock": ("cargo", _lines(_TOML)),
    "go.sum": ("go", _lines(_GO_SUM)),
    "Gemfile.lock": ("bundler", _bundler),
    "composer.lock": ("composer", _composer),
    "mix.lock": ("mix", _lines(_MIX)),
    "pubspec.lock": ("pub", _lines(_PUB)),
    "gradle.lockfile": ("gradle", _lines(_GRADLE)),
    "packages.lock.json": ("nuget", _nuget),
    "Package.resolved": ("swift", _swift),
    "Podfile.lock": ("cocoapods", _lines(_PODS)),
}
