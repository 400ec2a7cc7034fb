"""From what is known of each candidate to an order and a confidence. Pure; constants.py has the numbers."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from heapq import nlargest
from importlib.resources import files
from itertools import repeat
from operator import mul
from typing import NamedTuple

from commontrace_server.search import constants, reasons
from commontrace_server.search.evidence import Candidate, Features, Term
from commontrace_server.search.reading import Reading


class Ranked(NamedTuple):
    """A candidate with the probability that it answers the query, and what speaks for it."""

    candidate: Candidate
    features: Features
    confidence: float
    why: tuple[str, ...]


@dataclass(frozen=True)
class _Weights:
    """The information of some lexemes in nats, and all of it together."""

    each: Mapping[str, float]
    whole: float

    def share(self, found: Iterable[str]) -> float:
        """Share of the information that is found; 0 when there is nothing to find."""
        return sum(map(self.each.get, found, repeat(0.0))) / self.whole if self.whole else 0.0


@dataclass(frozen=True)
class _Weighed:
    """A query's lexemes, and those of its telling part."""

    every: _Weights
    focus: _Weights


class _Compared(NamedTuple):
    """What has been measured of a candidate in comparing all of them; names as in `Features`."""

    words: float
    titles: float
    words_lead: float
    title_lead: float
    meaning_lead: float


def rank(
    reading: Reading, terms: Sequence[Term], total: int, candidates: Iterable[Candidate]
) -> list[Ranked]:
    """Order candidates by the probability that they answer the query, near equals by trust and freshness.

    Args:
        reading: The query.
        terms: Its lexemes, with their frequencies in the store.
        total: Number of traces in the store.
        candidates: What the store knows of each.
    """
    pool = list(candidates)
    weighed = _weigh(terms, total)
    measured = zip(pool, _measure_all(reading, weighed, pool), strict=True)
    ranked = [_judge(reading, weighed, candidate, features) for candidate, features in measured]
    return sorted(ranked, key=lambda item: (-_place(item, reading.kind), item.candidate.id))


def measure(
    reading: Reading, terms: Sequence[Term], total: int, candidates: Sequence[Candidate]
) -> list[Features]:
    """Measure every candidate against the query and against the others."""
    return _measure_all(reading, _weigh(terms, total), candidates)


def confidence(features: Features, kind: str, *, embedded: bool) -> float:
    """Probability that a trace with these measurements answers a query of a kind.

    Args:
        features: The measurements.
        kind: error, question or session_context.
        embedded: Whether the cosines are known; without them the words alone are weighed, more carefully.
    """
    bias, weights = _weights("error" if kind == "error" else "question", embedded=embedded)
    logit = bias + sum(map(mul, weights, features))
    return 1.0 / (1.0 + math.exp(-logit))


@cache
def _weights(table: str, *, embedded: bool) -> tuple[float, list[float]]:
    """A table's bias, and its weights in the order of `Features`."""
    tables = constants.WEIGHTS if embedded else constants.WEIGHTS_WITHOUT_VECTORS
    return tables[table]["bias"], [tables[table].get(name, 0.0) for name in Features._fields]


def doubt(item: Ranked, kind: str, *, fitted: bool = True) -> str | None:
    """Why a trace is not likely enough to be shown to a query of a kind without being asked for, if so.

    Without vectors, or with those of an embedder that nothing was fitted to, words alone must suffice.
    """
    threshold = constants.INJECTION_THRESHOLDS[kind]
    if fitted and item.candidate.problem is not None:
        return None if item.confidence >= threshold else _below(item.confidence, threshold)
    by_words = min(item.confidence, confidence(item.features, kind, embedded=False))
    return None if by_words >= threshold else f"{_below(by_words, threshold)} (by words alone)"


def recognised(ranked: Sequence[Ranked]) -> bool:
    """Whether words and signatures alone tell which trace is about an error, so that meaning adds nothing.

    Args:
        ranked: Best first, without vectors.
    """
    signed = [item for item in ranked if item.candidate.signature]
    return len(signed) == 1 and signed[0] is ranked[0] and ranked[0].confidence >= constants.RECOGNISED


def _below(certainty: float, threshold: float) -> str:
    return f"confidence {certainty:.2f} is below {threshold:.2f}"


def idf(term: Term, total: int) -> float:
    """Information of a lexeme in nats: the store's own frequencies, steadied by how developers write.

    The prior counts as `PRIOR_DOCUMENTS` further traces, so that in a store of a dozen "error" is not a rare
    word, while in a store of thousands only the store's own frequencies matter.
    """
    share = background().get(term.lexeme, constants.UNLISTED_SHARE)
    documents = total + constants.PRIOR_DOCUMENTS
    return max(0.0, math.log(documents / (term.df + share * constants.PRIOR_DOCUMENTS)))


