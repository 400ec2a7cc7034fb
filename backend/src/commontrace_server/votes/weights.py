"""How much votes and outcomes weigh. Pure; the database computes the same (`database/tallies.py`)."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final
from uuid import UUID

OUTCOME_WEIGHT: Final = 2.0  # votes that one outcome is worth: what was observed counts more than opinions
_POOL: Final = 1.0  # votes that all unknown roots weigh together
_POOL_OF_VOTES: Final = 0.5  # the same where none of them has observed anything


def voice(values: Iterable[int]) -> int:
    """Return what one root says about a trace: +1, -1, or 0 when it is divided or silent.

    However many accounts a root has, and however often they speak, they are one voice, and it says what most
    of them say. The sign of a sum does not depend on the order, so a recount gives the same number.

    Args:
        values: The votes of the root's accounts (+1 or -1), or their outcomes (worked +1, failed -1).
    """
    total = sum(values)
    return (total > 0) - (total < 0)


@dataclass(frozen=True, slots=True)
class Voices:
    """How many roots say what about a trace."""

    up: int = 0
    down: int = 0
    worked: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Evidence:
    """Weighted votes, and weighted outcomes, for and against a trace."""

    up: float
    down: float
    worked: float
    failed: float

    @property
    def positive(self) -> float:
        """What speaks for it, in votes."""
        return self.up + OUTCOME_WEIGHT * self.worked

    @property
    def negative(self) -> float:
        """What speaks against it, in votes."""
        return self.down + OUTCOME_WEIGHT * self.failed


def weigh(known: Voices, other: Voices) -> Evidence:
    """Return what the voices on a trace add up to.

    Args:
        known: Of roots with standing; each weighs 1.
        other: Of all other roots: together they weigh one vote at most, in the proportions in which they
            speak, so that a crowd of fresh accounts says no more than one of them.
    """
    unit = _pool_unit(other.up + other.down, other.worked + other.failed)
    return Evidence(
        up=known.up + other.up * unit,
        down=known.down + other.down * unit,
        worked=known.worked + other.worked * unit,
        failed=known.failed + other.failed * unit,
    )


def _pool_unit(votes: int, outcomes: int) -> float:
    """What one unknown voice adds to its tally: an outcome is worth OUTCOME_WEIGHT of that in votes."""
    if not votes and not outcomes:
        return 0.0
    pool = _POOL if outcomes else _POOL_OF_VOTES
    return pool / (votes + OUTCOME_WEIGHT * outcomes)


def vote_counts(root: UUID, author_root: UUID | None) -> bool:
    """Tell whether a vote counts; one on a trace of the voter's own root is a mark for themselves.

    Args:
        root: Root of the account that votes.
        author_root: Root of the trace's author; None for a trace that nobody on this store wrote.
    """
    return root != author_root


def outcome_counts(root: UUID, author_root: UUID | None, *, space_kind: str) -> bool:
    """Tell whether an outcome counts.

    In a personal space there is nobody but its person, and what was observed is the only evidence. Among
    others an author could confirm themselves with it, so there it counts like a vote.
    """
    return space_kind == "personal" or vote_counts(root, author_root)
