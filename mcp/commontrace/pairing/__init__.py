"""Pairs a command that failed with the run of it that passes, and says what was changed in between."""

from commontrace.pairing.changes import Change
from commontrace.pairing.commands import Run, parse
from commontrace.pairing.ledger import Ledger, Recurrence, Resolution

__all__ = ["Change", "Ledger", "Recurrence", "Resolution", "Run", "parse"]
