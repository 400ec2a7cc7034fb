"""What is wrong with this installation, and how to mend it: every finding comes with its remedy."""

from collections.abc import Callable, Iterator

from commontrace.doctor import installation, records, stores
from commontrace.doctor.finding import Finding, Level
from commontrace.runtime import Runtime

__all__ = ["Finding", "Level", "examine"]

CHECKS: tuple[Callable[[Runtime], Iterator[Finding]], ...] = (
    installation.plugin,
    installation.client,
    installation.environment,
    installation.disk,
    installation.config,
    stores.local,
    stores.connected,
    records.memory,
    records.drafted,
    records.outbox,
    records.paused,
    records.errors,
)


def examine(runtime: Runtime) -> list[Finding]:
    """Look at everything; one failing check does not keep the others from being made."""
    return [finding for check in CHECKS for finding in check(runtime)]
