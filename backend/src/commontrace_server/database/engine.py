"""The one place that opens connections."""

from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Dialect, ExceptionContext, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from commontrace_server.database.errors import UnreachableError

_CONNECT_SECONDS: Final = 5
_POOL_SECONDS: Final = 5
_STATEMENT_MILLISECONDS: Final = 15_000
_SILENCE_SECONDS: Final = 2  # more than a statement may take, until a server that says nothing is given up

# Making one costs a request more than its statement; they share their pool with the engine that they are of.
_PLAIN: Final[WeakKeyDictionary[AsyncEngine, AsyncEngine]] = WeakKeyDictionary()

# How every statement is planned.
PLANNING: Final[Mapping[str, str]] = {
    # Ours are short: compiling one costs more than it saves.
    "jit": "off",
    # A search is planned for its own words: one plan for all of them runs several times longer.
    "plan_cache_mode": "force_custom_plan",
    # What is searched all day is in memory; as on a turning disk, whole tables would be read instead.
    "random_page_cost": "1.1",
    # A search by meaning goes on where a filter has left too few.
    "hnsw.iterative_scan": "relaxed_order",
}


def create_engine(url: str | URL, *, statement_milliseconds: int = _STATEMENT_MILLISECONDS) -> AsyncEngine:
    """Return an engine for `url` (postgresql+asyncpg://...); nothing is opened yet.

    Args:
        url: An SQLAlchemy URL of the asyncpg dialect.
        statement_milliseconds: When PostgreSQL gives up on one statement; 0 means never.
    """
    # Where packets are lost on the way nobody says that the connection has ended.
    patience = statement_milliseconds / 1000 + _SILENCE_SECONDS if statement_milliseconds else None
    engine = create_async_engine(
        url,
        # No overflow: a connection beyond the pool would be closed after each use and made anew, at the price
        # of a search. Last in, first out: few requests at a time keep to few backends, and their caches warm.
        pool_size=16,
        max_overflow=0,
        pool_use_lifo=True,
        pool_timeout=_POOL_SECONDS,
        # Values are what people wrote; they belong neither in logs nor in error texts.
        hide_parameters=True,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "command_timeout": patience,
            "server_settings": {
                "application_name": "commontrace",
                "statement_timeout": str(statement_milliseconds),
                **PLANNING,
            },
        },
    )
    event.listen(engine.sync_engine, "do_connect", _reached)
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _lost, retval=True)
    return engine


def without_transaction(engine: AsyncEngine) -> AsyncEngine:
    """Return the engine for statements that need no transaction: each is one round trip, not three."""
    plain = _PLAIN.get(engine)
    if plain is None:
        plain = _PLAIN[engine] = engine.execution_options(isolation_level="AUTOCOMMIT")
    return plain


def _reached(dialect: Dialect, _record: object, arguments: list[Any], options: dict[str, Any]) -> Any:
    """Connect; what the operating system says of it is the database's absence."""
    try:
        return dialect.connect(*arguments, **options)
    except OSError as error:
        raise UnreachableError(type(error).__name__) from error


def _lost(context: ExceptionContext) -> UnreachableError | None:
    """Tell a lost connection by what the operating system says of it.

    One on which the server says nothing is closed, and with it all that are as old: they lead to the same.
    """
    error = context.original_exception
    if isinstance(error, TimeoutError):
        context.is_disconnect = True
    return UnreachableError(type(error).__name__) if isinstance(error, OSError) else None


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Make the pool replace a connection that the server has closed, without the round trip of a ping."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
