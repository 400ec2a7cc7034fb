"""Reads the `error` text with which Claude Code delivers a failing shell command."""

from typing import Final

from commontrace_rules.text import pattern

_EXIT_CODE: Final = pattern(r"\s*(?:Error:\s*)?Exit code (-?\d{1,10})[ \t]*(?:\r?\n|$)")


def parse_error(error: str) -> tuple[int | None, str]:
    """The exit code and the output of an "Exit code N" text; the code is None when it is not given."""
    match = _EXIT_CODE.match(error)
    if match is None:
        return None, error
    return int(match[1]), error[match.end() :]
