"""What the database knows of a trace that decides whether it may be shown without being asked for."""

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, Select, case, exists, func, select, union

from commontrace_server.database.tables import accounts, outcomes, traces, votes
from commontrace_server.reputation.schemas import Tallies
from commontrace_server.traces.automatic import CONFIRMATIONS, Grounds, SpaceKind

_AUTHOR: Final = (
    select(accounts.c.root).where(accounts.c.id == traces.c.author_id).correlate(traces).scalar_subquery()
)


def columns(asking: UUID) -> list[ColumnElement[Any]]:
    """Return what `of` needs of a row of `traces`, for the account that asks."""
    own = exists().where(votes.c.trace_id == traces.c.id, votes.c.account_id == asking, votes.c.value == -1)
    tallies = [traces.c[name] for name in Tallies.model_fields]
    return [traces.c.status, *tallies, _confirmations().label("confirmations"), own.label("disliked")]


def of(row: Mapping[str, Any], space: SpaceKind) -> Grounds:
    """Return the grounds of a row with `columns`."""
    return Grounds(
        space=space,
        status=row["status"],
        positive=row["votes_up"] + row["outcomes_worked"],
        negative=row["votes_down"] + row["outcomes_failed"],
        confirmations=row["confirmations"],
        disliked=row["disliked"],
    )


def _confirmations() -> ColumnElement[int]:
    """Roots that speak for a trace by votes or outcomes.

    The tallies count the roots of each already, without the author's. Only where neither has enough alone and
    both have some, it is looked up whether they are the same root.
    """
    up, worked = traces.c.votes_up, traces.c.outcomes_worked
    most = func.greatest(up, worked)
    return case((most >= CONFIRMATIONS, most), (func.least(up, worked) == 0, most), else_=_roots())


def _roots() -> ColumnElement[int]:
    said = case((outcomes.c.worked, 1), else_=-1)
    roots = union(_speaking(votes, votes.c.value), _speaking(outcomes, said)).subquery()
    distinct = select(func.count()).select_from(roots).where(roots.c.root.is_distinct_from(_AUTHOR))
    return distinct.correlate(traces).scalar_subquery()


def _speaking(table: FromClause, value: ColumnElement[int]) -> Select[tuple[UUID]]:
    """The roots whose accounts mostly speak for the trace."""
    return (
        select(accounts.c.root)
        .join(table, table.c.account_id == accounts.c.id)
        .where(table.c.trace_id == traces.c.id)
        .group_by(accounts.c.root)
        .having(func.sum(value) > 0)
        .correlate(traces)
    )
