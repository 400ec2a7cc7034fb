"""The failures of this machine's sessions, what was changed after them, and what has ended them."""

import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Literal

from commontrace.memory.database import Memory

Answer = Literal["shown", "silent", "spared", "away"]
"""Traces were shown; nothing was worth showing; not asked again so soon; no store could be asked."""
OPEN_SECONDS = 12 * 3600
"""A failure that is older is not taken up by a resumed session."""

TRIED_MOST = 12
DIFF_LIMIT = 3_000


@dataclass(frozen=True)
class Seen:
    """One failing run, redacted.

    Attributes:
        id: unique on this machine.
        repo: real path of the repository.
        cwd: where the command took place.
        command: what was run, without what surrounds it.
        run: how the command is known again.
        query: the lines that a search was made with.
    """

    id: int
    session: str
    agent: str
    repo: str
    cwd: str
    command: str
    run: str
    signature: str | None
    line: str
    query: str
    seen_at: float


@dataclass(frozen=True)
class Changed:
    """One change after a failure, redacted; `kind` is `edit` or `command`."""

    agent: str
    kind: str
    what: str
    detail: str
    target: str
    made_at: float


@dataclass(frozen=True)
class Solution:
    """How a failure ended, redacted.

    Attributes:
        edited: paths of files, relative to the repository where they are in it.
        ran: commands.
        diff: changed lines that begin with + or -, each file under a line of its own.
        passed: the command as it passed.
        failures: how often the command had failed.
        seconds: from the first failure to the pass.
        trace: the trace that helped, as `STORE/ID`.
        judged: whether it was looked into what helped; a session may end before that.
    """

    edited: tuple[str, ...] = ()
    ran: tuple[str, ...] = ()
    diff: str = ""
    passed: str = ""
    failures: int = 1
    seconds: float = 0.0
    trace: str | None = None
    judged: bool = False


@dataclass(frozen=True)
class Solved:
    """A failure that was followed by a pass; or by none, where `solution.passed` is empty."""

    signature: str | None
    line: str
    query: str
    command: str
    cwd: str
    resolved_at: float
    session: str
    solution: Solution = field(default_factory=Solution)


def record(memory: Memory, seen: Seen) -> None:
    """Keep a failing run."""
    with memory.write() as connection:
        connection.execute(
            "INSERT OR IGNORE INTO failures"
            " (id, session, agent, repo, cwd, command, run, signature, line, query, seen_at) VALUES"
            " (:id, :session, :agent, :repo, :cwd, :command, :run, :signature, :line, :query, :seen_at)",
            asdict(seen),
        )


def answered(memory: Memory, row: int, answer: Answer) -> None:
    """Keep what the search for a failing run came to."""
    with memory.write() as connection:
        connection.execute("UPDATE failures SET answer = ? WHERE id = ?", (answer, row))


def record_changes(memory: Memory, session: str, changes: Sequence[Changed]) -> None:
    """Keep what was changed while failures were open."""
    with memory.write() as connection:
        connection.executemany(
            "INSERT INTO changes (session, agent, kind, what, detail, target, made_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            [(session, c.agent, c.kind, c.what, c.detail, c.target, c.made_at) for c in changes],
        )


def resolve(memory: Memory, rows: Sequence[int], at: float, solution: Solution | None) -> None:
    """Close the runs of a failure; None where it passed although nothing was changed.

    The last run keeps how it was solved.
    """
    with memory.write() as connection:
        connection.executemany(
            "UPDATE failures SET resolved_at = ? WHERE id = ?", [(at, row) for row in rows]
        )
        if solution is not None:
            kept = json.dumps(asdict(solution))
            connection.execute("UPDATE failures SET resolution = ? WHERE id = ?", (kept, rows[-1]))


def open_in(memory: Memory, session: str) -> list[Seen]:
    """The failing runs of a session that nothing has ended, oldest first."""
    rows = memory.read(
        "SELECT id, session, agent, repo, cwd, command, run, signature, line, query, seen_at FROM failures"
        " WHERE session = ? AND resolved_at IS NULL AND run != '' AND seen_at > ? ORDER BY seen_at, id",
        (session, time.time() - OPEN_SECONDS),
    )
    return [Seen(*row) for row in rows]


def answers_of(memory: Memory, rows: Sequence[int]) -> set[str]:
    """What the searches for some failing runs came to."""
    found = memory.read(
        "SELECT DISTINCT answer FROM failures WHERE answer IS NOT NULL"
        " AND id IN (SELECT value FROM json_each(?))",
        (json.dumps(list(rows)),),
    )
    return {str(row["answer"]) for row in found}


def changes_since(memory: Memory, session: str, since: float) -> list[Changed]:
    """What a session has changed since a time, oldest first."""
    rows = memory.read(
        "SELECT agent, kind, what, detail, target, made_at FROM changes"
        " WHERE session = ? AND made_at > ? ORDER BY made_at, id",
        (session, since),
    )
    return [Changed(*row) for row in rows]


def solved_in(memory: Memory, repo: str, signature: str) -> Solved | None:
    """How an error was solved last in a repository."""
    rows = memory.read(
        f"{_SOLVED} AND repo = ? AND signature = ? ORDER BY resolved_at DESC LIMIT 1", (repo, signature)
    )
    return _solved(rows[0]) if rows else None


