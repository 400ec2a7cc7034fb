"""Words of caution: what a sentence advises against.

Only the clause that the caution stands in is excused: "the old token is insecure; paste it at ..." advises against nothing.
"""

from collections.abc import Iterator

from commontrace_rules.screening.rules import compiled

_CAREFUL = (
    r"\b(?:(?:only|just) (?:for|in|during) (?:local )?(?:tests?|testing|development|debugging)|(?:is|are) not a fix"
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
_FORBIDDEN = (
    r"\b(?:never|(?:do \*{0,2}not|don't)(?! (?:apply|need|hesitate|forget|worry|mind|be afraid|wait))|avoid|should not|shouldn't|must not|cannot|can't"
    r"|rather than|instead of|why|injection|attacks?)\b\*{0,2}([^,;:\n]{0,100})"
)
"""A negation, with what it governs (group 1): the rest of its clause."""


def is_careful(said: str) -> bool:
    """Tell whether a sentence limits what it advises, or has secrets taken out first."""
    return compiled(_CAREFUL).search(said) is not None


def discouraged(said: str) -> Iterator[str]:
    """Yield the parts of a sentence, in lower case, that it forbids or calls bad."""
    for denied in compiled(_FORBIDDEN).finditer(said):
        yield denied[1]
    if compiled(_CONDEMNED).search(said):
        yield from filter(compiled(_CONDEMNED).search, compiled(_CLAUSE).split(said))
