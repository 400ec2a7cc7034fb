"""Names of packages that are one slip away from a famous one, or a famous one with a promise attached."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from pathlib import Path

from commontrace_rules.screening.rules import HELD, Hit, compiled

_INSTALL = (
    r"\b(?:pip3?|pipx|uv(?: pip)?|poetry|pdm|conda|mamba|npm|pnpm|yarn|bun|gem|cargo"
    r"|composer)\b\s{1,3}(?:install|add|i|require|global add|tool install)((?:[ \t]{1,3}[^\s;&"
    r"|`\"'<>()]{1,80}){1,12})"
)
_IMAGE = (
    r"\b(?:docker|podman|nerdctl) (?:pull|run)((?:[ \t]{1,3}[^\s;&|<>()]{1,80}){1,10})"
    r"|(?:\bimage(?::[ \t]{1,3}[\"']?|[ \t][`\"'])|(?:^|\n)[ \t]{0,8}from (?=[^\s:@]{3,80}(?::[\w.]|@sha)))([a-z0-9./-]{3,80})(?=[\s:@`\"')]|$)"
)
_MODULE = r"\bgithub\.com/([a-z0-9-]{2,40}/[a-z0-9_.-]{2,40})(?=[\s@\"'`)/]|$)"
_ACTION = r"\buses:?[ \t]{1,3}[`\"']?([a-z0-9-]{2,40}/[a-z0-9_.-]{2,40})(?:/[\w./-]{1,60})?@"
_NAME = r"[`\"']?([a-z][a-z0-9_.-]{3,40})[`\"']?"
_SWAPPED = rf"\b(?:replace|swap|change|rename)\s{_NAME}\s(?:by|with|to|for)\s(?:the package )?{_NAME}|\buse\s{_NAME}\s(?:instead of|rather than|in place of)\s{_NAME}"
_LISTED = rf"\badd\s{_NAME}(?:[=<>~^@][^\s`\"']{{1,20}})?[`\"']?\s(?:to|into|in|under)\s(?:your |the )?[`\"']?(?:requirements|package\.json|pyproject|dependencies|devdependencies|gemfile|cargo\.toml|environment\.ya?ml|install_requires)"
_PROMISE = (
    r"[-_.]?(?:fix(?:ed|es)?|patch(?:ed)?|hot-?fix|latest|official|secure|safe|updated?|repaired|working)$"
)
_LANGUAGE = (
    r"^(?:python3?|py|node|js|go|rust|ruby)[-_.]|[-_.](?:python3?|py|node|js|api|sdk|client|lib|core)$"
)
_REASON = "a package name one slip away from a famous one"

_VENDORS = {
    "guzzle": "guzzlehttp",
    "framework": "laravel",
    "console": "symfony",
    "monolog": "monolog",
    "phpunit": "phpunit",
}
_PROSE = frozenset(
    "fails failed in the for with to and on is does or from into works again hangs breaks gives without".split()
)
"""After a name, or instead of one: the text speaks about the command."""
_SCOPES = frozenset(
    "types babel angular vue nestjs testing-library aws-sdk azure google-cloud storybook mui".split()
)


@cache
def _names() -> dict[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for line in Path(__file__).with_name("package_names.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            table[line.strip("[]")] = chapter = set()
        elif not line.startswith("#"):
            chapter.update(line.split())
    return {name: frozenset(words) for name, words in table.items()}


def typosquats(text: str) -> Iterator[Hit]:
    """Yield installed names that are one slip away from a famous package, in lower-case ``text``."""
    for match in compiled(_MODULE).finditer(text):
        if _is_squat(match[1]):
            yield Hit("typosquat", HELD, "a module path one slip away from a famous one", *match.span())
    yield from _actions(text)
    for match in compiled(_SWAPPED).finditer(text):
        if _is_swap(match[1] or match[4], match[2] or match[3]):
            yield Hit("typosquat", HELD, "swaps a famous package for a look-alike", *match.span())
    for match, names in _asked_for(text):
        if any(map(_is_squat, names)):
            yield Hit("typosquat", HELD, _REASON, *match.span())
    for match in compiled(_IMAGE).finditer(text):
        if any(map(_is_image_squat, (match[1] or match[2]).split())):
            yield Hit("typosquat", HELD, "an image's name one slip away from a famous one", *match.span())


def _actions(text: str) -> Iterator[Hit]:
    """Yield steps of a workflow that use an action with nearly a famous one's name."""
    for match in compiled(_ACTION).finditer(text):
        known = _names()["actions"]
        if match[1] not in known and any(_one_slip(match[1], genuine) for genuine in known):
            yield Hit("typosquat", HELD, "an action's name one slip away from a famous one", *match.span())


def _asked_for(text: str) -> Iterator[tuple[re.Match[str], Iterable[str]]]:
    """Yield each order to install or to list packages, with their names."""
    for match in compiled(_INSTALL).finditer(text):
        yield match, _installed(match[1])
    for match in compiled(_LISTED).finditer(text):
        yield match, (match[1],)


def _installed(arguments: str) -> Iterator[str]:
    """Yield the names among the arguments of an installer, without their versions."""
    for word in arguments.split():
        if word.endswith(":") or word.startswith(":") or word in _PROSE:
            return  # a sentence about the command, as in "pip install fails:"
        alias = word.partition("@npm:")[2]  # `react@npm:other@1.0` installs the other one
        for name in filter(None, (word, alias)):
            yield re.split(r"[=<>~!\[;,]|(?<!^)@", name)[0].rstrip(".,:)")


