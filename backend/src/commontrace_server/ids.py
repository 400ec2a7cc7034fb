"""Identifiers: UUIDv7, so that the primary key is also the order of creation."""

import secrets
import time
from uuid import UUID

_NANOSECONDS_PER_MILLISECOND = 1_000_000
_SUB_MILLISECOND_STEPS = 4096


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562) with 12 bits of sub-millisecond time in `rand_a` (its method 3)."""
    milliseconds, rest = divmod(time.time_ns(), _NANOSECONDS_PER_MILLISECOND)
    fraction = rest * _SUB_MILLISECOND_STEPS // _NANOSECONDS_PER_MILLISECOND
    value = milliseconds << 80
    value |= 0x7 << 76
    value |= fraction << 64
    value |= 0b10 << 62
    value |= secrets.randbits(62)
    return UUID(int=value)
