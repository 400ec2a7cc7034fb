"""From measurements to confidence: pure rules."""

from typing import Any
from uuid import UUID

import pytest

from commontrace_server.search import constants, ranking
from commontrace_server.search.evidence import Candidate, Features, Term
from commontrace_server.search.reading import Reading, read

NOTHING = Features(*[0.0] * len(Features._fields))
YAML = read("error", "E   ModuleNotFoundError: No module named 'yaml'", labels=["python"])
YAML_TERMS = [
    Term("modulenotfounderror", True, 3),
    Term("modul", True, 5),
    Term("name", True, 8),
    Term("yaml", True, 1),
]


def candidate(number: int = 1, **changes: Any) -> Candidate:
    """A trace that shares nothing with the query."""
    facts: dict[str, Any] = {
        "id": UUID(int=number),
        "title": "Something else",
        "tags": (),
        "kind": "fix",
        "status": "published",
        "origin": "person",
        "environment": {},
        "wilson": 0.0,
        "verified_days": None,
        "signature": False,
        "signed": False,
        "matched": (),
        "titled": (),
        "mentions": (),
        "problem": 0.1,
        "solution": 0.1,
    }
    return Candidate(**facts | changes)


def judged(reading: Reading = YAML, total: int = 100, **changes: Any) -> ranking.Ranked:
    """The verdict on one candidate."""
    (item,) = ranking.rank(reading, YAML_TERMS, total, [candidate(**changes)])
    return item


def test_a_trace_that_shares_nothing_is_noise() -> None:
    """Without a word, a meaning or a signature in common, confidence is all but zero."""
    assert judged().confidence < constants.NOISE


def test_the_same_error_is_injected() -> None:
    """A trace with the query's signature, words and meaning is all but certain."""
    words = ("modulenotfounderror", "modul", "name", "yaml")
    item = judged(
        signature=True, matched=words, titled=words, problem=0.8, solution=0.6, title="No module named yaml"
    )
    assert item.confidence > 0.95


@pytest.mark.parametrize("total", [1, 12, 300, 100_000])
def test_the_same_error_is_injected_before_it_is_embedded(total: int) -> None:
    """A fresh trace is found by signature and words alone, in a store of any size."""
    words = ("modulenotfounderror", "modul", "name", "yaml")
    item = judged(total=total, signature=True, matched=words, problem=None, solution=None)
    assert item.confidence >= constants.INJECTION_THRESHOLDS["error"]


def test_a_sibling_with_another_module_is_not_injected() -> None:
    """The same exception about another module is a near miss, however alike it reads."""
    words = ("modulenotfounderror", "modul", "name")
    item = judged(
        total=12,
        matched=words,
        titled=words,
        problem=0.6,
        solution=0.4,
        title="No module named requests",
        tags=("python",),
    )
    assert item.confidence < constants.INJECTION_THRESHOLDS["error"]


@pytest.mark.parametrize("embedded", [True, False])
@pytest.mark.parametrize("kind", ["error", "question", "session_context"])
@pytest.mark.parametrize(
    "name",
    [
        "signature",
        "coverage",
        "title_coverage",
        "code_title",
        "words_lead",
        "title_lead",
        "tool_fit",
    ],
)
def test_what_speaks_for_a_trace_raises_confidence(name: str, kind: str, embedded: bool) -> None:
    """No sign of relevance may lower confidence."""
    more = NOTHING._replace(**{name: 1.0})
    assert ranking.confidence(more, kind, embedded=embedded) > ranking.confidence(
        NOTHING, kind, embedded=embedded
    )


@pytest.mark.parametrize("embedded", [True, False])
def test_another_signature_lowers_confidence(embedded: bool) -> None:
    """A trace about an error that is known to differ is the less likely answer."""
    other = NOTHING._replace(other_signature=1.0)
    assert ranking.confidence(other, "error", embedded=embedded) < ranking.confidence(
        NOTHING, "error", embedded=embedded
    )


def test_a_missing_code_lowers_confidence() -> None:
    """A trace that names none of the query's codes is about another rule."""
    missing = NOTHING._replace(code_missing=1.0)
    assert ranking.confidence(missing, "error", embedded=True) < ranking.confidence(
        NOTHING, "error", embedded=True
    )


def test_an_answer_stands_out() -> None:
    """The best is above the next best, all others are below the best."""
    assert ranking.leading([0.9, 0.6, 0.7], 0.1) == pytest.approx([0.2, -0.3, -0.2])


