"""Memory that this process has freed and the C library keeps."""

import ctypes
import sys
from contextlib import suppress


def give_back() -> None:
    """Return it to the system where that can be asked for: with glibc."""
    if sys.platform == "linux":
        with suppress(AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
