"""What a screening rule is, and how a table of them is applied."""

import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property
from typing import NamedTuple

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
def compiled(pattern: str) -> re.Pattern[str]:
    """Compile ``pattern`` when it is first needed: importing the rules stays cheap."""
    return re.compile(pattern)


@cache
def _groups(marks: str) -> tuple[tuple[str, ...], ...]:
    return (
        tuple(tuple(filter(None, group.split("|"))) or ("|",) for group in marks.split("&")) if marks else ()
    )


def applies(rule: Rule, text: str) -> bool:
    """Tell whether ``text`` contains what ``rule`` cannot match without."""
    for group in _groups(rule.marks):
        for mark in group:  # plain loops: this runs for every rule and text
            if mark in text:
                break
        else:
            return False
    return True


class Table:
    """Rules that are tried together: each of their marks is looked for once, whatever the number of rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)

    @cached_property
    def _marked(self) -> dict[str, list[int]]:
        """The first marks of the rules, with the places of the rules that have them."""
        marked: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            for mark in (*_groups(rule.marks), ("",))[0]:
                marked.setdefault(mark, []).append(place)
        return marked

    def applying(self, text: str) -> list[Rule]:
        """Return the rules that may match ``text``, in their order."""
        places = {place for mark, marked in self._marked.items() if mark in text for place in marked}
        return [rule for rule in map(self._rules.__getitem__, sorted(places)) if applies(rule, text)]

    def found(self, text: str) -> Iterator[tuple[Rule, re.Match[str]]]:
        """Yield the matches of each rule."""
        for rule in self.applying(text):
            for match in compiled(rule.pattern).finditer(text):
                yield rule, match

    def matches(self, text: str) -> Iterator[Hit]:
        """Yield where rules match ``text``, which must be in lower case for rules over words."""
        for rule, match in self.found(text):
            yield Hit(rule.kind, rule.verdict, rule.reason, *match.span())