def test_two_equals_have_no_lead() -> None:
    """Where two are alike, neither stands out."""
    assert ranking.leading([0.8, 0.8], 0.1) == [0.0, 0.0]


def test_being_alone_proves_little() -> None:
    """The lead of the only candidate of a small store is counted from the floor."""
    assert ranking.leading([0.7], 0.5) == pytest.approx([0.2])
    assert ranking.leading([0.3], 0.5) == pytest.approx([-0.2])


def test_every_weight_is_of_a_feature() -> None:
    """The tables name only what is measured."""
    every = {"bias", *Features._fields}
    lexical = every - {"problem", "solution", "meaning_lead"}
    assert all(weights.keys() == every for weights in constants.WEIGHTS.values())
    assert all(weights.keys() == lexical for weights in constants.WEIGHTS_WITHOUT_VECTORS.values())


def test_a_rare_word_tells_more_than_a_common_one() -> None:
    """Information falls with frequency."""
    assert ranking.idf(Term("zygote", True, 1), 1000) > ranking.idf(Term("zygote", True, 500), 1000)


def test_a_small_store_knows_how_developers_write() -> None:
    """In a store of a dozen "error" stands in few traces and still is no telling word."""
    assert ranking.idf(Term("error", True, 1), 12) < ranking.idf(Term("yaml", True, 1), 12)


def test_a_large_store_knows_better_than_the_prior() -> None:
    """With thousands of traces their own frequencies decide."""
    assert ranking.idf(Term("error", True, 1), 50_000) > ranking.idf(Term("yaml", True, 40_000), 50_000)


def test_information_is_never_negative() -> None:
    """A word in every trace tells nothing; it does not count against one."""
    assert ranking.idf(Term("return", True, 1000), 1000) >= 0


def test_another_tool_speaks_against_a_trace() -> None:
    """A trace of another tool fits less than one that names none; a language is no tool."""
    pylint = read("error", "pylint\nUnnecessary semicolon", labels=["python"])
    for tags, fit in ((("eslint",), -1), (("python",), 0), (("pylint", "python"), 1)):
        (item,) = ranking.rank(pylint, [], 100, [candidate(tags=tags)])
        assert item.features.tool_fit == fit


def test_the_best_comes_first_and_ties_keep_an_order() -> None:
    """Order is by confidence; equals are ordered the same way every time."""
    items = [candidate(3), candidate(1), candidate(2, signature=True)]
    ranked = ranking.rank(YAML, YAML_TERMS, 10, items)
    assert [item.candidate.id.int for item in ranked] == [2, 1, 3]


def test_why_names_what_matched() -> None:
    """The reasons are the signals that were found, in words of the query."""
    item = judged(signature=True, matched=("yaml", "modul"), titled=("yaml",), problem=0.72, tags=("python",))
    assert item.why == (
        "same error signature",
        "shares 2 of 4 key words: yaml, module",
        "problem similar in meaning (0.72)",
        "for python",
    )


def test_why_is_silent_about_what_did_not_match() -> None:
    """Nothing is claimed for a trace that shares nothing."""
    assert judged().why == ()


def test_trust_goes_first_among_equals() -> None:
    """Of two traces that answer equally well, the proven one comes first; confidence stays the same."""
    words = ("modulenotfounderror", "modul", "name", "yaml")
    alike = {
        "matched": words,
        "titled": words,
        "mentions": ("yaml",),
        "problem": 0.7,
        "solution": 0.5,
        "signature": True,
    }
    items = [candidate(1, **alike), candidate(2, wilson=0.8, verified_days=3.0, **alike)]
    proven, other = ranking.rank(YAML, YAML_TERMS, 100, items)
    assert proven.candidate.id.int == 2
    assert proven.confidence == other.confidence


def test_trust_lifts_nothing_irrelevant() -> None:
    """The most trusted trace about something else stays behind an unproven one that is nearer."""
    items = [candidate(1, problem=0.2), candidate(2, wilson=1.0, verified_days=0.0)]
    ranked = ranking.rank(YAML, YAML_TERMS, 100, items)
    assert [item.candidate.id.int for item in ranked] == [1, 2]


def test_a_sibling_rule_that_refers_to_the_code_is_no_answer() -> None:
    """A code counts as the title's only as a word of its own, and a mention in the body counts against."""
    reading = read("error", "src/a.js:1:1: error: 'x' is not defined  no-undef")
    (item,) = ranking.rank(
        reading, [], 100, [candidate(title="ESLint no-undef-init", mentions=("no-undef",))]
    )
    assert (item.features.code_title, item.features.code_aside, item.features.code_missing) == (0, 1, 0)
