"""Outcomes in the database. Nothing here commits: the caller's transaction decides."""

import json
from typing import Final, NamedTuple

from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.ids import new_id
from commontrace_server.outcomes.schemas import Observation, Outcome
from commontrace_server.reputation import voices
from commontrace_server.votes.weights import outcome_counts

# Returns a row only if it says something new.
_PUT: Final = voices.Change(
    table="outcomes",
    value="CASE WHEN worked THEN 1 ELSE -1 END",
    own="account_id = :account AND session = :session",
    write="""
        INSERT INTO outcomes (id, trace_id, account_id, session, worked, signature, packages)
        VALUES (
            :id, :trace, :account, :session, CAST(:value AS int) = 1, :signature, CAST(:packages AS jsonb)
        )
        ON CONFLICT (trace_id, account_id, session) DO UPDATE
        SET worked = excluded.worked, signature = excluded.signature, packages = excluded.packages
        WHERE (outcomes.worked, outcomes.signature, outcomes.packages)
            IS DISTINCT FROM (excluded.worked, excluded.signature, excluded.packages)
        RETURNING id AS outcome_id
    """,
    written=("outcome_id",),
).statement()


class Recorded(NamedTuple):
    """An outcome, and whether it is the first of its session."""

    outcome: Outcome
    created: bool


async def record(connection: AsyncConnection, claimed: voices.Claim, seen: Observation) -> Recorded:
    """Store what was observed, in place of what the account observed earlier in the same session.

    Args:
        connection: In the transaction that the caller commits.
        claimed: Trace and account.
        seen: The observation.
    """
    counted = outcome_counts(claimed.caller.root, claimed.author_root, space_kind=claimed.space_kind)
    row, tallies = await voices.apply(
        connection,
        _PUT,
        claimed,
        value=1 if seen.worked else -1,
        counted=counted,
        verified=seen.worked,
        id=new_id(),
        session=seen.session,
        signature=seen.signature,
        packages=json.dumps(seen.packages),
    )
    outcome = Outcome(**seen.model_dump(), trace_id=claimed.trace_id, counted=counted, tallies=tallies)
    return Recorded(outcome, created=not row.replaced)
