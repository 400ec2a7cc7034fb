"""What a search has found, kept as long as nothing is written: the same error is asked for again and again.

PostgreSQL names what a statement sees (`pg_current_snapshot()`): the transactions that had not ended, and
the next one to begin. While the name is the same no transaction has written and ended in between, and every
row that was read would be read again. So nothing that is kept is out of date, whoever writes and wherever.
"""

import time
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from typing import Final, NamedTuple

from commontrace_server.search.ranking import Ranked

CAPACITY: Final = 256  # queries; a few kB each
KEPT_SECONDS: Final = (
    300.0  # days since a trace was seen to work and the statistics of words go on without a write
)


class _Entry(NamedTuple):
    snapshot: Hashable
    until: float
    ranked: Sequence[Ranked]


class Rankings:
    """Ranked candidates of recent queries, each with the snapshot before which it was read.

    Args:
        capacity: Queries kept, the most recently asked.
    """

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._entries: OrderedDict[Hashable, _Entry] = OrderedDict()

    def get(self, query: Hashable, snapshot: Hashable) -> Sequence[Ranked] | None:
        """Return what was found for a query, if it would be found again.

        Args:
            query: All that the ranking depends on but for the database.
            snapshot: Of now.
        """
        entry = self._entries.get(query)
        if entry is None or entry.snapshot != snapshot or entry.until < time.monotonic():
            return None
        self._entries.move_to_end(query)
        return entry.ranked

    def put(self, query: Hashable, snapshot: Hashable, ranked: Sequence[Ranked]) -> None:
        """Keep what was found for a query, read after that snapshot was taken."""
        self._entries[query] = _Entry(snapshot, time.monotonic() + KEPT_SECONDS, ranked)
        self._entries.move_to_end(query)
        while len(self._entries) > self._capacity:
            self._entries.popitem(last=False)
