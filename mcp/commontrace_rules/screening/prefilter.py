"""Which expressions are worth trying: what a text must contain for one of them to match, found in the expression itself.

A rule is often a dozen alternatives, of which a text can match none. Each alternative is taken apart once into strings of
which any match contains one (as in Russ Cox, "Regular Expression Matching with a Trigram Index"); it is only compiled and
tried where they are there.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from functools import cache, lru_cache
from importlib import import_module
from re import Match
from typing import Any, Final, Generic, NamedTuple, TypeVar

# The parser of re is no part of its documented interface; a test says if it has gone.
_constants: Final[Any] = import_module("re._constants")
_parser: Final[Any] = import_module("re._parser")
_LENGTHS: Final = (5, 3, 2, 1)  # of pieces
_MOST_STRINGS: Final = 200  # of one requirement
_MOST_PRODUCTS: Final = 24  # strings that parts in a row make; more of them tell hardly more than the parts
_SHORTEST: Final = 2  # a single letter is in every text
_MOST_MEMBERS: Final = 4  # of a set of characters that is spelt out
_REPEATS: Final = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_FIRST_MEMBER: Final = re.compile(r"\^?\]?")  # a bracket that comes first is a member
_UNNAMED: Final = re.compile(r"\(\?(?:[:=!>]|<[=!])")

Key = TypeVar("Key")

Requirement = tuple[Mapping[str, tuple[str, ...]], ...]
"""Strings by their most telling piece: a text that matches contains one of each group."""


class Pieces:
    """The short strings that a text is made of: what it lacks of them, no longer string of it can have."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._pieces = {piece for length in _LENGTHS for piece in _runs(text, length)}

    def among(self, strings: Set[str]) -> Set[str]:
        """Return those of the pieces ``strings`` that the text has."""
        return strings & self._pieces

    def meet(self, requirement: Requirement) -> bool:
        """Tell whether the text may match what has this requirement."""
        pieces, text = self._pieces, self._text
        for strings in requirement:  # plain loops: this runs for every alternative and text
            if strings.keys().isdisjoint(pieces):
                return False
            for piece in strings.keys() & pieces:
                if any(string in text for string in strings[piece]):
                    break
            else:
                return False
        return True


pieces = lru_cache(maxsize=2)(Pieces)
"""The pieces of a text: several tables ask for the same ones."""


def _runs(text: str, length: int) -> Iterator[str]:
    """Every run of so many characters."""
    return map("".join, zip(*(text[start:] for start in range(length)), strict=False))


def _piece(string: str) -> str:
    """Return the most telling of a string's pieces of one, two, three or five characters."""
    length = next(length for length in _LENGTHS if length <= len(string))
    return max(_runs(string, length), key=lambda window: sum(map(str.isalnum, window)))


