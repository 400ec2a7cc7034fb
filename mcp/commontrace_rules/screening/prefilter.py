"""Which expressions are worth trying: what a text must contain for one of them to match, found in the expression itself.

A rule is often a dozen alternatives, of which a text can match none. Each alternative is taken apart once into strings of
which any match contains one (as in Russ Cox, "Regular Expression Matching with a Trigram Index"); it is only compiled and
tried where they are there.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache, lru_cache
from importlib import import_module
from itertools import chain
from sys import byteorder
from typing import Any, Final, Generic, Literal, NamedTuple, TypeVar

# The parser of re is no part of its documented interface; a test says if it has gone.
_constants: Final[Any] = import_module("re._constants")
_parser: Final[Any] = import_module("re._parser")
_SIZES: Final[Mapping[int, Literal["I", "H", "B"]]] = {
    4: "I",
    2: "H",
    1: "B",
}  # bytes of a piece, read as a number
_SIGNS: Final = bytes(code for code in range(128) if not chr(code).isalnum())
_MOST_STRINGS: Final = 200  # of one requirement
_MOST_PRODUCTS: Final = 24  # strings that parts in a row make; more of them tell hardly more than the parts
_SHORTEST: Final = 2  # a single letter is in every text
_MOST_MEMBERS: Final = 4  # of a set of characters that is spelt out
_REPEATS: Final = (_constants.MAX_REPEAT, _constants.MIN_REPEAT, _constants.POSSESSIVE_REPEAT)
_FIRST_MEMBER: Final = re.compile(r"\^?\]?")  # a bracket that comes first is a member
_UNNAMED: Final = re.compile(r"\(\?(?:[:=!>]|<[=!])")

Key = TypeVar("Key")

Group = Mapping[int, tuple[str, ...]]
"""Strings by their most telling piece."""
Requirement = tuple[Group, ...]
"""A text that matches contains a string of each group."""


class Pieces:
    """The short runs of bytes that a text is made of: what it lacks of them, no longer string of it can have.

    Attributes:
        text: the text.
        numbers: every run of one, two and four bytes, read as one number.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.numbers: set[int] = set()
        data = memoryview(text.encode("utf-8", "surrogatepass"))
        for size, code in _SIZES.items():
            for start in range(min(size, len(data))):
                end = start + (len(data) - start) // size * size
                self.numbers.update(data[start:end].cast(code))

    def has_one(self, group: Group) -> bool:
        """Tell whether the text has one of these strings."""
        text = self.text
        for piece in group.keys() & self.numbers:  # plain loops: this runs for every alternative and text
            for string in group[piece]:
                if string in text:
                    return True
        return False

    def meet(self, requirement: Requirement) -> bool:
        """Tell whether the text may match what has this requirement."""
        return all(map(self.has_one, requirement))


pieces = lru_cache(maxsize=2)(Pieces)
"""The pieces of a text: several tables ask for the same ones."""


def _piece(string: str) -> int:
    """Return the most telling of a string's longest pieces: the one with the most letters and digits."""
    data = string.encode()
    size = next(size for size in _SIZES if size <= len(data))
    runs = (data[start : start + size] for start in range(len(data) - size + 1))
    return int.from_bytes(max(runs, key=_letters), byteorder)


def _letters(run: bytes) -> int:
    return len(run.translate(None, _SIGNS))


class Sieve(Generic[Key]):
    """Many expressions, of which a text is asked at once which it may match.

    Args:
        requirements: of each expression, under the name that it is asked for by.
    """

    def __init__(self, requirements: Mapping[Key, Requirement]) -> None:
        self._always: set[Key] = set()
        self._strings: dict[int, list[str]] = {}
        self._keys: dict[str, list[Key]] = {}  # under each string of their most telling group
        self._others: dict[Key, Requirement] = {}
        for key, requirement in requirements.items():
            self.add(key, requirement)

    def add(self, key: Key, requirement: Requirement) -> None:
        """Add an expression."""
        if not requirement:
            self._always.add(key)
            return
        telling, *others = requirement
        self._others[key] = tuple(others)
        for piece, strings in telling.items():
            for string in strings:
                if string not in self._keys:
                    self._strings.setdefault(piece, []).append(string)
                self._keys.setdefault(string, []).append(key)

    def remove(self, key: Key, requirement: Requirement) -> None:
        """Take an expression out again, with the requirement that it was added with."""
        if not requirement:
            self._always.remove(key)
            return
        del self._others[key]
        for string in chain.from_iterable(requirement[0].values()):
            self._keys[string].remove(key)

    def possible(self, text: str) -> set[Key]:
        """Return the names of the expressions that may match ``text``."""
        known = pieces(text)
        candidates: set[Key] = set()
        for piece in self._strings.keys() & known.numbers:  # plain loops: this runs for every text
            for string in self._strings[piece]:
                if string in text:
                    candidates.update(self._keys[string])
        found = set(self._always)
        for key in candidates:
            others = self._others[key]
            if not others or known.meet(others):
                found.add(key)
        return found


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile ``pattern`` when it is first needed: importing the rules stays cheap."""
    return re.compile(pattern)


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


def required(pattern: str) -> Requirement:
    """Return what a text must contain for ``pattern`` to match it; empty where nothing is certain."""
    parsed = _parser.parse(pattern)
    if parsed.state.flags & re.IGNORECASE:
        return ()
    exact, needed = _sequence(parsed)
    return pieced(needed if exact is None else _usable(exact))


def pieced(groups: Iterable[frozenset[str]]) -> Requirement:
    """Return groups of strings, of each of which a text must contain one, as a requirement: the most telling first."""
    return most_telling_first(map(_by_piece, groups))


def most_telling_first(groups: Iterable[Group]) -> Requirement:
    """Return the groups in the order in which they are looked for."""
    return tuple(sorted(groups, key=_length, reverse=True))


def _length(group: Group) -> tuple[int, int]:
    return _telling([*chain.from_iterable(group.values())])


def _by_piece(strings: Iterable[str]) -> Group:
    found: dict[int, tuple[str, ...]] = {}
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
