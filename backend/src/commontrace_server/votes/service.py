"""Votes in the database. Nothing here commits: the caller's transaction decides."""

from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import votes
from commontrace_server.refusals import PersonVotedError
from commontrace_server.reputation import voices
from commontrace_server.votes.schemas import Ballot, Vote
from commontrace_server.votes.weights import vote_counts

# A vote that is given again as it was stays as it is, its times included.
_PUT: Final = voices.Change(
    table="votes",
    value="value",
    own="account_id = :account",
    write="""
        INSERT INTO votes (trace_id, account_id, value, reason, by)
        VALUES (:trace, :account, CAST(:value AS int), :reason, :by)
        ON CONFLICT (trace_id, account_id) DO UPDATE
        SET value = excluded.value, reason = excluded.reason, by = excluded.by,
            updated_at = CASE
                WHEN (votes.value, votes.reason, votes.by)
                    IS DISTINCT FROM (excluded.value, excluded.reason, excluded.by) THEN now()
                ELSE votes.updated_at
            END
        RETURNING created_at, updated_at
    """,
    written=("created_at", "updated_at"),
)
_DELETE: Final = replace(
    _PUT,
    write="DELETE FROM votes WHERE trace_id = :trace AND account_id = :account RETURNING created_at",
    written=("created_at",),
)
PUTTING: Final = _PUT.statement()
_DELETING: Final = _DELETE.statement()


async def put(connection: AsyncConnection, claimed: voices.Claim, ballot: Ballot) -> Vote:
    """Store a vote, in place of the account's earlier one.

    Args:
        connection: In the transaction that the caller commits.
        claimed: Trace and voter.
        ballot: The vote.

    Raises:
        PersonVotedError: An agent's vote would take the place of its person's.
    """
    if ballot.by == "agent" and await _voted_by(connection, claimed) == "person":
        raise PersonVotedError
    counted = vote_counts(claimed.caller.root, claimed.author_root)
    said = ballot.model_dump()
    row, tallies = await voices.apply(connection, PUTTING, claimed, counted=counted, verified=False, **said)
    return Vote(
        **said,
        trace_id=claimed.trace_id,
        created_at=row.created_at,
        updated_at=row.updated_at,
        counted=counted,
        tallies=tallies,
    )


async def withdraw(connection: AsyncConnection, claimed: voices.Claim) -> None:
    """Remove the account's vote, if there is one."""
    counted = vote_counts(claimed.caller.root, claimed.author_root)
    await voices.apply(connection, _DELETING, claimed, value=0, counted=counted, verified=False)


async def _voted_by(connection: AsyncConnection, claimed: voices.Claim) -> str | None:
    """Who gave the account's vote; the claim's lock keeps it so."""
    own = (votes.c.trace_id == claimed.trace_id) & (votes.c.account_id == claimed.caller.account_id)
    return (await connection.execute(select(votes.c.by).where(own))).scalar_one_or_none()
