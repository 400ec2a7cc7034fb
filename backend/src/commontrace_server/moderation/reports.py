"""Reports in the database. Nothing here commits: the caller's transaction decides."""

from collections.abc import Sequence
from typing import Final, NamedTuple
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import reports, traces
from commontrace_server.ids import new_id
from commontrace_server.moderation import audit, publication
from commontrace_server.moderation.lifecycle import INDEPENDENT_REPORTS, reports_weigh
from commontrace_server.moderation.schemas import Report
from commontrace_server.traces import service

_PUT: Final = text("""
    INSERT INTO reports (id, trace_id, account_id, reason) VALUES (:id, :trace, :account, :reason)
    ON CONFLICT (trace_id, account_id) WHERE settled_by IS NULL DO UPDATE SET reason = excluded.reason
    RETURNING reports.*, id = :id AS created
""")
# A root counts once per trace, for good: what a moderator has answered has no second effect.
_ROOTS: Final = text("""
    SELECT count(*) FILTER (WHERE known) AS known, count(*) FILTER (WHERE NOT known) AS other
    FROM (
        SELECT root_is_known(accounts.root, traces.space_id) AS known
        FROM reports
        JOIN accounts ON accounts.id = account_id
        JOIN traces ON traces.id = trace_id
        LEFT JOIN accounts AS authors ON authors.id = author_id
        WHERE trace_id = :trace AND accounts.root IS DISTINCT FROM authors.root
        GROUP BY accounts.root, traces.space_id
        HAVING every(settled_by IS NULL)
    ) AS roots
""")


class Filed(NamedTuple):
    """A report, and whether it is new."""

    report: Report
    created: bool


async def file(connection: AsyncConnection, caller: Caller, trace_id: UUID, reason: str) -> Filed:
    """Ask the moderators to look at a trace; an account has one open report per trace, and may reword it.

    INDEPENDENT_REPORTS that nobody has answered put the trace in quarantine until somebody does.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        RoleMissingError: The caller's role in the trace's space does not reach.
    """
    trace = await service.find(connection, caller, trace_id)
    lock = select(traces.c.id).where(traces.c.id == trace.id).with_for_update(key_share=True)
    await connection.execute(lock)
    said = {"id": new_id(), "trace": trace.id, "account": caller.account_id, "reason": reason}
    row = (await connection.execute(_PUT, said)).one()
    roots = (await connection.execute(_ROOTS, {"trace": trace.id})).one()
    if reports_weigh(roots.known, roots.other) >= INDEPENDENT_REPORTS:
        await _quarantine(connection, trace.id)
    return Filed(Report.model_validate(row), row.created)


async def unanswered(connection: AsyncConnection, trace_ids: Sequence[UUID]) -> dict[UUID, list[Report]]:
    """Return the open reports about these traces, oldest first."""
    query = select(reports).where(reports.c.trace_id.in_(trace_ids), reports.c.settled_by.is_(None))
    found: dict[UUID, list[Report]] = {trace_id: [] for trace_id in trace_ids}
    for row in await connection.execute(query.order_by(reports.c.id)):
        found[row.trace_id].append(Report.model_validate(row))
    return found


async def settle(connection: AsyncConnection, trace_id: UUID, entry: UUID) -> None:
    """Answer the open reports about a trace with a decision."""
    still = (reports.c.trace_id == trace_id) & reports.c.settled_by.is_(None)
    await connection.execute(update(reports).where(still).values(settled_by=entry))


async def reopen(connection: AsyncConnection, entry: UUID) -> None:
    """Open the reports again that a decision had answered, unless their account has made another since."""
    other = reports.alias()
    newer = select(other.c.id).where(
        other.c.trace_id == reports.c.trace_id,
        other.c.account_id == reports.c.account_id,
        other.c.settled_by.is_(None),
    )
    mine = reports.c.settled_by == entry
    await connection.execute(update(reports).where(mine, ~newer.exists()).values(settled_by=None))


async def _quarantine(connection: AsyncConnection, trace_id: UUID) -> None:
    note = f"{INDEPENDENT_REPORTS} independent reports"
    if await audit.move(connection, trace_id, "quarantined", act="quarantine", note=note) is not None:
        await publication.restore_former(connection, trace_id, actor=None)
