"""The rows of the outbox, and what becomes of them."""

import sqlite3
from dataclasses import dataclass
from typing import Literal

Kind = Literal["trace", "vote", "outcome"]
State = Literal["queued", "sent", "refused", "superseded"]


@dataclass(frozen=True)
class Item:
    """One row of the outbox.

    Attributes:
        trace: id of the trace that a vote or an outcome is about.
        draft: id of the draft that a trace was.
        body: the exact JSON document that is sent.
        result: id that the store gave a trace.
    """

    id: int
    store: str
    idempotency_key: str
    kind: Kind
    trace: str | None
    draft: str | None
    body: str
    state: State
    attempts: int
    next_at: float
    last_error: str | None
    created_at: float
    done_at: float | None
    result: str | None


@dataclass(frozen=True)
class Receipt:
    """What became of one item in one attempt: `sent`, `refused`, or still `queued` with the reason."""

    item: Item
    state: State
    result: str | None = None
    error: str | None = None


def read(row: sqlite3.Row) -> Item:
    """The item of a row."""
    return Item(**{name: row[name] for name in row.keys()})  # noqa: SIM118  rows iterate over values
