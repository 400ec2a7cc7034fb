"""The names of what statements see. They are PostgreSQL's own: whoever writes makes a new one."""

from collections.abc import Hashable
from typing import Any, Final

from sqlalchemy import Row
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.statements import returning

# A server that was started anew may be another one, or hold what was restored.
COLUMNS: Final = "CAST(pg_current_snapshot() AS text) AS snapshot, pg_postmaster_start_time() AS started"
NAMES: Final = ("snapshot", "started")  # of `COLUMNS`
_CURRENT: Final = returning(f"SELECT {COLUMNS}", *NAMES)


def name(row: Row[Any]) -> Hashable:
    """Return the name of what a statement saw that had `COLUMNS` among its own."""
    return row.snapshot, row.started


async def current(connection: AsyncConnection) -> Hashable:
    """Return the name of what a statement would see now."""
    return name((await connection.execute(_CURRENT)).one())
