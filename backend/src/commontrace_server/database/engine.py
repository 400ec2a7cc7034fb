"""The one place that opens connections."""

from collections.abc import Mapping
from typing import Any, Final

from sqlalchemy import ExceptionContext, event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_CONNECT_SECONDS: Final = 5
_POOL_SECONDS: Final = 5
_STATEMENT_MILLISECONDS: Final = 15_000
_SILENCE_SECONDS: Final = 2  # more than a statement may take, until a server that says nothing is given up

# How every statement is planned.
PLANNING: Final[Mapping[str, str]] = {
    # Ours are short: compiling one costs more than it saves.
    "jit": "off",
    # A search is planned for its own words: one plan for all of them runs several times longer.
    "plan_cache_mode": "force_custom_plan",
    # What is searched all day is in memory; as on a turning disk, whole tables would be read instead.
    "random_page_cost": "1.1",
}


def create_engine(url: str, *, statement_milliseconds: int = _STATEMENT_MILLISECONDS) -> AsyncEngine:
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
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    event.listen(engine.sync_engine, "handle_error", _drop_silent)
    return engine


def _drop_silent(context: ExceptionContext) -> None:
    """Close a connection on which the server says nothing, and all that are as old: they lead to the same."""
    if isinstance(context.original_exception, TimeoutError):
        context.is_disconnect = True


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Make the pool replace a connection that the server has closed, without the round trip of a ping."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
