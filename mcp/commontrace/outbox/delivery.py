"""One attempt to hand an item to its store, and how long to wait before the next."""

import json
import uuid
from collections.abc import Mapping

from commontrace import render
from commontrace.outbox.items import Item
from commontrace.stores import Store, StoreRefusedError, StoreUnavailableError

FIRST_DELAY = 2.0
LONGEST_DELAY = 3600.0
LONGEST_ASKED = 24 * 3600.0
"""How long a store may ask to be left alone; what is due later was written by a clock that was ahead."""
TAKEN = ("published", "pending")
"""What a trace is that its store has taken."""


def delay(attempts: int, jitter: float) -> float:
    """Seconds until the next attempt: doubling from `FIRST_DELAY` to `LONGEST_DELAY`, halved at random.

    Args:
        attempts: how many there were, 1 or more.
        jitter: from 0 to 1; it keeps many clients of a store that was down from coming back at once.
    """
    return float(min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** min(attempts - 1, 30)) * (0.5 + jitter / 2))


def send(stores: Mapping[str, Store], item: Item) -> str | None:
    """Make the request that an item stands for; the id that the store gave a trace.

    Raises:
        StoreError: the store does not have it, as far as we know.
    """
    store = stores.get(item.store)
    if store is None:
        raise StoreUnavailableError(
            f"no store is called {item.store!r} any more: "
            f"`commontrace setup --name {item.store}` connects it again"
        )
    if item.kind == "trace":
        return _contributed(store, item)
    fields = json.loads(item.body)
    trace = uuid.UUID(item.trace)
    if item.kind == "outcome":
        store.outcome(trace, **fields)
    elif fields["value"] == 0:
        store.unvote(trace)
    else:
        store.vote(trace, **fields)
    return None


def _contributed(store: Store, item: Item) -> str:
    """The id of the trace; what the store has had, and what was taken back there, is not stored again."""
    made = store.contribute(item.body.encode(), item.idempotency_key)
    if made.status not in TAKEN:
        raise StoreRefusedError(
            f"the store has had this text before, as trace {made.id}, which is {render.word(made.status)}: "
            "change the text, or delete that trace first if it is yours "
            f"(`commontrace forget --for-good {made.id}`)"
        )
    return str(made.id)
