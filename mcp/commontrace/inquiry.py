"""One question as it is asked of several stores at once, beside a hook that may not wait for all of them."""

import threading
import time
from collections.abc import Collection
from typing import TYPE_CHECKING

from commontrace.config import LOCAL

if TYPE_CHECKING:
    from commontrace.stores import Found

GRACE_SECONDS = 0.05
"""How long an answer that can be shown waits for those of the other stores."""


class Inquiry:
    """Answers arrive from threads; the hook takes those that are there.

    Args:
        signature: of the error that is asked about, None where there is none.
        stores: who is asked; `local` first.
    """

    def __init__(self, signature: str | None, stores: Collection[str]) -> None:
        self.signature = signature
        self.started = time.monotonic()
        self._changed = threading.Condition()
        self._waiting = set(stores)
        self._untaken: list[tuple[str, Found]] = []
        self._answered = False

    @property
    def is_done(self) -> bool:
        """Whether no store is left to answer."""
        return not self._waiting

    @property
    def has_answer(self) -> bool:
        """Whether some store has answered, taken or not."""
        return self._answered

    def finish(self, store: str, found: "Found | None") -> None:
        """Hand over a store's answer, None where it has none to give."""
        with self._changed:
            self._waiting.discard(store)
            if found is not None:
                self._answered = True
                self._untaken.append((store, found))
            self._changed.notify_all()

    def wait(self, until: float, *, without_local: bool = False) -> None:
        """Wait for all answers, or a moment longer than for the first that can be shown.

        Args:
            until: the end of all waiting (`time.monotonic`).
            without_local: the local store is known not to answer now.
        """
        with self._changed:
            while self._waiting - ({LOCAL} if without_local else set()):
                if any(_can_be_shown(found) for _, found in self._untaken):
                    until = min(until, time.monotonic() + GRACE_SECONDS)
                    self._changed.wait_for(lambda: not self._waiting, max(0.0, until - time.monotonic()))
                    return
                if not self._changed.wait(max(0.0, until - time.monotonic())):
                    return

    def take(self) -> "list[tuple[str, Found]]":
        """The answers that have come and were not taken yet."""
        with self._changed:
            taken, self._untaken = self._untaken, []
            return taken


def _can_be_shown(found: "Found") -> bool:
    return not found.abstained and any(hit.automatic for hit in found.hits)
