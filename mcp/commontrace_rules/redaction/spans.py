"""Findings, and the text with each of them replaced by its placeholder."""

from collections.abc import Iterable
from functools import cache
from operator import itemgetter
from typing import NamedTuple

from commontrace_rules.redaction.patterns import compiled


class Finding(NamedTuple):
    """What was found and where.

    Attributes:
        kind: ``secret:<what>`` or a kind of personal data (``email``, ``home``, ``ip``...).
        start: first character in the original text.
        end: one past the last character in the original text.
    """

    kind: str
    start: int
    end: int


class Source(NamedTuple):
    """A text as the scanners take it.

    Attributes:
        text: as given but for colours; every position refers to it.
        lowered: the same text in lower case, of the same length.
        words: its alphanumeric words in lower case; most scanners have nothing to look for without theirs.
        vocabulary: the same words in one string.
        signs: the characters of ASCII between its words.
    """

    text: str
    lowered: str
    words: frozenset[str]
    vocabulary: str
    signs: frozenset[str]

    def has_any(self, *parts: str) -> bool:
        """Tell whether a word of the text holds one of ``parts``, which are letters in lower case."""
        return any(map(self.vocabulary.__contains__, parts))

    def holds(self, *marks: str) -> bool:
        """Tell whether one of ``marks`` stands in the text; most are ruled out by the words that there are."""
        vocabulary, present = self.vocabulary, self.signs
        for mark in marks:  # a plain loop: there are hundreds of marks for every text
            if signs(mark) <= present and core(mark) in vocabulary and mark in self.text:
                return True
        return False


_COLOUR = r"\x1b\[[0-9;:]{0,24}m"


def source(text: str) -> Source:
    """Prepare ``text`` for the scanners; colours become blanks, so that they are no part of a word."""
    if "\x1b[" in text:
        text = compiled(_COLOUR).sub(lambda match: " " * len(match[0]), text)
    # U+0130 is the one character whose lower case is longer than itself; positions must stay the same.
    lowered = text.replace("\u0130", "I").lower()
    words = _words(lowered)
    present = frozenset(sign for sign in _SIGNS if sign in text)
    return Source(text, lowered, words, " ".join(words), present)


_SIGNS = frozenset(character for character in map(chr, range(128)) if not character.isalnum())
_PARTING = str.maketrans(dict.fromkeys(_SIGNS, " "))


def _words(lowered: str) -> frozenset[str]:
    words = frozenset(lowered.encode("ascii", "replace").decode("ascii").translate(_PARTING).split())
    if "\\" in lowered:
        # In an escaped text a line break is the letter n in front of the next word.
        words |= {word[1:] for word in words if word[0] in "nrt"}
    return words


def keyword(name: str) -> str:
    """Return the first word of ``name`` as `Source.words` holds it; empty if it goes on without a boundary."""
    word = compiled("[a-z0-9]+").search(name.lower())
    return word[0] if word and word.end() < len(name) else ""


@cache
def core(mark: str) -> str:
    """Return the longest run of letters and digits in ``mark``, in lower case: a vocabulary without it has no mark."""
    runs: list[str] = compiled("[a-z0-9]*").findall(mark.lower())
    return max(runs, key=len)


@cache
def signs(mark: str) -> frozenset[str]:
    """Return the characters of ``mark`` that are no letters or digits: a text without them has no mark."""
    return _SIGNS.intersection(mark)


class Redaction(NamedTuple):
    """A text without its secrets and personal data.

    Attributes:
        text: the text with a placeholder for each finding.
        findings: in order, without overlap, with positions in the original text.
    """

    text: str
    findings: tuple[Finding, ...]


@cache
def placeholder(kind: str) -> str:
    """Return what stands for a finding: ``~`` for a home directory, ``<kind>`` for everything else."""
    return "~" if kind == "home" else f"<{kind}>"


_START = itemgetter(1)
_END = itemgetter(2)


def merge(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Order ``findings`` without overlap: overlapping secrets are joined, personal data gives way to a secret.

    Of two findings of the same stretch the first one given names the kind.
    """
    secrets: list[Finding] = []
    personal: list[Finding] = []
    for finding in findings:
        (secrets if finding.kind.startswith("secret:") else personal).append(finding)
    secrets, personal = _joined(secrets), _joined(personal)
    if not secrets:
        return tuple(personal)
    kept: list[Finding] = []
    index = 0
    for finding in personal:
        while index < len(secrets) and secrets[index].end <= finding.start:
            index += 1
        if index == len(secrets) or secrets[index].start >= finding.end:
            kept.append(finding)
    return tuple(sorted(secrets + kept, key=_START))


def _joined(found: list[Finding]) -> list[Finding]:
    """Order ``found`` and join what overlaps under the kind of the wider one."""
    found.sort(key=_END, reverse=True)
    found.sort(key=_START)
    joined: list[Finding] = []
    reached = 0
    for finding in found:
        kind, start, end = finding
        if end <= start:
            continue
        if start >= reached:
            joined.append(finding)
            reached = end
        elif end > reached:
            last = joined[-1]
            wider = last.kind if reached - last.start >= end - start else kind
            joined[-1] = Finding(wider, last.start, end)
            reached = end
    return joined


def rewrite(text: str, findings: tuple[Finding, ...]) -> str:
    """Return ``text`` with the placeholder of each of the ordered ``findings`` in its place."""
    pieces: list[str] = []
    position = 0
    for finding in findings:
        kind, start, end = finding
        pieces += (text[position:start], placeholder(kind))
        position = end
    pieces.append(text[position:])
    return "".join(pieces)
