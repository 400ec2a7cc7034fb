"""Which errors mean that the database cannot be reached; drivers disagree about how to say it."""

from typing import Final

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

# SQLSTATE classes: connection exceptions, transaction rollback (a deadlock), insufficient resources, operator
# intervention.
_CLASSES: Final = ("08", "40", "53", "57")


class UnreachableError(Exception):
    """The database cannot be reached; the cause says why.

    The engine raises it for every error of the operating system on the way to the database, so that one of a
    file or of another service is never taken for it.
    """


# What a statement or a connection attempt may raise; `is_unavailable` tells which of them it is.
UNAVAILABLE: Final[tuple[type[Exception], ...]] = (DBAPIError, PoolTimeoutError, UnreachableError)


def is_unavailable(error: BaseException) -> bool:
    """Tell whether `error` means that the database is away or overloaded, so that a retry may help."""
    if not isinstance(error, DBAPIError):
        return isinstance(error, UNAVAILABLE)
    if error.connection_invalidated:
        return True
    state = getattr(error.orig, "sqlstate", None) or ""
    return state.startswith(_CLASSES) or (not state and _is_connection_error(error.orig))


def _is_connection_error(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, OSError):
            return True
        error = error.__cause__
    return False
