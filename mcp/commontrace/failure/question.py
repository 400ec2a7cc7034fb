"""Makes of tool output the few lines that a search needs."""

import re
from typing import Final

from commontrace_rules.errors import ErrorLine, error_lines, is_frame
from commontrace_rules.statements import statement, sums_up
from commontrace_rules.text import clean, pattern

MAX_CHARACTERS: Final = 1500
SUMMED_UP: Final = 20.0
"""Error lines up to this score say only that something failed."""
_MAX_LINE: Final = 400
_BEFORE: Final = 2
_DETAILS: Final = 2
_MAX_ERRORS: Final = 5
_TOOLS: Final = (  # how tools sign their output when they do not name themselves in each line
    ("pylint", pattern(r"Your code has been rated at|^\*{13} Module ", re.MULTILINE)),
    (
        "mypy",
        pattern(r"^Found \d+ errors? in \d+ files? \(checked |^Success: no issues found in", re.MULTILINE),
    ),
    # both sum up alike; stylelint marks each line with a symbol
    (
        "stylelint",
        pattern(r"^ +\d+:\d+ +[\u2716\u00d7\u203c\u26a0\u2139]\ufe0f? +\S", re.MULTILINE),
    ),
    ("eslint", pattern(r"^\u2716 \d+ problems? \(\d+ errors?, \d+ warnings?\)$", re.MULTILINE)),
)
_COMPARED: Final = pattern(r"\s*(?:expected|received|actual|got|left|right)\b", re.IGNORECASE)
_ABSOLUTE: Final = pattern(r"(?<![\w./:@])(?:~|[A-Za-z]:)?(?:[\\/][^\s'\"`:,;()\[\]<>\\/]{1,120}){2,40}")
_NOISE: Final = pattern(r"\s*(?:at |File \"|\.\.\. \d|\^|~|\d+ \||\||-->|=====|-----|#\d|on |\d+:)")


def query(output: str) -> str:
    """The error lines of tool output, most telling first, without positions and directories; "" for "".

    At most 1,500 characters. Output in which no line reads as an error gives its last lines.
    """
    text = clean(output)
    errors = error_lines(text)
    telling = [error for error in errors if error.score > SUMMED_UP] or errors
    lines = text.split("\n")
    parts = [_tool(text)] if _tool(text) else []
    if errors and errors[0].score <= SUMMED_UP:
        parts.extend(_before(lines, min(error.index for error in errors)))
    for place, error in enumerate(telling[:_MAX_ERRORS]):
        parts.append(_bare(error.text))
        most = _DETAILS if place == 0 else int(error.text.endswith(":"))
        parts.extend(_details(lines, error, telling, most))
    if not telling:
        parts.extend(
            _bare(line)
            for line in [line for line in lines if re.search(r"\w", line) and not is_frame(line)][-5:]
        )
    return _fitted(parts)


def _tool(text: str) -> str:
    return next((name for name, signed in _TOOLS if signed.search(text)), "")


def _before(lines: list[str], index: int) -> list[str]:
    """What was printed last before a line that only sums up."""
    said = [line for line in lines[:index] if re.search(r"\w{3}", line) and not _NOISE.match(line)]
    return [_bare(line) for line in said[-_BEFORE:]]


def _details(lines: list[str], error: ErrorLine, telling: list[ErrorLine], most: int) -> list[str]:
    """The sentences that follow an error and explain it, up to the next error."""
    known = {other.index for other in telling}
    details: list[str] = []
    announced = error.text.endswith(":")
    for index in range(error.index + 1, min(error.index + 9, len(lines))):
        line = lines[index]
        if index in known or len(details) == most:
            break
        if line.strip() in error.text or sums_up(line):  # the error's own continuation, or its epilogue
            continue
        told = announced and line.strip() != ""
        if told or _COMPARED.match(line) or (len(line.split()) > 3 and not _NOISE.match(line)):
            details.append(_bare(line))
            announced = line.endswith(":")
    return details


def _bare(line: str) -> str:
    said = statement(line)[:_MAX_LINE] or line.strip()[:_MAX_LINE]
    return _ABSOLUTE.sub(lambda path: re.split(r"[\\/]", path[0])[-1], said)


def _fitted(parts: list[str]) -> str:
    kept: dict[str, None] = {}
    room = MAX_CHARACTERS
    for part in parts:
        if part and part not in kept and len(part) < room:
            kept[part] = None
            room -= len(part) + 1
    return "\n".join(kept)
