"""How much votes and outcomes weigh. Pure; `reputation/voices.py` sums them up the same way in SQL."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

WEIGHT: Final = 1.0  # of one root's voice, whoever speaks


def voice(values: Iterable[int]) -> float:
    """Return what one root says about a trace: +WEIGHT, -WEIGHT, or 0 when it is divided or silent.

    However many accounts a root has, and however often they speak, they are one voice, and it says what most
    of them say. The sign of a sum does not depend on the order, so a recount gives the same number.

    Args:
        values: The votes of the root's accounts (+1 or -1), or their outcomes (worked +1, failed -1).
    """
    total = sum(values)
    return 0.0 if total == 0 else WEIGHT if total > 0 else -WEIGHT


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
