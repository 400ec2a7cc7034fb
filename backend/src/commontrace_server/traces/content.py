"""What makes two traces the same, and what is derived from a trace's text. Pure."""

import hashlib
import json
import re
from collections.abc import Iterable, Set

from commontrace_rules import signature

_MAX_SIGNATURES = 32
_PHRASE = 3
_WORD = re.compile(r"\w+")

Phrase = tuple[str, ...]


def content_hash(*, title: str, context_text: str, solution_text: str, kind: str) -> str:
    """Return 64 hex digits that two traces share when they say the same, line ends and margins apart."""
    texts = [_normal(title), _normal(context_text), _normal(solution_text), kind]
    return hashlib.sha256(json.dumps(texts, ensure_ascii=True).encode()).hexdigest()


def all_signatures(declared: Iterable[str], *, title: str, context_text: str) -> list[str]:
    """Return the declared signatures and those of the errors that the text quotes, each once."""
    found = signature.signatures(f"{title}\n{context_text}")
    return list(dict.fromkeys([*declared, *found]))[:_MAX_SIGNATURES]


def _normal(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.splitlines()).strip()


def likeness(left: Set[Phrase], right: Set[Phrase]) -> float:
    """Return the share of all phrases of two texts that both have, 0 to 1."""
    return len(left & right) / len(left | right) if left or right else 1.0


def phrases(text: str) -> Set[Phrase]:
    """Return every _PHRASE words of a text that follow each other; a shorter text is one phrase."""
    words = _WORD.findall(text.lower())
    if len(words) < _PHRASE:
        return {tuple(words)} if words else set()
    return {tuple(words[start : start + _PHRASE]) for start in range(len(words) - _PHRASE + 1)}
