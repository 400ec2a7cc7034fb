"""Names and versions of packages: which texts are one, and which names mean the same package."""

import re
from collections.abc import Iterable, Mapping

ENTRIES_MOST = 20_000
"""Packages of one lock file that are kept."""
_NAME = re.compile(r"@?[A-Za-z0-9_][A-Za-z0-9._/:-]{0,99}")
_VERSION = re.compile(r"v?(\d[\w.+!~-]{0,48})", re.ASCII)
_SEPARATORS = re.compile(r"[-_.]+")
_MAJOR = re.compile(r"v\d+")


def name(text: object) -> str | None:
    """The name of a package in lower case, or None: what a shell could understand is no name."""
    return text.lower() if isinstance(text, str) and _NAME.fullmatch(text) else None


def version(text: object) -> str | None:
    """A resolved version without a leading v, or None for ranges and anything else."""
    found = _VERSION.fullmatch(text.strip()) if isinstance(text, str) else None
    return found[1] if found else None


def python(text: object) -> str | None:
    """The name of a Python package in its canonical form (PEP 503)."""
    plain = name(text)
    return _SEPARATORS.sub("-", plain) if plain else None


def resolved(pairs: Iterable[tuple[object, object]], *, canonical: bool = False) -> dict[str, str]:
    """Names with versions; the first version of a name counts, and what is neither is left out."""
    found: dict[str, str] = {}
    for text, number in pairs:
        known, exact = (python if canonical else name)(text), version(number)
        if known and exact:
            found.setdefault(known, exact)
        if len(found) >= ENTRIES_MOST:
            break
    return found


def short(full: str) -> str:
    """What people call a package: the last part of a path that is not a version."""
    if full.startswith("@"):
        return full
    parts = [part for part in re.split(r"[/:]", full) if part and not _MAJOR.fullmatch(part)]
    return parts[-1] if parts else full


def table(value: object) -> Mapping[str, object]:
    """A JSON or TOML table, empty where there is something else."""
    return value if isinstance(value, Mapping) else {}
