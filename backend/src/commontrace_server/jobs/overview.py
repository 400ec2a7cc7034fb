"""`admin jobs`: what the queue holds, and another chance for what was given up."""

import argparse
from typing import TYPE_CHECKING, Final

from commontrace_server.said import Said, table

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from commontrace_server.accounts.pepper import Pepper

_COLUMNS: Final = ("kind", "state", "depth", "due_seconds", "last_error")


async def jobs(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    """Tell what is queued, running and given up; with --retry queue what was given up."""
    from sqlalchemy import text

    from commontrace_server.embeddings import renewal

    if options.retry:
        again = "UPDATE jobs SET state = 'queued', attempts = 0, run_at = now() WHERE state = 'failed'"
        await connection.execute(text(again))
    found = await connection.execute(
        text("""
        SELECT kind, state, count(*) AS depth,
               greatest(0, extract(epoch FROM now() - min(run_at)))::bigint AS due_seconds,
               min(last_error) FILTER (WHERE state = 'failed') AS last_error
        FROM jobs GROUP BY kind, state ORDER BY kind, state
        """)
    )
    rows = [dict(row._mapping) for row in found]  # noqa: SLF001  SQLAlchemy's public name
    lines = [table(_COLUMNS, rows) if rows else "nothing is queued"]
    progress = await renewal.progress(connection)
    if progress is not None:
        lines.append(f"embedding anew by {progress.model}: {progress.done} of {progress.of}")
    data = {"jobs": rows, "embedding": None if progress is None else progress._asdict()}
    return Said("\n".join(lines), data)
