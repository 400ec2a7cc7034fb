"""The tables of the memory, and how a file of an older version becomes one of this version."""

import os
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from commontrace import environment

MIGRATIONS: Sequence[Sequence[str]] = (
    (
        # files of the first version carry no number, so this one may find its table there
        """CREATE TABLE IF NOT EXISTS shown (
            session TEXT NOT NULL,
            agent TEXT NOT NULL,
            trace TEXT NOT NULL,
            signature TEXT,
            confidence REAL NOT NULL,
            characters INTEGER NOT NULL,
            shown_at REAL NOT NULL,
            PRIMARY KEY (session, agent, trace)
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE shown ADD COLUMN store TEXT NOT NULL DEFAULT 'local'",
        """CREATE TABLE failures (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,
            agent TEXT NOT NULL,
            repo TEXT NOT NULL,
            cwd TEXT NOT NULL,
            command TEXT NOT NULL,
            signature TEXT,
            line TEXT NOT NULL,
            seen_at REAL NOT NULL,
            resolved_at REAL,
            resolution TEXT
        )""",
        "CREATE INDEX failures_repo ON failures (repo, signature)",
        "CREATE INDEX failures_session ON failures (session, seen_at)",
        """CREATE TABLE drafts (
            id TEXT PRIMARY KEY,
            session TEXT NOT NULL,
            store TEXT NOT NULL,
            body TEXT NOT NULL,
            verdict TEXT NOT NULL,
            findings TEXT NOT NULL,
            state TEXT NOT NULL CHECK (state IN ('draft', 'approved', 'sent', 'discarded')),
            created_at REAL NOT NULL
        )""",
        """CREATE TABLE outbox (
            id INTEGER PRIMARY KEY AUTOINCREMENT,
            store TEXT NOT NULL,
            idempotency_key TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('trace', 'vote', 'outcome')),
            trace TEXT,
            draft TEXT,
            body TEXT NOT NULL,
            state TEXT NOT NULL DEFAULT 'queued'
                CHECK (state IN ('queued', 'sent', 'refused', 'superseded')),
            attempts INTEGER NOT NULL DEFAULT 0,
            next_at REAL NOT NULL,
            last_error TEXT,
            created_at REAL NOT NULL,
            done_at REAL,
            result TEXT,
            UNIQUE (store, idempotency_key)
        )""",
        "CREATE INDEX outbox_due ON outbox (next_at) WHERE state = 'queued'",
        "CREATE TABLE notes (name TEXT PRIMARY KEY, value REAL NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE trace_names (
            store TEXT NOT NULL,
            trace TEXT NOT NULL,
            title TEXT NOT NULL,
            line TEXT NOT NULL,
            checked_at REAL NOT NULL,
            gone INTEGER NOT NULL DEFAULT 0,
            PRIMARY KEY (store, trace)
        ) WITHOUT ROWID""",
        """CREATE TABLE repo_traces (
            repo TEXT NOT NULL,
            store TEXT NOT NULL,
            trace TEXT NOT NULL,
            how TEXT NOT NULL CHECK (how IN ('shown', 'resolved')),
            last_at REAL NOT NULL,
            PRIMARY KEY (repo, store, trace)
        ) WITHOUT ROWID""",
        """CREATE TABLE briefed (
            session TEXT NOT NULL,
            store TEXT NOT NULL,
            trace TEXT NOT NULL,
            characters INTEGER NOT NULL,
            told_at REAL NOT NULL,
            PRIMARY KEY (session, store, trace)
        ) WITHOUT ROWID""",
        """CREATE TABLE draft_repos (
            draft TEXT PRIMARY KEY,
            repo TEXT NOT NULL,
            made_at REAL NOT NULL
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE shown ADD COLUMN content TEXT NOT NULL DEFAULT ''",
        # how the command is known again; what a search for the failure came to, and with which words
        "ALTER TABLE failures ADD COLUMN run TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE failures ADD COLUMN query TEXT NOT NULL DEFAULT ''",
        "ALTER TABLE failures ADD COLUMN answer TEXT",
        "ALTER TABLE drafts ADD COLUMN similar TEXT",
        "CREATE INDEX failures_seen ON failures (seen_at)",
        """CREATE TABLE changes (
            id INTEGER PRIMARY KEY,
            session TEXT NOT NULL,
            agent TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('edit', 'command')),
            what TEXT NOT NULL,
            detail TEXT NOT NULL,
            target TEXT NOT NULL,
            made_at REAL NOT NULL
        )""",
        "CREATE INDEX changes_session ON changes (session, made_at)",
        """CREATE TABLE recalled (
            session TEXT NOT NULL,
            signature TEXT NOT NULL,
            characters INTEGER NOT NULL,
            told_at REAL NOT NULL,
            PRIMARY KEY (session, signature)
        ) WITHOUT ROWID""",
        "CREATE TABLE offers (session TEXT PRIMARY KEY, made_at REAL NOT NULL) WITHOUT ROWID",
    ),
    (
        """CREATE TABLE copies (
            store TEXT NOT NULL,
            signature TEXT NOT NULL,
            trace TEXT NOT NULL,
            body TEXT NOT NULL,
            fetched_at REAL NOT NULL,
            PRIMARY KEY (store, signature, trace)
        )""",
    ),
)
VERSION = len(MIGRATIONS)
OPENING_SECONDS = 5.0
"""How long opening waits for another process that brings the file to this version."""


class MemoryNewerError(Exception):
    """The memory was written by a newer CommonTrace."""


def connect(path: Path) -> sqlite3.Connection:
    """Open the memory at this version, creating or upgrading it first; a copy is kept of what is upgraded.

    Raises:
        MemoryNewerError: this version is too old for the file.
        sqlite3.Error: the file cannot be opened or upgraded; then it is as it was.
    """
    connection = sqlite3.connect(path, timeout=OPENING_SECONDS, check_same_thread=False, isolation_level=None)
    try:
        if _version(connection) != VERSION:
            # under a lock of our own: SQLite does not wait for another's change of the journal mode
            with environment.locked(f"{path}.lock", lambda: None):
                _upgrade(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def backup_path(path: Path, version: int) -> Path:
    """Where the copy of a file of an older version is kept."""
    return path.with_name(f"{path.name}.v{version}.bak")


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    version = _version(connection)
    if version == VERSION:
        return
    if version > VERSION:
        raise MemoryNewerError(
            f"{path} was written by a newer CommonTrace (memory version {version}, this one knows "
            f"{VERSION}): update the plugin"
        )
    if connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        _back_up(connection, backup_path(path, version))
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statements in MIGRATIONS[version:]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _back_up(connection: sqlite3.Connection, copy: Path) -> None:
    """Copy the whole file; the copy appears complete or not at all."""
    part = copy.with_suffix(".part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    with closing(sqlite3.connect(part)) as target:
        connection.backup(target)
    part.replace(copy)


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
