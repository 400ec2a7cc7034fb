"""From a failure to the traces that are put in front of an agent: search, choose, remember."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass

from commontrace import render
from commontrace.local_store import LocalStore
from commontrace.memory import Memory, Shown
from commontrace.paths import Paths
from commontrace.recognition import Failure
from commontrace.stores import Found, Hit, Query
from commontrace_rules import screening

MOST = 2
"""Traces per injection."""
CANDIDATES = 5
SESSION_BUDGET = 6000
"""Characters that one session is given at most."""
STARTING_SECONDS = 20
"""How long a search waits for a store that is starting; no hook waits that long for the search."""


@dataclass(frozen=True)
class Injection:
    """What the model is given, the line that the person sees of it, and the traces that it holds."""

    text: str
    notice: str
    hits: tuple[Hit, ...] = ()


class Recall:
    """Asks the store and remembers what was shown. Safe to share between threads."""

    def __init__(self, folders: Paths, local: LocalStore) -> None:
        self._folders = folders
        self._local = local
        self._opening = threading.Lock()
        self._memory: Memory | None = None

    def search(self, failure: Failure) -> Found:
        """What the store knows of a failure.

        Raises:
            StoreError: the store could not be asked.
        """
        self._local.wait_connected(STARTING_SECONDS)
        query = Query(query=failure.query, kind="error", signature=failure.signature, limit=CANDIDATES)
        return self._local.store.search(query)

    def inject(self, session: str, agent: str, failure: Failure, found: Found) -> Injection | None:
        """The injection for one agent, recorded as shown; None where there is nothing to show to it.

        Raises:
            sqlite3.Error: the memory cannot be used; then nothing is shown, because it could come twice.
        """
        memory = self._open_memory()
        hits = choose(found, memory.shown_to(session, agent))
        if not hits:
            return None
        text, shown = render.injection(failure.line, hits)
        if memory.characters(session) + len(text) > SESSION_BUDGET:
            return None
        share = -(-len(text) // len(shown))
        records = [
            Shown(session, agent, str(hit.id), failure.signature, hit.confidence, share) for hit in shown
        ]
        return Injection(text, render.notice(shown), tuple(shown)) if memory.claim(records) else None

    def prepare(self) -> None:
        """Do now what the first failure would have to wait for."""
        self._open_memory()
        screening.screen({"title": "", "context_text": "", "solution_text": "", "tags": []})

    def _open_memory(self) -> Memory:
        with self._opening:
            if self._memory is None:
                self._memory = Memory(self._folders.memory)
            return self._memory


def choose(found: Found, already: Iterable[str]) -> list[Hit]:
    """The hits that may be shown without being asked for, best first.

    What an agent has had it does not get again, and a trace that fails the screening here is left out
    whatever the store says of it.
    """
    if found.abstained:
        return []
    seen = set(already)
    chosen: list[Hit] = []
    for hit in found.hits:
        allowed = hit.automatic and str(hit.id) not in seen
        if allowed and screening.screen(hit.model_dump(mode="json")).verdict == "clean":
            chosen.append(hit)
        if len(chosen) == MOST:
            break
    return chosen
