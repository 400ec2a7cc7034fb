"""The golden documents of `tests/wire`: what store and client say to each other."""

import json
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).resolve().parents[1] / "wire"


def document(name: str) -> Any:
    """A golden document."""
    return json.loads(_FOLDER.joinpath(f"{name}.json").read_text(encoding="utf-8"))


def shape(value: Any) -> Any:
    """The names and types in a JSON document, without what they say; lists by their first item."""
    if isinstance(value, dict):
        return {name: shape(item) for name, item in value.items()}
    if isinstance(value, list):
        return [shape(item) for item in value[:1]]
    return type(value).__name__
