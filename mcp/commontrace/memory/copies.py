"""Copies of the traces that stores have offered for an error, as JSON, each with the time it was fetched."""

import time
from collections.abc import Mapping

from commontrace.memory.database import Memory

MOST = 200
"""Copies of all stores together; the oldest go first."""
AGE_SECONDS = 30 * 24 * 3600.0
"""An older copy is not used any more."""


def replace(memory: Memory, store: str, signature: str, bodies: Mapping[str, str]) -> None:
    """Keep what a store offers now for an error, in place of what it offered before.

    Args:
        memory: where copies are kept.
        store: its name.
        signature: of the error.
        bodies: JSON documents by the id of the trace.
    """
    if not bodies and not of(memory, store, signature):
        return
    now = time.time()
    with memory.write() as connection:
        connection.execute("DELETE FROM copies WHERE store = ? AND signature = ?", (store, signature))
        connection.executemany(
            "INSERT INTO copies (store, signature, trace, body, fetched_at) VALUES (?, ?, ?, ?, ?)",
            [(store, signature, trace, body, now) for trace, body in bodies.items()],
        )
        connection.execute(
            "DELETE FROM copies WHERE rowid IN"
            " (SELECT rowid FROM copies ORDER BY fetched_at DESC, rowid DESC LIMIT -1 OFFSET ?)",
            (MOST,),
        )


def drop(memory: Memory, store: str, trace: str) -> None:
    """Forget a trace that its store has no more."""
    with memory.write() as connection:
        connection.execute("DELETE FROM copies WHERE store = ? AND trace = ?", (store, trace))


def kept(memory: Memory, store: str) -> tuple[int, float | None]:
    """How many copies there are of what a store has offered, and when the oldest was fetched."""
    ((count, oldest),) = memory.read(
        "SELECT count(*), min(fetched_at) FROM copies WHERE store = ? AND fetched_at > ?",
        (store, time.time() - AGE_SECONDS),
    )
    return int(count), oldest


def of(memory: Memory, store: str, signature: str) -> list[tuple[str, float]]:
    """The documents that a store has offered for an error, best first, and when they were fetched."""
    rows = memory.read(
        "SELECT body, fetched_at FROM copies WHERE store = ? AND signature = ? AND fetched_at > ?"
        " ORDER BY rowid",
        (store, signature, time.time() - AGE_SECONDS),
    )
    return [(row["body"], row["fetched_at"]) for row in rows]
