"""What a screening rule is, and how a table of them is applied."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import NamedTuple

from commontrace_rules.screening import prefilter
from commontrace_rules.screening.prefilter import Sieve, compiled

__all__ = ["HELD", "REFUSED", "Hit", "Rule", "Table", "compiled"]

HELD = "held"
REFUSED = "refused"


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


class Table:
    """Rules that are tried together.

    Args:
        rules: in the order of their hits.
        sifted: whether what they need is looked for first; not worth it for single characters.
    """

    def __init__(self, rules: Iterable[Rule], *, sifted: bool = True) -> None:
        self._rules = tuple(rules)
        self._is_sifted = sifted

    @cached_property
    def _sieve(self) -> Sieve[int]:
        return Sieve({place: _marks(rule.marks) for place, rule in enumerate(self._rules)})

    def __iter__(self) -> Iterator[Rule]:
        return iter(self._rules)

    def applying(self, text: str) -> list[Rule]:
        """Return the rules that may match ``text``, in their order."""
        return [self._rules[place] for place in sorted(self._sieve.possible(text))]

    def found(self, text: str) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Yield the matches of each rule."""
        for rule in self.applying(text) if self._is_sifted else self._rules:
            pattern = rule.pattern
            matches = (
                prefilter.finditer(pattern, text) if self._is_sifted else compiled(pattern).finditer(text)
            )
            for match in matches:
                yield rule, match

    def matches(self, text: str) -> Iterator[Hit]:
        """Yield where rules match ``text``, which must be in lower case for rules over words."""
        for rule, match in self.found(text):
            yield Hit(rule.kind, rule.verdict, rule.reason, *match.span())
