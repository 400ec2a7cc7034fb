"""What was of use in a repository before, and what each session has been told of it."""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from commontrace.memory.database import Memory

How = Literal["shown", "resolved"]
"""Put in front of an agent there, or followed by the end of its error."""
LINE_LIMIT = 200
SESSIONS_MOST = 50
GONE_SECONDS = 24 * 3600
"""After this time a trace that its store had taken back is asked for again: a quarantine may have ended."""

_BEST = """
    SELECT store, trace, coalesce(names.title, of_repo.title) AS title,
        coalesce(names.line, of_repo.line) AS line, coalesce(checked_at, at) AS checked_at
    FROM (
        SELECT store, trace, max(title) AS title, max(line) AS line, max(weight) AS weight, max(at) AS at
        FROM (
            SELECT store, trace, NULL AS title, NULL AS line,
                CASE how WHEN 'resolved' THEN 2 ELSE 1 END AS weight, last_at AS at
            FROM repo_traces WHERE repo = :repo
            UNION ALL
            SELECT outbox.store, outbox.result, json_extract(drafts.body, '$.title'),
                json_extract(drafts.body, '$.context_text'), 2, outbox.done_at
            FROM draft_repos
                JOIN drafts ON drafts.id = draft_repos.draft
                JOIN outbox ON outbox.draft = drafts.id
            WHERE draft_repos.repo = :repo AND outbox.state = 'sent' AND outbox.result IS NOT NULL
                AND drafts.verdict = 'clean'
        ) GROUP BY store, trace
    ) AS of_repo LEFT JOIN trace_names AS names USING (store, trace)
    WHERE coalesce(names.gone, 0) = 0 OR names.checked_at < :recheck
    ORDER BY weight DESC, at DESC, trace LIMIT :most
"""
_HAD = """
    SELECT store, trace, title, line, checked_at FROM (
        SELECT store, trace, max(at) AS at, max(whole) AS whole FROM (
            SELECT store, trace, shown_at AS at, 1 AS whole FROM shown WHERE session = :session AND agent = ''
            UNION ALL
            SELECT store, trace, told_at, 0 FROM briefed WHERE session = :session
        ) GROUP BY store, trace
    ) JOIN trace_names USING (store, trace)
    WHERE gone = 0 ORDER BY whole DESC, at DESC, trace LIMIT :most
"""
_SESSIONS = """
    SELECT session FROM (
        SELECT session, trace, shown_at AS at FROM shown WHERE agent = ''
        UNION ALL
        SELECT session, trace, told_at FROM briefed
    ) WHERE trace IN (SELECT value FROM json_each(:traces))
    GROUP BY session HAVING count(DISTINCT trace) = json_array_length(:traces)
    ORDER BY max(at) DESC LIMIT :most
"""
_LATELY = """
    SELECT store, trace, title, line, checked_at FROM (
        SELECT store, trace, max(shown_at) AS at FROM shown GROUP BY store, trace
    ) JOIN trace_names USING (store, trace)
    WHERE gone = 0 ORDER BY at DESC, trace LIMIT :most
"""
_TAKEN_BACK = """
    SELECT session, store, trace, title, min(at) AS shown_at, checked_at AS noticed_at FROM (
        SELECT session, store, trace, shown_at AS at FROM shown
        UNION ALL
        SELECT session, store, trace, told_at FROM briefed
    ) JOIN trace_names USING (store, trace)
    WHERE gone = 1 GROUP BY session, store, trace ORDER BY shown_at DESC LIMIT :most
"""


@dataclass(frozen=True)
class Known:
    """One trace by name: never its solution.

    Attributes:
        line: the first line of the problem.
        checked_at: when its store last had it, seconds since the epoch.
    """

    store: str
    trace: str
    title: str
    line: str
    checked_at: float = 0.0


def note(memory: Memory, repo: str, traces: Sequence[Known], how: How) -> None:
    """Remember that traces were of use in a repository."""
    now = time.time()
    with memory.write() as connection:
        _name(connection, traces, now)
        connection.executemany(
            "INSERT INTO repo_traces (repo, store, trace, how, last_at) VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET last_at = excluded.last_at,"
            " how = CASE how WHEN 'resolved' THEN how ELSE excluded.how END",
            [(repo, known.store, known.trace, how, now) for known in traces],
        )


