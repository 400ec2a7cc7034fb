"""What a screening rule is, and how a table of them is applied."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from threading import Lock
from typing import Final, NamedTuple

from commontrace_rules.screening import prefilter
from commontrace_rules.screening.prefilter import Sieve, compiled

__all__ = ["HELD", "INDEX", "REFUSED", "SENTENCE", "Hit", "Index", "Rule", "Table", "compiled"]

HELD = "held"
REFUSED = "refused"
SENTENCE = r"[ \t]*\|[^|\n]{2,600}(?=\|)|[^\n.!?]{3,600}(?:[.!?](?=\S)[^\n.!?]{1,200}){0,12}[.!?]?"
"""A sentence, or the cell of a table."""
_WHOLE: Final = -1
_MOST_REMEMBERED: Final = 2  # readings of one text


class Rule(NamedTuple):
    """One thing that a trace must not contain.

    Attributes:
        kind: what it is, stable: people filter by it.
        pattern: a regular expression over lower-case text, with every repetition bounded.
        reason: one line that says why it is harmful.
        marks: strings of which the text must contain at least one for the rule to be tried, separated by ``|``; several
            such groups, separated by ``&``, must all be met. They keep screening fast, and say nothing new.
        verdict: ``refused`` for what no honest trace contains, ``held`` for what a person should look at.
    """

    kind: str
    pattern: str
    reason: str
    verdict: str = HELD
    marks: str = ""


class Hit(NamedTuple):
    """A rule that matched, and where."""

    kind: str
    verdict: str
    reason: str
    start: int
    end: int


@cache
def _marks(marks: str) -> prefilter.Requirement:
    if not marks:
        return ()
    return prefilter.pieced(
        frozenset(filter(None, group.split("|"))) or frozenset("|") for group in marks.split("&")
    )


class _Part(NamedTuple):
    """An alternative of a rule, or the whole rule as long as it has not been taken apart."""

    table: int
    rule: int
    number: int
    pattern: str


def _holds(marks: str, text: str) -> bool:
    return all(any(mark in text for mark in group.split("|")) for group in marks.split("&"))


class Index:
    """Tables of rules, of which a text is asked at once what it may match.

    A rule is first known by its marks. Once a text has these, its expression is taken apart, and each alternative is
    known by what itself needs.
    """

    def __init__(self) -> None:
        self._tables: list[Sequence[Rule]] = []
        self._sieve: Sieve[_Part] = Sieve({})
        self._sifted = 0  # tables that are in the sieve
        self._lock = Lock()
        self.possible = lru_cache(maxsize=_MOST_REMEMBERED)(self._possible)

    def add(self, rules: Sequence[Rule]) -> int:
        """Add a table and return its number."""
        self._tables.append(rules)
        return len(self._tables) - 1

    def _possible(self, text: str) -> Mapping[int, Mapping[int, Sequence[str]]]:
        """Return the expressions that ``text`` may match by the numbers of their tables and the places of their rules."""
        with self._lock:
            self._sift()
            parts = self._sieve.possible(text)
            whole = [part for part in parts if part.number == _WHOLE]
            if whole:
                for part in whole:
                    self._take_apart(part)
                parts = self._sieve.possible(text)
        found: dict[int, dict[int, list[str]]] = {}
        for table, rule, _, pattern in sorted(parts):
            found.setdefault(table, {}).setdefault(rule, []).append(pattern)
        return found

    def _sift(self) -> None:
        while self._sifted < len(self._tables):
            for place, rule in enumerate(self._tables[self._sifted]):
                self._sieve.add(_Part(self._sifted, place, _WHOLE, rule.pattern), _marks(rule.marks))
            self._sifted += 1

    def _take_apart(self, whole: _Part) -> None:
        marks = _marks(self._tables[whole.table][whole.rule].marks)
        self._sieve.remove(whole, marks)
        for number, pattern in enumerate(prefilter.alternatives(whole.pattern)):
            needed = prefilter.most_telling_first((*marks, *prefilter.required(pattern)))
            self._sieve.add(whole._replace(number=number, pattern=pattern), needed)


def _finditer(possible: Sequence[str], text: str) -> Iterator[re.Match[str]]:
    """Yield what ``re.finditer`` would for an expression, of whose alternatives ``text`` can match these."""
    if len(possible) == 1:
        yield from compiled(possible[0]).finditer(text)
        return
    matches = [match for alternative in possible for match in compiled(alternative).finditer(text)]
    end = -1
    matches.sort(key=re.Match[str].start)  # stable: of two at one place the first alternative's comes first
    for match in matches:
        if match.start() >= end:
            yield match
            end = match.end()


class Table:
    """Rules that are tried together.

    Args:
        rules: in the order of their hits.
        index: where what they need is looked for first; None where their marks say it, as for single characters.
    """

    def __init__(self, rules: Iterable[Rule], index: Index | None) -> None:
        self._rules = tuple(rules)
        self._index = index
        self._number = -1 if index is None else index.add(self._rules)

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def applying(self, text: str) -> list[Rule]:
        """Return the rules that may match ``text``, in their order."""
        return [self._rules[place] for place in self._possible(text)]

    def found(self, text: str) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Yield the matches of each rule."""
        for place, possible in self._possible(text).items():
            for match in _finditer(possible, text):
                yield self._rules[place], match

    def matches(self, text: str) -> Iterable[Hit]:
        """Return where rules match ``text``, which must be in lower case for rules over words."""
        if not self._possible(text):  # as with most tables and texts
            return ()
        return (Hit(rule.kind, rule.verdict, rule.reason, *match.span()) for rule, match in self.found(text))

    def _possible(self, text: str) -> Mapping[int, Sequence[str]]:
        if self._index is None:
            return {
                place: (rule.pattern,)
                for place, rule in enumerate(self._rules)
                if not rule.marks or _holds(rule.marks, text)
            }
        return self._index.possible(text).get(self._number, {})


INDEX: Final = Index()
"""Of the tables over words, which are all asked about the same texts."""
