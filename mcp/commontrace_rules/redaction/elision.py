"""What the rules need not look at: characters that nobody sees, the middle of endless words. Positions stay those of the text."""

from bisect import bisect_left, bisect_right
from itertools import accumulate
from typing import NamedTuple

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding

_BLOCK = 512
"""Characters; more than any expression looks at of a word in order to know it."""


class Elision(NamedTuple):
    """A text without parts of it that say nothing to a rule.

    Attributes:
        text: what is left.
        cuts: where in ``text`` something is left out, in order.
        left_out: how many characters up to there, altogether.
    """

    text: str
    cuts: tuple[int, ...] = ()
    left_out: tuple[int, ...] = (0,)

    def restored(self, finding: Finding) -> Finding:
        """Return ``finding`` with positions in the whole text; one on both sides of a cut holds what was left out."""
        if not self.cuts:
            return finding
        start = finding.start + self.left_out[bisect_right(self.cuts, finding.start)]
        end = finding.end + self.left_out[bisect_left(self.cuts, finding.end)]
        return Finding(finding.kind, start, end)


def elided(text: str) -> Elision:
    """Leave out the middle of endless words, which no rule tells from another one; at least 512 characters stay at either end.

    What goes are blocks of letters, digits and underscores between two such blocks.
    """
    blocks = [text[start : start + _BLOCK] for start in range(0, len(text), _BLOCK)]
    solid = [False, *(len(block) == _BLOCK and block.replace("_", "a").isalnum() for block in blocks), False]
    kept: list[str] = []
    cuts: dict[int, int] = {}
    for block, *around in zip(blocks, solid, solid[1:], solid[2:], strict=False):
        if all(around):
            cuts[len(kept)] = cuts.get(len(kept), 0) + 1
        else:
            kept.append(block)
    dropped = accumulate(cuts.values(), initial=0)
    return Elision(
        "".join(kept), tuple(place * _BLOCK for place in cuts), tuple(count * _BLOCK for count in dropped)
    )


_UNSEEN = "[\u00ad\u034f\u200b-\u200f\u2060-\u2064\ufeff]+"


def seen(text: str) -> Elision:
    """Leave out characters that nobody sees: pages put them into long words, and a token with one is still that token."""
    if text.isascii():
        return Elision(text)
    kept: list[str] = []
    cuts: list[int] = []
    left_out = [0]
    position = length = 0
    for match in compiled(_UNSEEN).finditer(text):
        kept.append(text[position : match.start()])
        length += match.start() - position
        position = match.end()
        cuts.append(length)
        left_out.append(left_out[-1] + len(match[0]))
    return Elision("".join((*kept, text[position:])), tuple(cuts), tuple(left_out))
