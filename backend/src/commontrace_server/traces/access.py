"""Who may see a trace."""

from typing import Any, Final

from sqlalchemy import ColumnElement, Uuid, and_, any_, bindparam, or_
from sqlalchemy.dialects.postgresql import ARRAY

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.statements import constants
from commontrace_server.database.tables import traces

# Taken out of sight on purpose: only their author and the space's moderators still see them.
WITHDRAWN: Final = ("retracted", "quarantined")
_WITHDRAWN: Final = constants(WITHDRAWN)


def visible(caller: Caller) -> ColumnElement[bool]:
    """Return the condition that a row of `traces` may be seen by the caller."""
    asked = asking(caller)
    return _seen(
        readable=traces.c.space_id.in_(asked["places"]),
        own=traces.c.author_id == asked["account"],
        moderated=traces.c.space_id.in_(asked["moderated"]),
    )


def asking(caller: Caller) -> dict[str, Any]:
    """Return the parameters of VISIBLE."""
    places = caller.places.values()
    return {
        "account": caller.account_id,
        "places": [place.id for place in places],
        "moderated": [place.id for place in places if place.role in ("moderator", "owner")],
    }


def _seen(
    *, readable: ColumnElement[bool], own: ColumnElement[bool], moderated: ColumnElement[bool]
) -> ColumnElement[bool]:
    return and_(readable, or_(traces.c.status.not_in(_WITHDRAWN), own, moderated))


# The same for a statement that is built once.
VISIBLE: Final = _seen(
    readable=traces.c.space_id == any_(bindparam("places", type_=ARRAY(Uuid))),
    own=traces.c.author_id == bindparam("account", type_=Uuid),
    moderated=traces.c.space_id == any_(bindparam("moderated", type_=ARRAY(Uuid))),
)
