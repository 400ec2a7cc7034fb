"""What a command has to say: to a person, and with --json to a program."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Said(NamedTuple):
    """The same twice: text for a person, and what becomes one JSON document."""

    text: str
    data: Any

    def printed(self, *, as_json: bool) -> str:
        """Return the one that is asked for."""
        return json.dumps(self.data, indent=2, default=str) if as_json else self.text


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows below their columns' names, for a terminal."""
    cells = [list(columns), *([_cell(row[name]) for name in columns] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(columns))]
    return "\n".join("  ".join(map(str.ljust, line, widths)).rstrip() for line in cells)


def one_line(text: str) -> str:
    """Return text of others on one line, without anything that a terminal obeys."""
    return "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text.split()))


def _cell(value: Any) -> str:
    return "" if value is None else one_line(str(value))
