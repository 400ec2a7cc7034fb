"""What a command has to say: to a person, and with --json to a program."""

import json
from typing import Any, NamedTuple


class Said(NamedTuple):
    """The same twice: text for a person, and what becomes one JSON document."""

    text: str
    data: Any

    def printed(self, *, as_json: bool) -> str:
        """Return the one that is asked for."""
        return json.dumps(self.data, indent=2, default=str) if as_json else self.text
