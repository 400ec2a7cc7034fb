"""The one place that opens connections."""

from typing import Any, Final

from sqlalchemy import event
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

_CONNECT_SECONDS: Final = 5
_POOL_SECONDS: Final = 5
_STATEMENT_MILLISECONDS: Final = 15_000


def create_engine(url: str, *, statement_milliseconds: int = _STATEMENT_MILLISECONDS) -> AsyncEngine:
    """Return an engine for `url` (postgresql+asyncpg://...); nothing is opened yet.

    Args:
        url: An SQLAlchemy URL of the asyncpg dialect.
        statement_milliseconds: When PostgreSQL gives up on one statement; 0 means never.
    """
    engine = create_async_engine(
        url,
        pool_size=8,
        max_overflow=8,
        pool_timeout=_POOL_SECONDS,
        # Values are what people wrote; they belong neither in logs nor in error texts.
        hide_parameters=True,
        connect_args={
            "timeout": _CONNECT_SECONDS,
            "server_settings": {
                "application_name": "commontrace",
                "statement_timeout": str(statement_milliseconds),
                # Our statements are short: compiling one costs more than it saves.
                "jit": "off",
                # A search is planned for its own words: one plan for all of them runs several times longer.
                "plan_cache_mode": "force_custom_plan",
            },
        },
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Make the pool replace a connection that the server has closed, without the round trip of a ping."""
    if connection.driver_connection.is_closed():
        raise DisconnectionError("the server closed this connection")
