"""Attacks in plain sentences and commands, and honest texts with the same words; hosts are reserved names."""

import json
from pathlib import Path

_ROWS = tuple(
    (family, str(json.loads(text)))
    for family, _, text in (
        line.partition("\t")
        for line in Path(__file__).with_suffix(".txt").read_text(encoding="utf-8").splitlines()
        if not line.startswith("#")
    )
)
ATTACKS: tuple[tuple[str, str], ...] = tuple(row for row in _ROWS if row[0] != "honest")
HONEST: tuple[str, ...] = tuple(text for family, text in _ROWS if family == "honest")
