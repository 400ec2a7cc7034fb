"""Regular expressions, compiled when they are first needed: importing the rules costs next to nothing."""

import re
from functools import cache


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return ``pattern`` compiled, once per process."""
    return re.compile(pattern)
