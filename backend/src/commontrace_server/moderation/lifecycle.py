"""What may become of a trace: one table. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

Status = Literal["pending", "published", "superseded", "retracted", "expired", "quarantined"]

# Status -> those that it may become. Undoing is another matter: it restores what there was.
TRANSITIONS: Final[Mapping[Status, frozenset[Status]]] = {
    "pending": frozenset({"published", "superseded", "retracted", "expired", "quarantined"}),
    "published": frozenset({"superseded", "retracted", "expired", "quarantined"}),
    "superseded": frozenset({"published", "retracted", "quarantined"}),
    "expired": frozenset({"published", "retracted", "quarantined"}),
    "retracted": frozenset({"quarantined"}),
    "quarantined": frozenset({"published", "retracted"}),
}

INDEPENDENT_REPORTS: Final = 3  # roots whose reports put a trace in quarantine until somebody has looked


def sources(target: Status) -> list[Status]:
    """Return every status that may become `target`."""
    return [status for status, targets in TRANSITIONS.items() if target in targets]


def first_status(*, space_kind: str, moderator: bool, held: bool, proposal: bool) -> Status:
    """Return the status that a contribution begins with.

    Args:
        space_kind: Kind of the space that it is for.
        moderator: Whether a moderator of the space contributes it.
        held: Whether screening wants a person to look at it first.
        proposal: Whether it is to replace a trace that the contributor may not replace.
    """
    waits = held or proposal or (space_kind == "public" and not moderator)
    return "pending" if waits else "published"


def reports_weigh(known: int, other: int) -> int:
    """Return how many independent reports these are: the roots that are not known make one together."""
    return known + min(other, 1)
