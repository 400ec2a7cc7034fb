"""Draws all tables of both databases into docs/architecture.md, from the code that makes them.

Usage: tables.py, with the Python of the test environment.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "mcp"), str(ROOT / "backend" / "src")]

from sqlalchemy import Column  # noqa: E402  the path has to be set first

from commontrace.memory import Memory  # noqa: E402
from commontrace_server.database import tables  # noqa: E402

PAGE = ROOT / "docs" / "architecture.md"
BEGIN, END = "<!-- tables: begin, written by scripts/tables.py -->\n", "<!-- tables: end -->\n"
MEMORY_LINKS = (
    # (table, column, what it holds the id of); SQLite is not told, because a row may outlive the other
    ("outbox", "draft", "drafts"),
    ("draft_repos", "draft", "drafts"),
    ("repo_traces", "trace", "trace_names"),
    ("briefed", "trace", "trace_names"),
    ("shown", "trace", "trace_names"),
)


def main() -> None:
    """Rewrite the picture."""
    page = PAGE.read_text()
    head, _, rest = page.partition(BEGIN)
    PAGE.write_text(head + BEGIN + picture() + END + rest.partition(END)[2])


def picture() -> str:
    """The diagram as Markdown."""
    return "\n".join(["", "```mermaid", "erDiagram", *_store(), *_memory(), "```", "", ""])


def _store() -> Iterator[str]:
    for table in tables.metadata.sorted_tables:
        yield f"    {table.name} {{"
        for column in table.columns:
            yield f"        {type(column.type).__name__.lower()} {column.name}{_marks(column)}"
        yield "    }"
    for table in tables.metadata.sorted_tables:
        for column in table.columns:
            for key in sorted(column.foreign_keys, key=lambda key: key.target_fullname):
                yield f"    {key.column.table.name} ||--o{{ {table.name} : {column.name}"


def _memory() -> Iterator[str]:
    with tempfile.TemporaryDirectory() as folder, closing(Memory(Path(folder) / "memory.sqlite3")) as memory:
        rows = memory.read("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
        names = [str(name) for (name,) in rows if not name.startswith("sqlite")]
        for name in names:
            yield f'    {name}["{name} (memory)"] {{'
            for row in memory.read("SELECT name, type, pk FROM pragma_table_info(?)", (name,)):
                yield f"        {row['type'].lower()} {row['name']}{' PK' if row['pk'] else ''}"
            yield "    }"
        for table, column, other in MEMORY_LINKS:
            if table in names and other in names:
                yield f"    {other} |o--o{{ {table} : {column}"


def _marks(column: Column[object]) -> str:
    marks = [mark for mark, is_so in (("PK", column.primary_key), ("FK", bool(column.foreign_keys))) if is_so]
    return " " + ", ".join(marks) if marks else ""


if __name__ == "__main__":
    main()
