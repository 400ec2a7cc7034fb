"""What a check has found."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from commontrace import render

Level = Literal["ok", "warning", "problem"]
MARKS = {"ok": "ok", "warning": "warning", "problem": "PROBLEM"}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where nothing is to be done."""

    check: str
    level: Level
    detail: str
    remedy: str = ""

    def lines(self) -> Iterator[str]:
        """The finding for a person to read: it may quote a store, or the name of a folder."""
        yield f"{MARKS[self.level]:8}{render.one_line(f'{self.check}: {self.detail}')}"
        if self.remedy:
            yield f"        -> {render.one_line(self.remedy)}"
