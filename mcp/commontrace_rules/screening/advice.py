"""Words of caution: what a sentence advises against.

Only the clause that the caution stands in is excused: "the old token is insecure; paste it at ..." advises against nothing.
"""

from collections.abc import Iterator, Sequence

from commontrace_rules.screening.rules import compiled

_CAREFUL = (
    r"\b(?:(?:only|just) (?:for|in|during) (?:local )?(?:tests?|testing|development|debugging)|(?:development|testing|debugging) only|(?:is|are) not a fix"
    r"|remov\w+ (?:the |all |any )?(?:secrets|tokens|keys|credentials)|redact\w*)\b"
)
"""Anywhere in a sentence: it says how far the deed goes, or takes the secrets out."""
_CONDEMNED = (
    r"\b(?:not recommended|unsafe|insecure|dangerous|bad idea|phishing|malicious|attack(?:er)?s?|defen[cs]e"
    r"|vulnerab\w+|leaves? (?:\w+ ){1,3}(?:open|exposed|unprotected))\b"
)
"""A verdict on what its clause names."""
_CLAUSE = r"[,;\n]|:(?!//)|\b(?:because|so|then|please)\b"
"""Where a clause ends."""
_GOVERNED = r"(?:(?!\b(?:and|until|so|then|please|because|unless|but|before)\b)[^,;:\n]|:(?=//)){0,100}"
_FORBIDDEN = (
    r"\b(?:never|(?:do(?:es)?|should|must|may) \*{0,2}not|(?:do|does|should|must|ca)n't|cannot|not to)\b\*{0,2}"
    r"(?! (?:apply|need|hesitate|forget|worry|mind|be afraid|wait|panic|log in|sign in))"
    rf"((?: \w{{2,20}} and\b)?{_GOVERNED})"
)
"""A negation, with the verb that it governs and what belongs to it (group 1)."""
_VERB_BEGINS = 30  # characters after a negation: "ever blindly", "ask anybody to"
_AVOIDED = rf"\b(?:avoid|rather than|instead of|why)\b\*{{0,2}} ({_GOVERNED})"
"""What is not to be done, or asked about, in group 1."""


def is_careful(said: str) -> bool:
    """Tell whether a sentence limits what it advises, or has secrets taken out first."""
    return compiled(_CAREFUL).search(said) is not None


def advises_against(said: str, deeds: Sequence[str]) -> bool:
    """Tell whether a sentence, in lower case, forbids one of ``deeds`` (patterns) or calls it bad."""
    return any(
        first is None or begins <= first or _is_alternative(clause, begins)
        for clause, first in _clauses(said)
        for deed in deeds
        for begins in (match.start() for match in compiled(deed).finditer(clause))
    )


def _is_alternative(clause: str, begins: int) -> bool:
    """Tell whether the verb at ``begins`` is one of several (``never send or paste``)."""
    return clause[:begins].rstrip().endswith(" or")


def _clauses(said: str) -> Iterator[tuple[str, int | None]]:
    """Yield what a sentence advises against, and how far behind the start of it the deed may begin."""
    for denied in compiled(_FORBIDDEN).finditer(said):
        yield denied[1], _VERB_BEGINS
    for avoided in compiled(_AVOIDED).finditer(said):
        yield avoided[1], 0
    if compiled(_CONDEMNED).search(said):
        for clause in compiled(_CLAUSE).split(said):
            if compiled(_CONDEMNED).search(clause):
                yield clause, None
