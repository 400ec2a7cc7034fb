"""What an expression needs a text to contain: never so much that a match would be missed."""

import pytest

from commontrace_rules.screening import conduct, inspection, languages, persuasion, prefilter
from commontrace_rules.screening.rules import Index, Rule, Table, compiled
from support.hostile_traces import HONEST, hostile, trace

RULES = [
    rule
    for table in (*vars(inspection).values(), languages.OTHERS)
    if isinstance(table, Table)
    for rule in table
]
PATTERNS = sorted(
    {
        *(rule.pattern for rule in RULES),
        *persuasion.INGREDIENTS.values(),
        *conduct.INGREDIENTS.values(),
    }
)
TEXTS = [
    *(str(trace(payload)["solution_text"]).lower() for _, payload in hostile()),
    *(text.lower() for text in HONEST),
]


def test_what_is_tried_finds_all_that_there_is() -> None:
    """An expression of ours finds neither less nor more than on its own; each on every third text."""
    index = Index()
    tables = [Table((Rule("any", pattern, ""),), index) for pattern in PATTERNS]
    for number, text in enumerate(TEXTS):
        for pattern, table in list(zip(PATTERNS, tables, strict=True))[number % 3 :: 3]:
            found = [match.span() for _, match in table.found(text)]
            assert found == [match.span() for match in compiled(pattern).finditer(text)], (pattern, text)


@pytest.mark.parametrize(
    ("pattern", "groups"),
    [
        (r"\bsend\b[^\n]{0,30}(?:token|key)s?\b", [{"send"}, {"token", "key"}]),
        (r"(?:un)?guarded", [{"guarded"}]),
        (r"(?:do not|don't) tell", [{"do not tell", "don't tell"}]),
        (r"ab+c[xy]z", [{"cxz", "cyz"}]),
        (r"(?:ab){2,}", [{"ab"}]),
        (r"\w+ing\b", [{"ing"}]),
        (r"(?!not)(?<=a)now", [{"now"}]),
        (r"[a-z]+|word", []),
        (r"(?i)word", []),
        (r"(?:word)?", []),
    ],
)
def test_what_a_text_must_contain(pattern: str, groups: list[set[str]]) -> None:
    """Literal parts are found, with their alternatives; what may be absent or may be anything is not."""
    needed = prefilter.required(pattern)
    assert [{string for strings in group.values() for string in strings} for group in needed] == groups


@pytest.mark.parametrize(
    ("pattern", "parts"),
    [
        (r"a|b(?:c|d)|[|]\|", ["a", "b(?:c|d)", r"[|]\|"]),
        (r"(a)|b\1", [r"(a)|b\1"]),
        (r"(?i)a|b", [r"(?i)a|b"]),
        (r"[]|]|[^]|]", ["[]|]", "[^]|]"]),
    ],
)
def test_where_an_expression_is_split(pattern: str, parts: list[str]) -> None:
    """At bars that are neither in a group nor in a set; never where parts refer to each other."""
    assert prefilter.alternatives(pattern) == parts


def test_a_text_is_asked_at_once_what_it_may_match() -> None:
    """A sieve returns what it must, and what it can tell nothing about."""
    sieve = prefilter.Sieve(
        {name: prefilter.required(name) for name in ("alpha beta", "alpha.*gamma", "[a-z]")}
    )
    assert sieve.possible("an alpha beta") == {"alpha beta", "[a-z]"}
    assert sieve.possible("gamma, alpha") == {"alpha.*gamma", "[a-z]"}
    assert sieve.possible("") == {"[a-z]"}
