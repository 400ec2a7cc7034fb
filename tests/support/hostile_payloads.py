"""Payloads of attacks by category, as somebody who tests a knowledge store would write them."""

import json
from pathlib import Path


def payloads() -> dict[str, list[str]]:
    """Return the payloads of every category."""
    table: dict[str, list[str]] = {}
    for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            category, _, payload = line.partition("\t")
            table.setdefault(category, []).append(json.loads(payload))
    return table
