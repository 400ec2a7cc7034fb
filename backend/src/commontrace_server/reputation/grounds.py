"""What the database knows of a trace that decides whether it may be shown without being asked for."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import BindParameter, ColumnElement, exists

from commontrace_server.database.tables import traces, votes
from commontrace_server.reputation.schemas import Tallies
from commontrace_server.traces.automatic import Grounds, SpaceKind
from commontrace_server.votes.weights import Evidence


def columns(asking: UUID | BindParameter[UUID]) -> list[ColumnElement[Any]]:
    """Return what `of` needs of a row of `traces`, for the account that asks."""
    own = exists().where(votes.c.trace_id == traces.c.id, votes.c.account_id == asking, votes.c.value == -1)
    tallies = [traces.c[name] for name in Tallies.model_fields]
    return [traces.c.status, traces.c.held_for, traces.c.confirmations, *tallies, own.label("disliked")]


def of(row: Mapping[str, Any], space: SpaceKind) -> Grounds:
    """Return the grounds of a row with `columns`."""
    return Grounds(
        space=space,
        status=row["status"],
        held=bool(row["held_for"]),
        evidence=Evidence(
            up=row["votes_up"],
            down=row["votes_down"],
            worked=row["outcomes_worked"],
            failed=row["outcomes_failed"],
        ),
        confirmations=row["confirmations"],
        disliked=row["disliked"],
    )