def _is_swap(genuine: str, other: str) -> bool:
    """Tell whether ``other`` is nearly a famous name, with `-py` and the like after it or not (`colourama-py`)."""
    bare = compiled(_LANGUAGE).sub("", other)
    return (
        genuine in _names()["famous"]
        and genuine not in (other, bare)
        and (other in _names()["squats"] or _one_slip(other, genuine) or _one_slip(bare, genuine))
    )


def _is_image_squat(word: str) -> bool:
    """Tell whether an image of the usual registry, with its owner and version, is nearly a famous one."""
    images = _names()["images"]
    parts = re.split(r"[:@]", word.strip("`\"'").removeprefix("docker.io/"))[0].split("/")
    return len(parts) < 3 and any(
        part not in images and any(_one_slip(part, known) for known in images) for part in parts
    )


def _is_known(name: str) -> bool:
    return name in _names()["famous"] or name in _names()["genuine"]


@lru_cache(maxsize=2048)
def _is_squat(name: str) -> bool:
    famous = _names()["famous"]
    if name.startswith("@"):
        return _is_scoped_squat(name)
    if name.startswith(("-", ".", "/", "http", "$", "git+")) or _is_known(name):
        return False
    vendor, _, package = name.partition("/")
    return (
        name in _names()["squats"]
        or (vendor in _VENDORS.values() and any(_one_slip(package, known) for known in _VENDORS))
        or (package in _VENDORS and vendor != _VENDORS[package] and _one_slip(vendor, _VENDORS[package]))
        or _is_promised(name)
        or (name[-1:].isdigit() and len(name) > 5 and name[:-1] in famous)
        or _resembles(name)
        or _is_squat_for(name)
        or any(_is_mistyped(part) for part in name.split("-"))
        or ("." in name and name.partition(".")[0] in _names()["squats"])
        or ("_" in name and _is_squat(name.replace("_", "-")))
    )


def _is_squat_for(name: str) -> bool:
    """Tell whether a name with a language before or after it is nearly a famous one (`python-requestes`)."""
    bare = compiled(_LANGUAGE).sub("", name)
    return bare != name and "/" not in name and len(bare) > 5 and not _is_known(bare) and _resembles(bare)


def _is_scoped_squat(name: str) -> bool:
    """Tell whether a scope, or a package in a known one, is one slip away (`@bable/core`, `@types-node/react`)."""
    scope, _, rest = name[1:].partition("/")
    if scope in _SCOPES:
        return _is_squat(rest)
    return (
        scope.partition("-")[0] in _SCOPES
        or any(_one_slip(scope, known) for known in _SCOPES if len(known) > 3)
        or any(_resembles(part) for part in scope.split("-") if not _is_known(part))
        or _is_squat(rest)
    )


def _is_promised(name: str) -> bool:
    """Tell whether a famous name, or nearly one, comes with a promise (`requests-fix`, `python-requests-patched`)."""
    bare = compiled(_PROMISE).sub("", compiled(_PROMISE).sub("", name))
    if bare == name or not bare:
        return False
    plain = compiled(_LANGUAGE).sub("", bare)
    if any(known in _names()["famous"] or _resembles(known) for known in (bare, plain)):
        return True
    parts = sorted(bare.split("-"))
    return len(parts) > 1 and any(
        parts == sorted(known.split("-")) for known in _names()["famous"] | _names()["genuine"]
    )


def _resembles(name: str) -> bool:
    flat = re.sub(r"[-_.]", "", name)
    if len(flat) < 4:
        return False
    return any(
        known.replace("_", "-") != name.replace("_", "-")
        and re.sub(r"[-_.]", "", known) == flat
        and len(flat) > 7
        and "-" not in known
        for known in _candidates(flat)
    ) or any(_one_slip(name, known) for known in _candidates(name))


def _is_mistyped(part: str) -> bool:
    """Tell whether a part of a compound name is known to be wrong, or a famous one with a letter doubled (`webpackk-cli`)."""
    if part in _names()["squats"]:
        return True
    if len(part) < 6 or _is_known(part):
        return False
    return any(
        part[:index] + part[index + 1 :] in _names()["famous"]
        for index in range(1, len(part))
        if part[index] == part[index - 1]
    )


def _candidates(name: str) -> Iterator[str]:
    return (
        known
        for known in _names()["famous"]
        if abs(len(known) - len(name)) <= 2
        and (len(known) >= 5 or (len(known) == 4 and _undoubled(known) == _undoubled(name)))
        and (known[0] == name[0] or known[1:] == name[1:] or known[1] == name[0])
    )


def _one_slip(name: str, known: str) -> bool:
    """Tell whether one inserted, dropped, doubled, swapped or look-alike letter makes ``name`` of ``known``."""
    name, known = name.replace("_", "-"), known.replace("_", "-")
    if len(name) == len(known):
        differing = [index for index in range(len(name)) if name[index] != known[index]]
        if len(differing) == 1:
            return len(name) > 8 or not (name[differing[0]].isdigit() and known[differing[0]].isdigit())
        swapped = (
            len(differing) == 2
            and differing[1] - differing[0] == 1
            and name[differing[0]] == known[differing[1]]
            and name[differing[1]] == known[differing[0]]
        )
        return swapped or (name != known and _undoubled(name) == _undoubled(known))
    longer, shorter = (name, known) if len(name) > len(known) else (known, name)
    if len(longer) - len(shorter) != 1 or (longer[-1].isdigit() and longer[:-1] == shorter):
        return False
    return any(longer[:index] + longer[index + 1 :] == shorter for index in range(len(longer)))


def _undoubled(name: str) -> str:
    """Return ``name`` with every doubled letter once: the wrong one is easily doubled (`gorrila`)."""
    return re.sub(r"(.)\1", r"\1", name)
