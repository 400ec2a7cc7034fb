"""docs/architecture.md against the code: its files exist, and its picture has every table and column."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import tables as drawing

from commontrace.memory import Memory
from commontrace_server.database import tables

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text()
Tables = dict[str, set[str]]
_ENTITY = re.compile(r'(?m)^    (\w+)(?:\["\w+ \(memory\)"\])? \{\n((?:        [^\n]*\n)*)    \}')
FORBIDDEN = "mcp/__init__.py"
"""Named so that nobody adds it."""
_FOLDERS = ("", "mcp/commontrace", "mcp/commontrace_rules", "backend/src/commontrace_server", "mcp")


@pytest.fixture
def drawn() -> Tables:
    picture = PAGE.partition(drawing.BEGIN)[2].partition(drawing.END)[0]
    return {name: {line.split()[1] for line in body.splitlines()} for name, body in _ENTITY.findall(picture)}


@pytest.fixture
def real(tmp_path: Path) -> Tables:
    found = {
        table.name: {column.name for column in table.columns} for table in tables.metadata.tables.values()
    }
    Memory(tmp_path / "memory.sqlite3").close()
    with closing(sqlite3.connect(tmp_path / "memory.sqlite3")) as memory:
        for (name,) in memory.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            rows = memory.execute("SELECT name FROM pragma_table_info(?)", (name,)).fetchall()
            if not name.startswith("sqlite"):
                found[name] = {column for (column,) in rows}
    return found


def test_the_picture_has_every_table_and_column_and_no_other(drawn: Tables, real: Tables) -> None:
    """`python scripts/tables.py` draws it anew."""
    assert drawn == real


def test_no_name_is_in_both_databases() -> None:
    """One picture holds both, so a name means one table."""
    picture = drawing.picture()
    names = [name for name, _ in _ENTITY.findall(picture)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("page", [PAGE, CONTRIBUTING], ids=["architecture", "contributing"])
def test_every_file_that_a_page_names_exists(page: str) -> None:
    """Who looks for where to change something is led to a file that is there."""
    quoted = re.findall(r"`([\w./-]+(?:\.(?:py|sql|json|jsonl|md|sh)|/))`", page)
    assert quoted
    assert [name for name in quoted if not _exists(name) and name != FORBIDDEN] == []


def _exists(name: str) -> bool:
    if any((ROOT / folder / name).exists() for folder in _FOLDERS):
        return True
    tree = (ROOT / "mcp", ROOT / "backend" / "src", ROOT / "hooks", ROOT / "tests", ROOT / "scripts")
    return any(next(folder.rglob(name.rstrip("/")), None) for folder in tree)