@cache
def background() -> Mapping[str, float]:
    """Share of documents of developers' English that hold a lexeme (benchmarks/background.py)."""
    table = files("commontrace_server.search").joinpath("background.txt").read_text(encoding="utf-8")
    pairs = (line.split() for line in table.splitlines())
    return {lexeme: float(share) for lexeme, share in pairs}


def _weigh(terms: Sequence[Term], total: int) -> _Weighed:
    every = {term.lexeme: idf(term, total) for term in terms}
    focus = {term.lexeme: every[term.lexeme] for term in terms if term.focus}
    return _Weighed(_Weights(every, sum(every.values())), _Weights(focus, sum(focus.values())))


def _judge(reading: Reading, weighed: _Weighed, candidate: Candidate, features: Features) -> Ranked:
    certainty = confidence(features, reading.kind, embedded=candidate.problem is not None)
    # nobody sees noise: its reasons are not worked out
    why = (
        reasons.reasons(reading, weighed.focus.each, candidate, features)
        if certainty >= constants.NOISE
        else ()
    )
    return Ranked(candidate, features, certainty, tuple(why))


def _place(item: Ranked, kind: str) -> float:
    """Where a candidate stands, in logits: trust and freshness only move what is relevant already."""
    certainty = min(item.confidence, 1.0 - 1e-12)
    logit = math.log(certainty / (1.0 - certainty))
    if certainty < constants.ANSWER_THRESHOLDS[kind]:
        return logit
    days = item.candidate.verified_days
    fresh = days is not None and days <= constants.FRESH_DAYS
    return logit + constants.TRUST_NUDGE * item.candidate.wilson + constants.FRESH_NUDGE * fresh


def _measure_all(reading: Reading, weighed: _Weighed, candidates: Sequence[Candidate]) -> list[Features]:
    words = [_shared(weighed.focus, candidate) for candidate in candidates]
    titles = [weighed.focus.share(candidate.titled) for candidate in candidates]
    meanings = [candidate.problem or 0.0 for candidate in candidates]
    compared = zip(
        words,
        titles,
        leading(words, constants.WORDS_FLOOR),
        leading(titles, 0.0),
        leading(meanings, constants.MEANING_FLOOR),
        strict=True,
    )
    return [
        _measure(reading, weighed, candidate, _Compared(*values))
        for candidate, values in zip(candidates, compared, strict=True)
    ]


def leading(values: Sequence[float], floor: float) -> list[float]:
    """By how much each value is above the next best, or below the best.

    Args:
        values: One per candidate.
        floor: What the next best counts as at least.
    """
    best, second = nlargest(2, [*values, floor, floor])
    return [value - max(second, floor) if value == best else value - best for value in values]


def _measure(reading: Reading, weighed: _Weighed, candidate: Candidate, compared: _Compared) -> Features:
    problem = candidate.problem or 0.0
    titled = _names(candidate.title, reading.codes)
    mentioned = set(candidate.mentions)
    named = mentioned.intersection(reading.codes)
    return Features(
        signature=float(candidate.signature),
        other_signature=float(bool(reading.signatures) and candidate.signed and not candidate.signature),
        coverage=_shared(weighed.every, candidate),
        title_coverage=compared.titles,
        problem=problem,
        solution=problem if candidate.solution is None else candidate.solution,
        code_title=float(titled),
        code_aside=float(not titled and bool(named)),
        code_missing=float(bool(reading.codes) and not titled and not named),
        needed_missing=float(bool(reading.needed) and not mentioned.intersection(reading.needed)),
        words_lead=compared.words_lead,
        title_lead=compared.title_lead,
        meaning_lead=compared.meaning_lead,
        tool_fit=_fit(reading.labels - constants.LANGUAGES, candidate),
    )


def _names(title: str, codes: Iterable[str]) -> bool:
    """Whether a title has one of the codes as a word of its own: no-undef is not no-undef-init."""
    lowered = title.lower()
    return any(
        code in lowered and re.search(rf"(?<![\w-]){re.escape(code)}(?![\w-])", lowered) for code in codes
    )


def _shared(weights: _Weights, candidate: Candidate) -> float:
    """Share of the words that a candidate has; all of them where it has the signature.

    An equal signature is an equal statement: what else the output says are its circumstances.
    """
    return 1.0 if candidate.signature else weights.share(candidate.matched)


def _fit(asked: frozenset[str], candidate: Candidate) -> float:
    offered = candidate.labels() - constants.LANGUAGES if asked else frozenset()
    if asked & offered:
        return 1.0
    return -1.0 if asked and offered else 0.0
