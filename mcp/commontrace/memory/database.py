"""The memory's file as its users see it: transactions, and what was shown."""

import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commontrace.memory import retention, schema

BUSY_MS = 100
"""How long a write waits for another process; a hook has 300 ms for everything."""


@dataclass(frozen=True)
class Shown:
    """One trace as it was put in front of one agent (`agent` is empty for the session's own)."""

    session: str
    agent: str
    trace: str
    signature: str | None
    confidence: float
    characters: int
    store: str = "local"
    content: str = ""
    """Digest of title and solution: the same trace in another store has another id."""


class Memory:
    """Safe to share between threads; every write is on disk when the call returns.

    Args:
        path: the file; it is created for this user alone.
        busy_ms: how long to wait for another process. Commands can wait longer than hooks.

    Raises:
        sqlite3.Error: the file cannot be opened, read or written.
        MemoryNewerError: a newer version wrote it.
    """

    def __init__(self, path: Path, busy_ms: int = BUSY_MS) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path.touch(mode=0o600)
        self.path = path
        self._lock = threading.Lock()
        self._connection = schema.connect(path)
        self._connection.row_factory = sqlite3.Row
        try:
            self._connection.execute("PRAGMA synchronous = NORMAL")
            retention.apply(self._connection, time.time())
            self._connection.execute(f"PRAGMA busy_timeout = {int(busy_ms)}")
        except BaseException:
            self._connection.close()
            raise

    def read(self, query: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> list[sqlite3.Row]:
        """The rows of one query."""
        with self._lock:
            return self._connection.execute(query, parameters).fetchall()

    @contextmanager
    def write(self, *, durable: bool = False) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is written, or nothing.

        Args:
            durable: also withstands a power failure, for what a person was told is safe.
        """
        with self._lock:
            connection = self._connection
            if durable:
                connection.execute("PRAGMA synchronous = FULL")
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield connection
                    connection.execute("COMMIT")
                except BaseException:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
                    raise
            finally:
                if durable:
                    connection.execute("PRAGMA synchronous = NORMAL")

    def claim(self, records: Sequence[Shown]) -> bool:
        """Record that traces are about to be shown; False, and nothing recorded, if the agent had one before.

        Recording first makes two hooks that run at once show a trace once.
        """
        now = time.time()
        rows = [
            (r.session, r.agent, r.trace, r.signature, r.confidence, r.characters, now, r.store, r.content)
            for r in records
        ]
        try:
            with self.write() as connection:
                connection.executemany(
                    "INSERT INTO shown"
                    " (session, agent, trace, signature, confidence, characters, shown_at, store, content)"
                    " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    rows,
                )
        except sqlite3.IntegrityError:
            return False
        return True

    def shown_to(self, session: str, agent: str) -> set[str]:
        """Ids of the traces that this agent has had in this session, and the digests of their contents."""
        rows = self.read("SELECT trace, content FROM shown WHERE session = ? AND agent = ?", (session, agent))
        return {name for row in rows for name in row if name}

    def characters(self, session: str) -> int:
        """How many characters this session has been given so far, sub-agents included."""
        ((total,),) = self.read(
            "SELECT coalesce(sum(characters), 0) FROM (SELECT characters FROM shown WHERE session = :s"
            " UNION ALL SELECT characters FROM briefed WHERE session = :s"
            " UNION ALL SELECT characters FROM recalled WHERE session = :s)",
            {"s": session},
        )
        return int(total)

    def recently_shown(self, limit: int) -> list[sqlite3.Row]:
        """The last traces that were shown, newest first."""
        return self.read(
            "SELECT session, trace, store, confidence, characters, shown_at FROM shown"
            " ORDER BY shown_at DESC LIMIT ?",
            (limit,),
        )

    def store_of(self, trace: str) -> str | None:
        """The store that a trace was shown from, None if it never was."""
        rows = self.read("SELECT store FROM shown WHERE trace = ? ORDER BY shown_at DESC LIMIT 1", (trace,))
        return str(rows[0]["store"]) if rows else None

    def close(self) -> None:
        """Give the file back once no thread is using it; only tests and short commands need it."""
        with self._lock:
            self._connection.close()
