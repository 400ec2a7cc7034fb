"""Who may see a trace."""

from typing import Final

from sqlalchemy import ColumnElement, and_, or_

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import traces

# Taken out of sight on purpose: only their author and the space's moderators still see them.
WITHDRAWN: Final = ("retracted", "quarantined")


def visible(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that a row of `traces` may be seen by the caller."""
    moderated = [place.id for place in caller.places.values() if place.role in ("moderator", "owner")]
    return and_(
        traces.c.space_id.in_(list(caller.places)),
        or_(
            traces.c.status.not_in(WITHDRAWN),
            traces.c.author_id == caller.account_id,
            traces.c.space_id.in_(moderated),
        ),
    )
