"""Why a trace was found, in words that are true and short. Pure."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from commontrace_server.search import constants
from commontrace_server.search.evidence import Candidate, Features
from commontrace_server.search.reading import Reading
from commontrace_server.search.versions import Fit

_WORD = re.compile(r"[^\W_][\w.+-]*")
NAMED_WORDS = 4  # more would be a list, not a reason


def reasons(
    reading: Reading, focus: Mapping[str, float], candidate: Candidate, features: Features
) -> Iterator[str]:
    """Yield the signals that matched, strongest first.

    Args:
        reading: The query.
        focus: Information of each telling lexeme.
        candidate: The trace.
        features: What was measured of it.
    """
    if features.signature:
        yield "same error signature"
    if candidate.mentions:
        yield f"names {', '.join(candidate.mentions)}"
    matched = sorted(focus.keys() & set(candidate.matched), key=lambda lexeme: (-focus[lexeme], lexeme))
    if matched:
        words = ", ".join(_spoken(lexeme, reading.focus) for lexeme in matched[:NAMED_WORDS])
        yield f"shares {len(matched)} of {len(focus)} key words: {words}"
    closest = max(features.problem, features.solution)
    if closest >= constants.SIMILAR_COSINE:
        side = "problem" if features.problem >= features.solution else "solution"
        yield f"{side} similar in meaning ({closest:.2f})"
    if shared := reading.labels & candidate.labels():
        yield f"for {', '.join(sorted(shared))}"


def excluded(name: str, fit: Fit) -> str:
    """Say why a trace about other versions is not offered."""
    return f"for {name} {fit.range}, not your {fit.version}"


def _spoken(lexeme: str, text: str) -> str:
    """The word of the text that a lexeme is the stem of."""
    stem = lexeme[: max(3, len(lexeme) - 1)]
    words = (word for word in _words(text) if word.startswith(stem))
    return min(words, key=len, default=lexeme)


@lru_cache(maxsize=16)
def _words(text: str) -> tuple[str, ...]:
    """The words of a query, which is asked for each lexeme of each hit."""
    return tuple(_WORD.findall(text.lower()))
