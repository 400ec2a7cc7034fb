"""Counting the voices on traces anew, from votes and outcomes alone, and who has standing.

What is derived here is a function of the votes, the outcomes, the accounts and the memberships, so it
comes to the same however often it is done, and to the same as change by change (`reputation/voices.py`).
"""

from collections.abc import Callable, Sequence
from typing import Final
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.tables import traces
from commontrace_server.reputation.voices import COUNTED

BATCH: Final = 50  # traces whose locks are held at a time
EARNED: Final = 2  # traces of a root that trusted ones saw work, more than fail, give it standing

_LOCK: Final = text(
    "SELECT id FROM traces WHERE id = ANY(CAST(:traces AS uuid[])) ORDER BY id DESC FOR NO KEY UPDATE"
)
_COUNTS: Final = ", ".join(f"count(*) FILTER (WHERE {rule}) AS {name}" for name, rule in COUNTED.items())
_SET: Final = ", ".join(f"{name} = coalesce(counted.{name}, 0)" for name in COUNTED)
_NEWS: Final = " OR ".join(f"traces.{name} <> coalesce(counted.{name}, 0)" for name in COUNTED)
_RECOUNT: Final = text(f"""
    WITH asked AS MATERIALIZED (
        SELECT traces.id, space_id, spaces.kind, authors.root AS author_root
        FROM traces JOIN spaces ON spaces.id = space_id
        LEFT JOIN accounts AS authors ON authors.id = author_id
        WHERE traces.id = ANY(CAST(:traces AS uuid[]))
    ),
    -- What root_is_known says, for many roots at once.
    known_everywhere AS (
        SELECT root FROM standing UNION SELECT root FROM accounts WHERE tier = 'trusted'
    ),
    known_there AS (
        SELECT root, space_id FROM members JOIN accounts ON accounts.id = account_id
        WHERE role <> 'reader' AND space_id IN (SELECT space_id FROM asked)
    ),
    said AS (
        SELECT trace_id, account_id, value AS vote, 0 AS outcome, false AS observed
        FROM votes WHERE trace_id IN (SELECT id FROM asked)
        UNION ALL
        SELECT trace_id, account_id, 0, CASE WHEN worked THEN 1 ELSE -1 END, true
        FROM outcomes WHERE trace_id IN (SELECT id FROM asked)
    ),
    fresh AS MATERIALIZED (
        SELECT trace_id, root, sum(vote) AS votes, sum(outcome) AS outcomes,
               root IN (SELECT root FROM known_everywhere)
               OR (root, space_id) IN (SELECT root, space_id FROM known_there) AS known
        FROM said JOIN accounts ON accounts.id = account_id JOIN asked ON asked.id = trace_id
        WHERE root IS DISTINCT FROM author_root OR (observed AND kind = 'personal')
        GROUP BY trace_id, root, space_id
    ),
    gone AS (
        DELETE FROM voices
        WHERE trace_id IN (SELECT id FROM asked)
          AND NOT EXISTS (SELECT FROM fresh WHERE (trace_id, root) = (voices.trace_id, voices.root))
    ),
    kept AS (
        INSERT INTO voices (trace_id, root, votes, outcomes, known)
        SELECT trace_id, root, votes, outcomes, known FROM fresh
        ON CONFLICT (trace_id, root) DO UPDATE
        SET votes = excluded.votes, outcomes = excluded.outcomes, known = excluded.known
        WHERE (voices.votes, voices.outcomes, voices.known)
            IS DISTINCT FROM (excluded.votes, excluded.outcomes, excluded.known)
    )
    UPDATE traces SET {_SET}
    FROM asked LEFT JOIN (SELECT trace_id, {_COUNTS} FROM fresh GROUP BY trace_id) AS counted
        ON counted.trace_id = asked.id
    WHERE traces.id = asked.id AND ({_NEWS})
""")  # noqa: S608 - constants

