"""How the database weighs the voices on a trace: counters, and what is generated of them.

`votes/weights.py` says why, and computes the same.
"""

from collections.abc import Mapping
from typing import Final

SIDES: Final = ("known", "other")
VOICES: Final = ("up", "down", "worked", "failed")
COUNTERS: Final = tuple(f"{side}_{voice}" for side in SIDES for voice in VOICES)

_UNIT: Final = "pool_unit((other_up + other_down), (other_worked + other_failed))"


def _weighed(voice: str) -> str:
    return f"(known_{voice} + (other_{voice} * {_UNIT}))"


def _evidence(vote: str, outcome: str) -> str:
    return f"({_weighed(vote)} + (2 * {_weighed(outcome)}))"


TALLIES: Final[Mapping[str, str]] = {
    "votes_up": _weighed("up"),
    "votes_down": _weighed("down"),
    "outcomes_worked": _weighed("worked"),
    "outcomes_failed": _weighed("failed"),
    "wilson": f"wilson_lower_bound({_evidence('up', 'worked')}, {_evidence('down', 'failed')})",
}
