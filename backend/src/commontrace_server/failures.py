"""Why a command failed, in one line that says what to do."""

import traceback

from sqlalchemy.exc import DBAPIError

from commontrace_server.accounts.pepper import PepperError
from commontrace_server.database.address import DatabaseUrlError
from commontrace_server.database.errors import is_unavailable
from commontrace_server.database.migrate import (
    DatabaseTooNewError,
    VectorMissingError,
    VectorRightMissingError,
)
from commontrace_server.embeddings.overview import RenewalGivenUpError
from commontrace_server.launch import StoreNotStartedError
from commontrace_server.listeners import ListenError
from commontrace_server.local.claim import StoreSilentError
from commontrace_server.observability.sentry import SentryDsnError, SentryMissingError
from commontrace_server.postgres.errors import PostgresError
from commontrace_server.refusals import Refusal
from commontrace_server.said import one_line
from commontrace_server.upkeep import SeedError

_EXPLAINED = (
    DatabaseTooNewError,
    DatabaseUrlError,
    ListenError,
    PepperError,
    PostgresError,
    Refusal,
    RenewalGivenUpError,
    StoreNotStartedError,
    StoreSilentError,
    SentryDsnError,
    SentryMissingError,
    SeedError,
    VectorMissingError,
    VectorRightMissingError,
)


def explain(error: Exception) -> str:
    """Return the reason. What nobody foresaw is written to stderr in full before it."""
    if isinstance(error, _EXPLAINED):
        return _one_line(error)
    if isinstance(error, OSError) and error.filename is not None:
        return f"cannot use {error.filename}: {error.strerror}; choose another folder with --data"
    if is_unavailable(error):
        return f"cannot reach the database ({_cause(error)}): check that it runs, and --database-url"
    if isinstance(error, DBAPIError):
        return f"the database refuses ({_cause(error)}): check --database-url and the user's rights"
    traceback.print_exception(error)
    return f"unexpected {type(error).__name__}; please report the lines above"


def _cause(error: Exception) -> str:
    cause = error.orig if isinstance(error, DBAPIError) else error
    return _one_line(cause.__cause__ or cause) if cause is not None else type(error).__name__


def _one_line(error: BaseException) -> str:
    return one_line(str(error)) or type(error).__name__
