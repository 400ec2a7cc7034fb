"""Which traces may be shown without being asked for, as far as the trace itself decides. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

SpaceKind = Literal["personal", "team", "public"]

CONFIRMATIONS: Final = 2  # independent ones that a public trace needs
_MEMBERS: Final = 1  # others of a team that a team's trace needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What is known of a trace before anybody searches for it.

    Attributes:
        space: Kind of the space it lives in.
        status: Its status.
        positive: Weighted votes and outcomes for it.
        negative: The same against it.
        confirmations: Roots other than the author's that voted for it or saw it work; counted up to
            CONFIRMATIONS at least.
        disliked: Whether who asks voted against it themselves, counted or not.
    """

    space: SpaceKind
    status: str
    positive: float = 0.0
    negative: float = 0.0
    confirmations: int = 0
    disliked: bool = False


def automatic(grounds: Grounds) -> bool:
    """Tell whether a trace passes the bar of its space.

    A personal space holds what its person approved and the starter pack: nothing else can get in. A team's
    trace needs another member, a public one CONFIRMATIONS roots that do not depend on its author. Nowhere
    is a trace shown whose evidence is not mostly good, or that the asking person voted down.
    """
    if grounds.status != "published" or grounds.disliked or turned_negative(grounds):
        return False
    if grounds.space == "personal":
        return True
    needed = _MEMBERS if grounds.space == "team" else CONFIRMATIONS
    return grounds.confirmations >= needed


def turned_negative(grounds: Grounds) -> bool:
    """Tell whether the evidence speaks against a trace at least as much as for it."""
    return grounds.negative > 0 and grounds.negative >= grounds.positive
