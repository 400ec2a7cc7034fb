"""Texts that drown what matters: emptiness, repetition, endless lines."""

import re
from collections import Counter
from collections.abc import Iterator

from commontrace_rules.screening.rules import HELD, Hit, compiled

_BLANK = r"(?:[ \t\r\u00a0\u2003]{0,80}\n){25,}|[ \t\u00a0\u2003]{400,}+(?!\|)"
_MOST_REPEATS = 12
_LITTLE = 200  # characters: a text, or a word, of no more drowns nothing
_CHANT = 60  # words
_MUCH = 600  # characters of one sentence in all


def floods(text: str) -> Iterator[Hit]:
    """Yield emptiness that pushes text out of sight, and sentences repeated to fill a context window."""
    for match in compiled(_BLANK).finditer(text):
        if text[match.end() :].strip():
            yield Hit("flooding", HELD, "pushes what follows out of sight", *match.span())
    if len(text) <= _LITTLE:
        return
    if len(text) > _MUCH:
        yield from _repeated(text)
    words = text.split()
    if len(words) > 200 and len(set(words)) * (25 if len(words) > 400 else 50) < len(words):
        yield Hit("flooding", HELD, "repeats the same few words", 0, len(text))
    if any(_is_chant(words[start : start + _CHANT]) for start in range(0, len(words) - _CHANT, _CHANT // 3)):
        yield Hit("flooding", HELD, "repeats the same few words", 0, len(text))
    longest = max(map(len, words), default=0)
    if longest > _LITTLE and re.search(
        r"([A-Za-z0-9].{0,19}?)\1{60,}|([^\x00-\x7f\u2500-\u259f\s]{1,4}?)\2{300,}", text
    ):
        yield Hit("flooding", HELD, "repeats the same characters", 0, longest)


def _is_chant(words: list[str]) -> bool:
    """Tell whether these are three words at most, over and over."""
    return len(set(words)) <= 3 and all(map(str.isalpha, words))


def _repeated(text: str) -> Iterator[Hit]:
    sentences = [part.strip() for part in re.split(r"(?<=[.!?;])\s|\n", text)]
    counted = Counter(part for part in sentences if len(part) >= 10 and " " in part)
    for sentence, count in counted.most_common(1):
        most = _MOST_REPEATS if len(sentence) >= 20 and sentence.count(" ") >= 2 else 3 * _MOST_REPEATS
        if count >= most and count * len(sentence) > _MUCH and sentence[:1].isalpha():
            start = text.find(sentence)
            yield Hit("flooding", HELD, f"repeats one sentence {count} times", start, start + len(sentence))
