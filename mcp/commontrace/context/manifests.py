"""What the files say in which people declare the packages that they use: language, and direct dependencies.

They are written by hand, so real parsers read them.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import chain

from commontrace.context import names
from commontrace.context.names import table

NAMES_MOST = 300
_REQUIREMENT = re.compile(
    r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[[^\]]*\])?\s*(?:===?\s*([^\s;,#*]+)\s*(?:[;#\\].*)?$)?"
)
_GO_REQUIRE = re.compile(r"(?m)^\s*(?:require\s+)?([a-z0-9.-]+\.[a-z]{2,}/\S+)\s+v(\d[^\s/]*)([^\n]*)$")
_GO_VERSION = re.compile(r"(?m)^go\s+(\d[\d.]*)")
_GEM = re.compile(r"(?m)^\s*gem\s+['\"]([\w.-]+)['\"](?:\s*,\s*['\"](\d[\w.]*)['\"])?")
_MAVEN = re.compile(
    r"<groupId>([\w.-]+)</groupId>\s*<artifactId>([\w.-]+)</artifactId>(?:\s*<version>([\w.-]+)</version>)?"
)
_GRADLE = re.compile(
    r"(?m)^\s*\w*(?:mplementation|api|compile|untimeOnly|rocessor)\s*\(?\s*['\"]([\w.-]+:[\w.-]+)(?::(\d[\w.-]*))?['\"]"
)
_MIX = re.compile(r"\{:(\w+),\s*\"[^\"]*\"")
_PUBSPEC_SECTION = re.compile(r"(?m)^(?:dev_)?dependencies:[ \t]*\n((?:[ \t]+[^\n]*\n|\n)*)")
_PUBSPEC_NAME = re.compile(r"(?m)^  ([a-z]\w*):")
_NUGET = re.compile(r"<PackageReference\s+Include=\"([\w.-]+)\"(?:\s+Version=\"(\d[\w.-]*)\")?")


@dataclass(frozen=True)
class Manifest:
    """What one file declares.

    Attributes:
        direct: names of packages, in the order of the file.
        pinned: those of an exact version.
        runtimes: what it runs on and is built with, where the file names a version.
    """

    direct: tuple[str, ...] = ()
    pinned: dict[str, str] = field(default_factory=dict)
    runtimes: dict[str, str] = field(default_factory=dict)


def _manifest(
    pairs: Iterable[tuple[object, object]],
    runtimes: Iterable[tuple[object, object]] = (),
    *,
    canonical: bool = False,
) -> Manifest:
    pairs = list(pairs)[:NAMES_MOST]
    clean = names.python if canonical else names.name
    direct = dict.fromkeys(filter(None, (clean(text) for text, _ in pairs)))
    return Manifest(tuple(direct), names.resolved(pairs, canonical=canonical), names.resolved(runtimes))


def requirements(text: str) -> Manifest:
    """requirements.txt: names, and versions pinned with `==`."""
    return _manifest(_required(text.splitlines()), canonical=True)


def _required(lines: Iterable[object]) -> list[tuple[object, object]]:
    found = (_REQUIREMENT.match(line) for line in lines if isinstance(line, str))
    return [(match[1], match[2]) for match in found if match]


def _pyproject(text: str) -> Manifest:
    document = tomllib.loads(text)
    project, tool = table(document.get("project")), table(document.get("tool"))
    poetry = table(tool.get("poetry"))
    optional = table(project.get("optional-dependencies")).values()
    groups = table(document.get("dependency-groups")).values()
    listed = chain(_list(project.get("dependencies")), *map(_list, optional), *map(_list, groups))
    of_poetry = [table(poetry.get("dependencies")), table(poetry.get("dev-dependencies"))]
    of_poetry += [table(table(group).get("dependencies")) for group in table(poetry.get("group")).values()]
    named = [(key, value) for each in of_poetry for key, value in each.items() if key != "python"]
    return _manifest([*_required(listed), *named], canonical=True)


def _pipfile(text: str) -> Manifest:
    document = tomllib.loads(text)
    listed = [*table(document.get("packages")), *table(document.get("dev-packages"))]
    runtimes = [("python", table(document.get("requires")).get("python_version"))]
    return _manifest([(key, None) for key in listed], runtimes, canonical=True)


def _package_json(text: str) -> Manifest:
    document = table(json.loads(text))
    listed = [
        pair
        for key in ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies")
        for pair in table(document.get(key)).items()
    ]
    manager, _, number = str(document.get("packageManager", "")).partition("@")
    engine = str(table(document.get("engines")).get("node", ""))
    return _manifest(listed, [(manager, number.partition("+")[0]), ("node", engine)])


def _cargo(text: str) -> Manifest:
    document = tomllib.loads(text)
    workspace = table(document.get("workspace"))
    tables = [
        document.get("dependencies"),
        document.get("dev-dependencies"),
        document.get("build-dependencies"),
    ]
    listed = [key for each in [*tables, workspace.get("dependencies")] for key in table(each)]
    return _manifest(
        [(key, None) for key in listed], [("rust", table(document.get("package")).get("rust-version"))]
    )


def _go_mod(text: str) -> Manifest:
    required = _GO_REQUIRE.findall(text)
    direct = [(path, number) for path, number, rest in required if "indirect" not in rest]
    found = _GO_VERSION.search(text)
    manifest = _manifest(direct, [("go", found[1])] if found else [])
    return Manifest(
        manifest.direct, names.resolved((path, number) for path, number, _ in required), manifest.runtimes
    )


def _composer(text: str) -> Manifest:
    document = table(json.loads(text))
    listed = [*table(document.get("require")).items(), *table(document.get("require-dev")).items()]
    return _manifest((key, value) for key, value in listed if "/" in key)


def _maven(text: str) -> Manifest:
    return _manifest((f"{group}:{artifact}", number) for group, artifact, number in _MAVEN.findall(text))


def _pubspec(text: str) -> Manifest:
    sections = "".join(_PUBSPEC_SECTION.findall(text + "\n"))
    return _manifest((key, None) for key in _PUBSPEC_NAME.findall(sections))


def _pairs(pattern: re.Pattern[str]) -> Callable[[str], Manifest]:
    def read(text: str) -> Manifest:
        return _manifest(
            (found[1], found[2] if pattern.groups > 1 else None) for found in pattern.finditer(text)
        )

    return read


def _nothing(_: str) -> Manifest:
    return Manifest()


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


MANIFESTS: dict[str, tuple[str, Callable[[str], Manifest]]] = {
    # name of the file: its language, and what reads it
    "pyproject.toml": ("python", _pyproject),
    "requirements.txt": ("python", requirements),
    "requirements-dev.txt": ("python", requirements),
    "Pipfile": ("python", _pipfile),
    "setup.py": ("python", _nothing),
    "package.json": ("javascript", _package_json),
    "tsconfig.json": ("typescript", _nothing),
    "deno.json": ("typescript", _nothing),
    "Cargo.toml": ("rust", _cargo),
    "go.mod": ("go", _go_mod),
    "Gemfile": ("ruby", _pairs(_GEM)),
    "composer.json": ("php", _composer),
    "pom.xml": ("java", _maven),
    "build.gradle": ("java", _pairs(_GRADLE)),
    "build.gradle.kts": ("kotlin", _pairs(_GRADLE)),
    "mix.exs": ("elixir", _pairs(_MIX)),
    "pubspec.yaml": ("dart", _pubspec),
    "Package.swift": ("swift", _nothing),
    "CMakeLists.txt": ("cpp", _nothing),
}
SUFFIXES: dict[str, tuple[str, Callable[[str], Manifest]]] = {
    # the same for files that are named after the project
    ".csproj": ("csharp", _pairs(_NUGET)),
    ".fsproj": ("fsharp", _pairs(_NUGET)),
}
