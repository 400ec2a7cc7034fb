"""What stands in for a store that cannot be asked: copies of what it offered for the same error before."""

import sqlite3
from typing import TYPE_CHECKING

from pydantic import ValidationError

from commontrace.memory import MemoryNewerError, copies, rests
from commontrace.stores import Found, Hit

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

MOST = 2
"""Copies per error and store: no more are shown at once."""


class Absence:
    """Keeps what stores offer, and offers it while they are away. Safe to share between threads."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    def keep(self, store: str, signature: str | None, found: Found) -> None:
        """Remember a store's answer; what it does not offer any more is forgotten with it."""
        if signature is None:
            return
        offered = [] if found.abstained else [hit for hit in found.hits if hit.automatic][:MOST]
        bodies = {str(hit.id): hit.model_dump_json(exclude={"fetched_at"}) for hit in offered}
        try:
            copies.replace(self._runtime.memory, store, signature, bodies)
        except (sqlite3.Error, OSError, MemoryNewerError) as error:
            self._runtime.record("copies", error)

    def rests(self, store: str, seconds: float | None) -> None:
        """Note for `status` how long a store is left alone from now on; None: it answers again."""
        try:
            rests.note(self._runtime.memory, store, seconds)
        except (sqlite3.Error, OSError, MemoryNewerError) as error:
            self._runtime.record("rests", error)

    def found(self, store: str, signature: str | None) -> Found | None:
        """What the store offered for this error when it could be asked, None if that was nothing."""
        if signature is None:
            return None
        try:
            kept = copies.of(self._runtime.memory, store, signature)
            hits = [
                Hit.model_validate_json(body).model_copy(update={"fetched_at": fetched})
                for body, fetched in kept
            ]
        except (sqlite3.Error, OSError, MemoryNewerError, ValidationError) as error:
            self._runtime.record("copies", error)
            return None
        return Found(hits=hits, abstained=False) if hits else None