# In one pass: only trusted roots give standing, never those that have earned theirs.
_EARNED: Final = """
    SELECT authors.root
    FROM voices
    JOIN traces ON traces.id = trace_id
    JOIN spaces ON spaces.id = space_id
    JOIN accounts AS authors ON authors.id = author_id
    WHERE spaces.kind = 'public' AND outcomes <> 0
      AND EXISTS (SELECT FROM accounts WHERE accounts.root = voices.root AND tier = 'trusted')
    GROUP BY authors.root
    HAVING count(DISTINCT trace_id) FILTER (WHERE outcomes > 0)
         - count(DISTINCT trace_id) FILTER (WHERE outcomes < 0) >= :earned
"""
_LOSE: Final = text(f"DELETE FROM standing WHERE root NOT IN ({_EARNED}) RETURNING root")  # noqa: S608
_GAIN: Final = text(f"INSERT INTO standing (root) {_EARNED} ON CONFLICT DO NOTHING RETURNING root")
_TOUCHED: Final = text(
    "SELECT trace_id FROM voices WHERE root = ANY(CAST(:roots AS uuid[])) ORDER BY trace_id"
)
_SAID: Final = """
    SELECT trace_id FROM votes JOIN accounts ON accounts.id = account_id WHERE root = :root
    UNION SELECT trace_id FROM outcomes JOIN accounts ON accounts.id = account_id WHERE root = :root
    UNION SELECT traces.id FROM traces JOIN accounts ON accounts.id = author_id WHERE root = :root
"""
_JUDGED: Final = text(f"""
    SELECT trace_id FROM ({_SAID}) AS said
    WHERE CAST(:after AS uuid) IS NULL OR trace_id > CAST(:after AS uuid)
    ORDER BY trace_id LIMIT :most
""")  # noqa: S608 - constants


async def recount(connection: AsyncConnection, trace_ids: Sequence[UUID]) -> int:
    """Count the voices on these traces anew; their evidence is locked until the transaction ends.

    Returns:
        How many of them had other numbers.
    """
    # Newest first, like all who lock a trace and then the one that it replaces; and before the snapshot of
    # the statement that counts.
    await connection.execute(_LOCK, {"traces": list(trace_ids)})
    return (await connection.execute(_RECOUNT, {"traces": list(trace_ids)})).rowcount


async def recount_all(
    engine: AsyncEngine,
    trace_ids: Sequence[UUID] | None = None,
    reach: Callable[[int, int], None] = lambda _done, _of: None,
) -> int:
    """Count anew, in short transactions: these traces, or all there are.

    Args:
        engine: The store's database.
        trace_ids: Of the traces; all without.
        reach: Told after each transaction how many are done, and of how many.

    Returns:
        How many had other numbers.
    """
    if trace_ids is None:
        async with engine.connect() as connection:
            trace_ids = list(await connection.scalars(select(traces.c.id)))
    changed = 0
    for start in range(0, len(trace_ids), BATCH):
        async with engine.begin() as connection:
            changed += await recount(connection, trace_ids[start : start + BATCH])
        reach(min(start + BATCH, len(trace_ids)), len(trace_ids))
    return changed


async def judged_by(
    connection: AsyncConnection, root: UUID, after: str | None = None, *, most: int
) -> list[UUID]:
    """Return the first traces after `after` that a root's accounts wrote or said something about."""
    return list(await connection.scalars(_JUDGED, {"root": root, "after": after, "most": most}))


async def change_standing(connection: AsyncConnection) -> list[UUID]:
    """Find out who has earned standing, and who has lost it.

    Returns:
        The roots for which that has changed: what they have judged is to be counted anew.
    """
    lost = await connection.scalars(_LOSE, {"earned": EARNED})
    gained = await connection.scalars(_GAIN, {"earned": EARNED})
    return [*lost, *gained]


async def renew_standing(engine: AsyncEngine) -> int:
    """Find out who has earned standing, and count anew what those have judged for whom that has changed.

    Returns:
        How many traces had other numbers.
    """
    async with engine.begin() as connection:
        changed = await change_standing(connection)
        touched = list(await connection.scalars(_TOUCHED, {"roots": changed})) if changed else []
    return await recount_all(engine, list(dict.fromkeys(touched)))