def drafted(memory: Memory, repo: str, draft: str) -> None:
    """Remember where a draft was made: once it is published, its trace is one of that repository."""
    with memory.write() as connection:
        connection.execute("INSERT OR REPLACE INTO draft_repos VALUES (?, ?, ?)", (draft, repo, time.time()))


def best(memory: Memory, repo: str, most: int) -> list[Known]:
    """The traces of a repository: what was contributed or helped there first, then the most recent."""
    recheck = time.time() - GONE_SECONDS
    return [_known(row) for row in memory.read(_BEST, {"repo": repo, "most": most, "recheck": recheck})]


def checked(memory: Memory, there: Sequence[Known], gone: Sequence[Known]) -> None:
    """Remember which traces their stores still have, as they are described here, and which they do not."""
    now = time.time()
    with memory.write() as connection:
        _name(connection, there, now)
        _name(connection, gone, now, gone=True)
        connection.executemany(
            "DELETE FROM copies WHERE store = ? AND trace = ?", [(known.store, known.trace) for known in gone]
        )


def shown_lately(memory: Memory, most: int) -> list[Known]:
    """The traces that any session was shown last, as far as their stores had them when last asked."""
    return [_known(row) for row in memory.read(_LATELY, {"most": most})]


def taken_back(memory: Memory, most: int) -> list[sqlite3.Row]:
    """Which sessions were shown what its store has taken back or published no more, newest first.

    Returns:
        Rows of session, store, trace, title, shown_at and noticed_at (seconds since the epoch).
    """
    return memory.read(_TAKEN_BACK, {"most": most})


def tell(memory: Memory, session: str, traces: Sequence[Known], characters: int) -> bool:
    """Record that a session is about to be told of traces; False if it was told before.

    Recording first makes two hooks that run at once tell it once.
    """
    now = time.time()
    share = -(-characters // max(1, len(traces)))
    with memory.write() as connection:
        if connection.execute("SELECT 1 FROM briefed WHERE session = ?", (session,)).fetchone():
            return False
        connection.executemany(
            "INSERT OR IGNORE INTO briefed VALUES (?, ?, ?, ?, ?)",
            [(session, known.store, known.trace, share, now) for known in traces],
        )
    return True


def spend(memory: Memory, session: str, traces: Sequence[Known], characters: int) -> None:
    """Count the characters that repeat to a session what it had been given."""
    share = -(-characters // len(traces))
    now = time.time()
    with memory.write() as connection:
        connection.executemany(
            "INSERT INTO briefed VALUES (?, ?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET characters = characters + excluded.characters",
            [(session, known.store, known.trace, share, now) for known in traces],
        )


def is_new(memory: Memory, session: str) -> bool:
    """Whether a session has neither been told of traces nor shown any."""
    query = (
        "SELECT 1 FROM briefed WHERE session = :s UNION ALL SELECT 1 FROM shown WHERE session = :s LIMIT 1"
    )
    return not memory.read(query, {"s": session})


def had(memory: Memory, session: str, most: int) -> list[Known]:
    """What a session's own agent was shown, newest first, then what it was told at its start."""
    return [_known(row) for row in memory.read(_HAD, {"session": session, "most": most})]


def sessions_with(memory: Memory, traces: Sequence[Known]) -> list[str]:
    """The latest sessions whose own agent has had all of these traces, whole or by name."""
    ids = json.dumps(sorted({known.trace for known in traces}))
    return [str(row["session"]) for row in memory.read(_SESSIONS, {"traces": ids, "most": SESSIONS_MOST})]


def _name(connection: sqlite3.Connection, traces: Sequence[Known], now: float, *, gone: bool = False) -> None:
    connection.executemany(
        "INSERT OR REPLACE INTO trace_names (store, trace, title, line, checked_at, gone)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        [(known.store, known.trace, known.title, known.line, now, gone) for known in traces],
    )


def _known(row: sqlite3.Row) -> Known:
    lines = str(row["line"]).strip().splitlines() or [""]
    return Known(row["store"], row["trace"], row["title"], lines[0][:LINE_LIMIT], row["checked_at"])
