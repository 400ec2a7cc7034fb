"""What the evidence for their traces says about those who write them."""

from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.engine import create_engine
from commontrace_server.database.tables import accounts, traces
from commontrace_server.refusals import ContributorNotFoundError
from commontrace_server.reputation.schemas import Contributor, Standing, TagStanding
from commontrace_server.traces.access import visible

REFRESH_LIMIT: Final = timedelta(minutes=10)
_MOST_TAGS: Final = 50

# Spaces are counted apart, so that each reader is told of those only that it can read.
_READ: Final = text("""
    SELECT tag, sum(positive) AS positive, sum(negative) AS negative, sum(roots) AS roots,
           wilson_lower_bound(sum(positive), sum(negative)) AS wilson
    FROM reputation
    WHERE author_id = :author AND space_id = ANY(CAST(:spaces AS uuid[]))
    GROUP BY tag ORDER BY tag <> '', wilson DESC, tag LIMIT :most
""")


async def find(connection: AsyncConnection, caller: Caller, account_id: UUID) -> Contributor:
    """Return an account's reputation in the spaces that the caller can read.

    Raises:
        ContributorNotFoundError: The account is not there, or has written nothing that the caller can see.
    """
    written = func.count().filter(visible(caller), traces.c.author_id == account_id).label("written")
    known = select(accounts.c.name, accounts.c.created_at, written).select_from(
        accounts.outerjoin(traces, traces.c.author_id == accounts.c.id)
    )
    query = known.where(accounts.c.id == account_id).group_by(accounts.c.id)
    row = (await connection.execute(query)).one_or_none()
    if row is None or not (row.written or account_id == caller.account_id):
        raise ContributorNotFoundError
    asked = {"author": account_id, "spaces": list(caller.places), "most": _MOST_TAGS + 1}
    said = [found._asdict() for found in await connection.execute(_READ, asked)]
    overall = Standing.model_validate(said[0]) if said else Standing()
    tags = [TagStanding.model_validate(one) for one in said if one["tag"]]
    return Contributor(
        id=account_id,
        name=row.name,
        created_at=row.created_at,
        traces=row.written,
        tags=tags,
        **overall.model_dump(),
    )


async def refresh(engine: AsyncEngine) -> None:
    """Bring every author's reputation up to date. Readers go on with the former numbers meanwhile.

    On a connection of its own: those of `engine` are given up long before it may have ended.
    """
    patient = create_engine(engine.url, statement_milliseconds=int(REFRESH_LIMIT.total_seconds() * 1000))
    try:
        async with patient.begin() as connection:
            await connection.execute(text("REFRESH MATERIALIZED VIEW CONCURRENTLY reputation"))
    finally:
        await patient.dispose()