def solved_by(memory: Memory, session: str, most: int) -> list[Solved]:
    """What a session has solved, newest first."""
    rows = memory.read(f"{_SOLVED} AND session = ? ORDER BY resolved_at DESC LIMIT ?", (session, most))
    return [_solved(row) for row in rows]


def unsolved_by(memory: Memory, session: str, most: int) -> list[Solved]:
    """What a session has changed and still saw fail, newest first; `solution` is what was in vain."""
    rows = memory.read(
        "SELECT signature, line, query, command, cwd, max(seen_at) AS last_at, min(seen_at) AS first_at,"
        " count(*) AS runs FROM failures WHERE session = ? AND resolved_at IS NULL"
        " GROUP BY coalesce(signature, line), command HAVING runs > 1 ORDER BY last_at DESC LIMIT ?",
        (session, most),
    )
    found = [(row, _tried(memory, session, row["first_at"], row["last_at"])) for row in rows]
    return [
        Solved(
            signature=row["signature"],
            line=row["line"],
            query=row["query"],
            command=row["command"],
            cwd=row["cwd"],
            resolved_at=row["last_at"],
            session=session,
            solution=replace(tried, failures=row["runs"], seconds=round(row["last_at"] - row["first_at"], 1)),
        )
        for row, tried in found
        if tried.ran or tried.edited
    ]


def _tried(memory: Memory, session: str, since: float, until: float) -> Solution:
    made = [change for change in changes_since(memory, session, since) if change.made_at <= until]
    edits = [change for change in made if change.kind == "edit"]
    return Solution(
        edited=tuple(dict.fromkeys(change.what for change in edits))[:TRIED_MOST],
        ran=tuple(dict.fromkeys(change.what for change in made if change.kind == "command"))[:TRIED_MOST],
        diff="\n".join(f"{change.what}\n{change.detail}" for change in edits if change.detail)[:DIFF_LIMIT],
    )


def unjudged(memory: Memory) -> list[tuple[Seen, float, Solution]]:
    """Failures that were solved lately in sessions that ended at once, with the time and the solution."""
    rows = memory.read(
        "SELECT id, session, agent, repo, cwd, command, run, signature, line, query, seen_at,"
        " resolved_at, resolution FROM failures"
        " WHERE resolved_at > ? AND json_extract(resolution, '$.judged') = 0",
        (time.time() - OPEN_SECONDS,),
    )
    return [(Seen(*tuple(row)[:-2]), row["resolved_at"], _solution(row["resolution"])) for row in rows]


def claim_recall(memory: Memory, session: str, signature: str, characters: int) -> bool:
    """Record that a session is about to be told how an error was solved here; False if it was before."""
    return _claimed(
        memory, "INSERT INTO recalled VALUES (?, ?, ?, ?)", (session, signature, characters, time.time())
    )


def was_recalled(memory: Memory, session: str, signature: str) -> bool:
    """Whether a session was told how an error was solved here."""
    query = "SELECT 1 FROM recalled WHERE session = ? AND signature = ?"
    return bool(memory.read(query, (session, signature)))


def claim_offer(memory: Memory, session: str) -> bool:
    """Record that a session is about to be offered to contribute; False if it was before."""
    return _claimed(memory, "INSERT INTO offers VALUES (?, ?)", (session, time.time()))


def is_known(memory: Memory, session: str, signature: str, since: float) -> bool:
    """Whether a session has had something on an error, or is already writing about what it has met since."""
    rows = memory.read(
        "SELECT 1 FROM shown WHERE session = :s"
        " AND (signature = :g OR (signature IS NULL AND shown_at >= :t))"
        " UNION ALL SELECT 1 FROM recalled WHERE session = :s AND signature = :g"
        " UNION ALL SELECT 1 FROM drafts WHERE session = :s AND created_at >= :t LIMIT 1",
        {"s": session, "g": signature, "t": since},
    )
    return bool(rows)


def shown_for(
    memory: Memory, session: str, agent: str, signature: str | None, since: float
) -> list[tuple[str, str, float]]:
    """Store, id and time of the traces that an agent had for an error, or asked for since it came up."""
    rows = memory.read(
        "SELECT store, trace, shown_at FROM shown WHERE session = :s AND ("
        " agent = :a AND signature = :g OR agent IN ('', :a) AND signature IS NULL AND shown_at >= :t)",
        {"s": session, "a": agent, "g": signature, "t": since},
    )
    return [(row["store"], row["trace"], row["shown_at"]) for row in rows]


_SOLVED = (
    "SELECT signature, line, query, command, cwd, resolved_at, session, resolution FROM failures"
    " WHERE resolution IS NOT NULL"
)


def _solved(row: sqlite3.Row) -> Solved:
    solution = _solution(row["resolution"])
    fields = {name: row[name] for name in row.keys() if name != "resolution"}  # noqa: SIM118  rows iterate over values
    return Solved(**fields, solution=solution)


def _solution(text: str) -> Solution:
    kept = json.loads(text)
    return Solution(**{**kept, "edited": tuple(kept["edited"]), "ran": tuple(kept["ran"])})


def _claimed(memory: Memory, statement: str, values: tuple[object, ...]) -> bool:
    try:
        with memory.write() as connection:
            connection.execute(statement, values)
    except sqlite3.IntegrityError:
        return False
    return True
