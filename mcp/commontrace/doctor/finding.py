"""What a check has found."""

from dataclasses import dataclass
from typing import Literal

Level = Literal["ok", "warning", "problem"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where nothing is to be done."""

    check: str
    level: Level
    detail: str
    remedy: str = ""
