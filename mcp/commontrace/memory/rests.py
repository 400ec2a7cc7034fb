"""Until when sessions leave a store alone that did not answer, so that `status` can tell."""

import time

from commontrace.memory.database import Memory

_NAME = "rest "


def note(memory: Memory, store: str, seconds: float | None) -> None:
    """Note that a store is left alone from now on for some seconds, or, with None, that it answers again."""
    with memory.write() as connection:
        if seconds is None:
            connection.execute("DELETE FROM notes WHERE name = ?", (_NAME + store,))
        else:
            row = (_NAME + store, time.time() + seconds)
            connection.execute("INSERT OR REPLACE INTO notes (name, value) VALUES (?, ?)", row)


def until(memory: Memory, store: str) -> float | None:
    """When the rest of a store ends, in seconds since the epoch; None if it is not left alone."""
    rows = memory.read("SELECT value FROM notes WHERE name = ? AND value > ?", (_NAME + store, time.time()))
    return float(rows[0]["value"]) if rows else None
