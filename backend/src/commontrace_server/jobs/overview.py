"""`admin jobs`: what the queue holds, and another chance for what was given up."""

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from commontrace_server.said import Said

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

    from commontrace_server.accounts.pepper import Pepper

_COLUMNS: Final = ("kind", "state", "depth", "due_seconds", "last_error")


async def jobs(connection: "AsyncConnection", _pepper: "Pepper", options: argparse.Namespace) -> Said:
    """Tell what is queued, running and given up; with --retry queue what was given up."""
    from sqlalchemy import text

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
    lines = _table([dict(zip(_COLUMNS, _COLUMNS, strict=True)), *rows]) if rows else ["nothing is queued"]
    data = {"jobs": rows, "embedding": await _renewal(connection)}
    return Said("\n".join([*lines, *await _words(connection)]), data)


async def _renewal(connection: "AsyncConnection") -> dict[str, Any] | None:
    from commontrace_server.embeddings import renewal

    progress = await renewal.progress(connection)
    return None if progress is None else progress._asdict()


async def _words(connection: "AsyncConnection") -> list[str]:
    from commontrace_server.embeddings import renewal

    progress = await renewal.progress(connection)
    if progress is None:
        return []
    return [f"embedding anew by {progress.model}: {progress.done} of {progress.of}"]


def _table(rows: Sequence[dict[str, Any]]) -> list[str]:
    cells = [["" if row[name] is None else str(row[name]) for name in _COLUMNS] for row in rows]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_COLUMNS))]
    return ["  ".join(map(str.ljust, line, widths)).rstrip() for line in cells]
