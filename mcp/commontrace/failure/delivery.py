"""Reads how Claude Code delivers a shell command: the `error` of a failing one, an output that was cut."""

import os
import stat
from typing import Final

from commontrace.system import NO_LINK
from commontrace_rules.text import pattern

_EXIT_CODE: Final = pattern(r"\s*(?:Error:\s*)?Exit code (-?\d{1,10})[ \t]*(?:\r?\n|$)")

BEGINNING: Final = 15_000
END_BYTES: Final = 15_000
"""Of an output that was cut; together no more than is delivered at most."""


def parse_error(error: str) -> tuple[int | None, str]:
    """The exit code and the output of an "Exit code N" text; the code is None when it is not given."""
    match = _EXIT_CODE.match(error)
    if match is None:
        return None, error
    return int(match[1]), error[match.end() :]


def whole(stdout: str, file: str) -> str:
    """The output with its end, of which only the beginning was delivered.

    Args:
        stdout: the first 30,000 characters.
        file: where Claude Code has kept all of it; "" if nothing was cut. Where it cannot be read, the
            beginning is all that there is.
    """
    if not file:
        return stdout
    try:
        descriptor = os.open(file, os.O_RDONLY | NO_LINK)
    except OSError:
        return stdout
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            return stdout
        os.lseek(descriptor, max(0, found.st_size - END_BYTES), os.SEEK_SET)
        end = os.read(descriptor, END_BYTES)
    finally:
        os.close(descriptor)
    return f"{stdout[:BEGINNING]}\n{end.decode('utf-8', 'replace')}"
