"""Which traces may be shown without being asked for, as far as the trace itself decides. Pure."""

from dataclasses import dataclass
from typing import Final, Literal

from commontrace_server.votes.weights import Evidence

SpaceKind = Literal["personal", "team", "public"]

CONFIRMATIONS: Final = 2  # independent ones that a public trace needs
_NONE: Final = Evidence(0.0, 0.0, 0.0, 0.0)
_MEMBERS: Final = 1  # others of a team that a team's trace needs


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """What is known of a trace before anybody searches for it.

    Attributes:
        space: Kind of the space it lives in.
        status: Its status.
        held: Whether screening wants a person to look at it first.
        evidence: Weighted votes and outcomes.
        confirmations: Known roots other than the author's that voted for it or saw it work, and say nothing
            against it.
        disliked: Whether who asks voted against it themselves, counted or not.
    """

    space: SpaceKind
    status: str
    held: bool = False
    evidence: Evidence = _NONE
    confirmations: int = 0
    disliked: bool = False


def automatic(grounds: Grounds) -> bool:
    """Tell whether a trace passes the bar of its space.

    A personal space holds what its person approved and the starter pack: nothing else can get in. A team's
    trace needs another member, a public one CONFIRMATIONS roots that do not depend on its author. Nowhere
    is a trace shown whose evidence is not mostly good, or that the asking person voted down.
    """
    if grounds.status != "published" or grounds.held or grounds.disliked or retired(grounds.evidence):
        return False
    if grounds.space == "personal":
        return True
    needed = _MEMBERS if grounds.space == "team" else CONFIRMATIONS
    return grounds.confirmations >= needed


def retired(evidence: Evidence) -> bool:
    """Tell whether the evidence speaks against a trace at least as much as for it.

    What was observed cannot be outvoted: as many failures as successes retire a trace, whatever is thought of
    it. A whole failure takes a known root, so that no crowd of unknown ones retires what has not been tried.
    """
    failing = evidence.failed >= 1 and evidence.failed >= evidence.worked
    return failing or 0 < evidence.negative >= evidence.positive