class Sieve(Generic[Key]):
    """Many expressions, of which a text is asked at once which it may match.

    Args:
        requirements: of each expression, under the name that it is asked for by.
    """

    def __init__(self, requirements: Mapping[Key, Requirement]) -> None:
        self._requirements = requirements
        self._always = {key for key, requirement in requirements.items() if not requirement}
        self._keys: dict[str, list[Key]] = {}
        for key, requirement in requirements.items():
            for piece in max(requirement, key=_telling, default=()):
                self._keys.setdefault(piece, []).append(key)

    def possible(self, text: str) -> set[Key]:
        """Return the names of the expressions that may match ``text``."""
        known, found = pieces(text), set(self._always)
        for piece in known.among(self._keys.keys()):
            for key in self._keys[piece]:
                if key not in found and known.meet(self._requirements[key]):
                    found.add(key)
        return found


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile ``pattern`` when it is first needed: importing the rules stays cheap."""
    return re.compile(pattern)


def finditer(pattern: str, text: str) -> Iterator[Match[str]]:
    """Yield what ``re.finditer`` would, trying only the alternatives that ``text`` can match."""
    possible = _possible(pattern, text)
    if len(possible) == 1:
        yield from compiled(possible[0]).finditer(text)
        return
    matches = [match for alternative in possible for match in compiled(alternative).finditer(text)]
    end = -1
    matches.sort(key=Match[str].start)  # stable: of two at one place the first alternative's comes first
    for match in matches:
        if match.start() >= end:
            yield match
            end = match.end()


def _possible(pattern: str, text: str) -> list[str]:
    known = pieces(text)
    return [alternative for alternative, requirement in _parts(pattern) if known.meet(requirement)]


@cache
def _parts(pattern: str) -> tuple[tuple[str, Requirement], ...]:
    return tuple((alternative, required(alternative)) for alternative in alternatives(pattern))


def alternatives(pattern: str) -> list[str]:
    """Split ``pattern`` at its outermost bars; one with groups or flags of its own stays whole, as others refer to them."""
    parts, depth, start, index, in_set = [], 0, 0, 0, False
    while index < len(pattern):
        character = pattern[index]
        if character == "\\":
            index += 1
        elif in_set:
            in_set = character != "]"
        elif character == "[":
            in_set = True
            index += len(_FIRST_MEMBER.match(pattern, index + 1)[0])  # type: ignore[index] # it may be empty
        elif character == "(":
            depth += 1
            if not _UNNAMED.match(pattern, index):
                return [pattern]
        elif character == ")":
            depth -= 1
        elif character == "|" and depth == 0:
            parts.append(pattern[start:index])
            start = index + 1
        index += 1
    return [*parts, pattern[start:]]


@cache
def required(pattern: str) -> Requirement:
    """Return what a text must contain for ``pattern`` to match it; empty where nothing is certain."""
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return ()
    exact, needed = _sequence(parsed)
    return pieced(needed if exact is None else _usable(exact))


def pieced(groups: Iterable[frozenset[str]]) -> Requirement:
    """Return groups of strings, of each of which a text must contain one, as a requirement."""
    return tuple(map(_by_piece, groups))


def _by_piece(strings: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for string in strings:
        piece = _piece(string)
        found[piece] = (*found.get(piece, ()), string)
    return found


class _Known(NamedTuple):
    """What is known of a part of an expression.

    Attributes:
        exact: all that it can match, where that is little; else None.
        needed: of which any text that it matches contains one each.
    """

    exact: frozenset[str] | None
    needed: list[frozenset[str]]


_NOTHING: Final = _Known(None, [])
_EMPTY: Final = _Known(frozenset(("",)), [])


def _sequence(items: Iterable[tuple[Any, Any]]) -> _Known:
    """What is known of parts that follow each other: what is exact in a row is one string."""
    needed: list[frozenset[str]] = []
    row, whole, letters = [""], True, ""
    for kind, argument in items:
        if kind is _constants.LITERAL:  # most parts are; the row is only spelt out at their end
            letters += chr(argument)
            continue
        row, letters = [left + letters for left in row], ""
        part = _part(kind, argument)
        if part.exact is not None and len(row) * len(part.exact) <= _MOST_PRODUCTS:
            row = [left + right for left in row for right in part.exact]
            continue
        whole = False
        needed += [*_usable(row), *part.needed]
        row = [""] if part.exact is None else [*part.exact]
    row = [left + letters for left in row]
    return _Known(frozenset(row), []) if whole else _Known(None, [*needed, *_usable(row)])


def _part(kind: Any, argument: Any) -> _Known:
    if kind in (_constants.AT, _constants.ASSERT, _constants.ASSERT_NOT):
        return _EMPTY
    if kind is _constants.SUBPATTERN:
        _, added, _, items = argument
        return _NOTHING if added & re.IGNORECASE else _sequence(items)
    if kind in _REPEATS:
        return _repeated(*argument)
    known = _KNOWN.get(kind)
    return known(argument) if known else _NOTHING


def _members(members: list[tuple[Any, Any]]) -> _Known:
    if len(members) <= _MOST_MEMBERS and all(kind is _constants.LITERAL for kind, _ in members):
        return _Known(frozenset(chr(code) for _, code in members), [])
    return _NOTHING


def _branches(argument: tuple[None, list[Any]]) -> _Known:
    exact: set[str] = set()
    needed: set[str] = set()
    whole = True
    for branch in map(_sequence, argument[1]):
        best = max(
            branch.needed if branch.exact is None else _usable(branch.exact), key=_telling, default=None
        )
        whole = whole and branch.exact is not None
        exact |= branch.exact or frozenset()
        needed |= best or frozenset(("",))
    if whole and len(exact) <= _MOST_STRINGS:
        return _Known(frozenset(exact), [])
    return _Known(None, _usable(frozenset(needed)))


_KNOWN: Final[Mapping[Any, Callable[[Any], _Known]]] = {
    _constants.IN: _members,
    _constants.ATOMIC_GROUP: _sequence,
    _constants.BRANCH: _branches,
}


def _repeated(least: int, most: int, items: Any) -> _Known:
    inner = _sequence(items)
    if least == 0:
        optional = most == 1 and inner.exact is not None
        return _Known(inner.exact | {""}, []) if optional else _NOTHING  # type: ignore[operator] # mypy loses it
    if inner.exact is None:
        return inner
    return inner if most == 1 else _Known(None, _usable(inner.exact))


def _usable(strings: Collection[str]) -> list[frozenset[str]]:
    """The strings as a requirement, without those that contain another; nothing where they tell too little."""
    if min(map(len, strings)) < _SHORTEST:
        return []
    kept: list[str] = []
    for string in sorted(strings, key=len):
        if not any(shorter in string for shorter in kept):
            kept.append(string)
    return [frozenset(kept)] if len(kept) <= _MOST_STRINGS else []


def _telling(strings: Collection[str]) -> tuple[int, int]:
    return min(map(len, strings)), -len(strings)
