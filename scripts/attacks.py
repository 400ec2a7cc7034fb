"""Draws what attacks on a trace's evidence gain into docs/img/attacks.svg, by the store's own rules.

Usage: attacks.py, with the Python of the test environment. `tests/backend/test_reputation_simulation.py`
makes the same attacks in a real database.
"""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log10
from pathlib import Path
from xml.sax.saxutils import escape

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "mcp"), str(ROOT / "backend" / "src")]

from commontrace_server.reputation.wilson import lower_bound  # noqa: E402  the path has to be set first
from commontrace_server.votes.weights import Voices, voice, weigh  # noqa: E402

PICTURE = ROOT / "docs" / "img" / "attacks.svg"
MOST = 10_000
COUNTS = sorted({round(10 ** (step / 24)) for step in range(24 * 4 + 1)})
WIDTH, HEIGHT = 960, 330
LEFT, TOP, ACROSS, DOWN = 56, 44, 250, 220
SECOND = WIDTH // 2
GOOD = Voices(up=12, worked=12)  # the trace that is attacked in the second panel


@dataclass(frozen=True)
class Line:
    """What becomes of the bound as a crowd grows.

    Attributes:
        name: Of the crowd.
        colour: Of the line.
        bound: Wilson's lower bound with so many accounts.
        label: Height of the label above the end of the line, where two would meet.
    """

    name: str
    colour: str
    bound: Callable[[int], float]
    label: int = 0


def bound(known: Voices, other: Voices) -> float:
    """Wilson's lower bound of a trace of which these voices speak."""
    evidence = weigh(known, other)
    return lower_bound(evidence.positive, evidence.positive + evidence.negative)


def one_root(count: int) -> int:
    """The voices that so many accounts of one root are."""
    return abs(voice([1] * count))


def _and_down(count: int) -> Voices:
    return Voices(up=GOOD.up, down=count, worked=GOOD.worked)


NOBODY = Voices()
PUSHED = (
    Line("honest roots that saw it work", "#1b7f5c", lambda n: bound(Voices(worked=n), NOBODY), 6),
    Line("honest roots that vote", "#3aa67f", lambda n: bound(Voices(up=n), NOBODY), -6),
    Line("unknown roots: votes, outcomes", "#b3261e", lambda n: bound(NOBODY, Voices(up=n, worked=n)), 17),
    Line("accounts of one trusted root", "#8250b4", lambda n: bound(Voices(up=one_root(n)), NOBODY), 4),
    Line("a ring, each for all others", "#d9822b", lambda n: bound(NOBODY, Voices(n - 1, worked=n - 1)), -9),
    Line("unknown roots: votes", "#6b7280", lambda n: bound(NOBODY, Voices(up=n)), -6),
)
PULLED = (
    Line("unknown roots against it", "#6b7280", lambda n: bound(GOOD, Voices(down=n)), 12),
    Line("… and failed outcomes", "#b3261e", lambda n: bound(GOOD, Voices(down=n, failed=n)), -1),
    Line("accounts of one trusted root", "#8250b4", lambda n: bound(_and_down(one_root(n)), NOBODY), -14),
    Line("honest roots against it", "#1b7f5c", lambda n: bound(_and_down(n), NOBODY), 4),
)


def main() -> None:
    """Rewrite the picture."""
    PICTURE.parent.mkdir(exist_ok=True)
    PICTURE.write_text(picture(), encoding="utf-8")


def picture() -> str:
    """The two panels as SVG."""
    pushed, pulled = ("An empty trace is pushed", PUSHED), ("A proven trace is pulled down", PULLED)
    panels = _panel(0, *pushed) + _panel(SECOND, *pulled)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="system-ui, sans-serif" font-size="11">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>\n{panels}</svg>\n'
    )


def _panel(left: int, title: str, lines: Sequence[Line]) -> str:
    x, y = left + LEFT, TOP
    middle, foot = x + ACROSS // 2, y + DOWN
    parts = [
        f'<text x="{x}" y="24" font-size="14" font-weight="600" fill="#1f2937">{escape(title)}</text>',
        _label(middle, foot + 36, "accounts", "middle"),
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        height = foot - DOWN * share
        parts += [f'<path d="M{x} {height:.1f}H{x + ACROSS}" stroke="#e5e7eb"/>']
        parts += [_label(x - 8, height + 4, f"{share:g}", "end")]
    parts += [_label(x + ACROSS * power / 4, foot + 18, f"{10**power:,}", "middle") for power in range(5)]
    return "\n".join([*parts, *(_drawn(x, y, line) for line in lines)]) + "\n"


def _label(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="#4b5563">{text}</text>'


def _drawn(x: int, y: int, line: Line) -> str:
    places = [(x + ACROSS * log10(n) / 4, y + DOWN * (1 - line.bound(n))) for n in COUNTS]
    path = "M" + " L".join(f"{across:.1f} {down:.1f}" for across, down in places)
    end = places[-1][1] + 4 - line.label
    return (
        f'<path d="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>\n'
        f'<text x="{x + ACROSS + 6}" y="{end:.1f}" fill="{line.colour}">{escape(line.name)}</text>'
    )


if __name__ == "__main__":
    main()
