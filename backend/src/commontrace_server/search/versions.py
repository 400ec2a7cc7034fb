"""Whether the versions that a trace is about are the ones that the caller uses. Pure.

Ranges are read as their ecosystems write them and translated to what `packaging` compares: PEP 440
(`>=2,<3`, `~=1.4`), npm and Cargo (`^1.2`, `~1.2`, `1.x`, `>=1 <2 || >=3`, `1.2 - 1.4`), RubyGems (`~> 1.2`).
A bare `1.2` is Cargo's `^1.2` where a trace is about Rust, and else everything that begins so. What cannot be
read excludes nobody.
"""

import re
from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

_COMPARISON: Final = re.compile(r"(~>|~=|===?|!=|<=|>=|<|>|=|\^|~)?\s*v?(\d[\w.+*-]*|[*xX])")
_HYPHEN: Final = re.compile(r"^v?(\d\S*)\s+-\s+v?(\d\S*)$")
_ALTERNATIVES: Final = re.compile(r"\s*\|\|\s*")
_PARTS: Final = re.compile(r"\d+")
_SEPARATED: Final = re.compile(r"[\s,]*")
_NORMAL: Final = re.compile(r"[-_.]+")


class Fit(NamedTuple):
    """One package of a trace and what the caller has of it; `fits` is None when that cannot be told."""

    range: str
    version: str | None
    fits: bool | None


def fits(
    ranges: Mapping[str, str], versions: Mapping[str, str], languages: Collection[str] = ()
) -> dict[str, Fit]:
    """Compare a trace's version ranges with the caller's versions, package by package.

    Args:
        ranges: Package to the range that the trace is about.
        versions: Package to the version in use; packages that the trace does not name do not matter.
        languages: Of the trace.
    """
    have = {_normal(name): version for name, version in versions.items()}
    found = {name: have.get(_normal(name)) for name in ranges}
    bare = "^" if "rust" in languages else ""
    return {
        name: Fit(ranges[name], version, None if version is None else within(version, ranges[name], bare))
        for name, version in found.items()
    }


def within(version: str, wanted: str, bare: str = "") -> bool | None:
    """Whether a version lies in a range; None when either cannot be read.

    Args:
        version: As its ecosystem writes it.
        wanted: The same.
        bare: The operator of a version that stands without one.
    """
    known = _version(version)
    sets = [_specifiers(part, bare) for part in _ALTERNATIVES.split(wanted.strip())]
    if known is None or None in sets:
        return None
    return any(found.contains(known, prereleases=True) for found in sets if found is not None)


def _version(text: str) -> Version | None:
    """A version; of one that Python would not write, the release: "1.0.0-canary.3" is 1.0.0."""
    for candidate in (text, text.lstrip("v").split("-")[0].split("+")[0]):
        try:
            return Version(candidate)
        except InvalidVersion:
            continue
    return None


def _specifiers(text: str, bare: str) -> SpecifierSet | None:
    """One alternative of a range; None when it cannot be read."""
    if between := _HYPHEN.match(text):
        text = f">={between[1]} <={between[2]}"
    clauses, end = [], 0
    for comparison in _COMPARISON.finditer(text):
        if not _SEPARATED.fullmatch(text, end, comparison.start()):
            return None
        clauses.append(_clause(comparison[1] or bare, comparison[2]))
        end = comparison.end()
    if not _SEPARATED.fullmatch(text, end):
        return None
    try:
        return SpecifierSet(",".join(clause for clause in clauses if clause))
    except InvalidSpecifier:
        return None


def _clause(operator: str, version: str) -> str:
    """A comparison as PEP 440 writes it; "" for one that everything passes."""
    if version[0] in "*xX":
        return ""
    if operator in _UPPER:
        numbers = [int(number) for number in _PARTS.findall(re.split(r"[-+]|\.[xX*]", version)[0])]
        return f">={'.'.join(map(str, numbers))},<{_UPPER[operator](numbers)}"
    return f"{'==' if operator == '=' else operator}{version}"


def _caret(numbers: list[int]) -> str:
    """The next version that changes the first number that is not 0: 2 for 1.4.2, 0.5 for 0.4.2."""
    place = next((index for index, number in enumerate(numbers) if number), len(numbers) - 1)
    return _raised(numbers, place)


def _tilde(numbers: list[int]) -> str:
    return _raised(numbers, min(1, len(numbers) - 1))


def _pessimistic(numbers: list[int]) -> str:
    """RubyGems: all but the last number stay."""
    return _raised(numbers, max(0, len(numbers) - 2))


def _prefix(numbers: list[int]) -> str:
    """A bare version: everything that begins with it, as 1.2.x does."""
    return _raised(numbers, len(numbers) - 1)


def _raised(numbers: list[int], place: int) -> str:
    return ".".join(map(str, [*numbers[:place], numbers[place] + 1]))


_UPPER: Final[Mapping[str, Callable[[list[int]], str]]] = {
    "^": _caret,
    "~": _tilde,
    "~>": _pessimistic,
    "": _prefix,
}


def _normal(name: str) -> str:
    return _NORMAL.sub("-", name).lower()
