"""How long the memory keeps things: 90 days; what has not been sent yet stays until it is."""

import sqlite3

DAYS = 90
DAY_SECONDS = 24 * 3600.0
EXPIRED = (
    "DELETE FROM shown WHERE shown_at < ?",
    "DELETE FROM failures WHERE seen_at < ?",
    "DELETE FROM changes WHERE made_at < ?",
    "DELETE FROM recalled WHERE told_at < ?",
    "DELETE FROM offers WHERE made_at < ?",
    "DELETE FROM repo_traces WHERE last_at < ?",
    "DELETE FROM trace_names WHERE checked_at < ?",
    "DELETE FROM briefed WHERE told_at < ?",
    "DELETE FROM copies WHERE fetched_at < ?",
    "DELETE FROM draft_repos WHERE made_at < ?",
    "DELETE FROM drafts WHERE created_at < ? AND state != 'approved'",
    "DELETE FROM outbox WHERE done_at < ? AND state != 'queued'",
)


def apply(connection: sqlite3.Connection, now: float) -> None:
    """Remove what is too old, at most once a day; on all other days this reads one row."""
    last = connection.execute("SELECT value FROM notes WHERE name = 'expired_at'").fetchone()
    if last is not None and abs(now - last[0]) < DAY_SECONDS:
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for statement in EXPIRED:
            connection.execute(statement, (now - DAYS * DAY_SECONDS,))
        connection.execute("INSERT OR REPLACE INTO notes VALUES ('expired_at', ?)", (now,))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise
