"""What an API key is, and what the store keeps of it. Pure."""

import hashlib
import hmac
import re
import secrets
from typing import Final

_PREFIX: Final = "ct_"
_PATTERN: Final = re.compile(r"ct_[A-Za-z0-9_-]{43}")
_HINT: Final = 4


def new_key() -> str:
    """Return a new key: 256 random bits."""
    return _PREFIX + secrets.token_urlsafe(32)


def is_key(text: str) -> bool:
    """Whether `text` looks like a key of ours."""
    return _PATTERN.fullmatch(text) is not None


def digest(pepper: bytes, key: str) -> str:
    """Return what is stored in place of a key: 64 hex digits."""
    return hmac.new(pepper, key.encode(), hashlib.sha256).hexdigest()


def same(left: str, right: str) -> bool:
    """Whether two digests are equal, in a time that does not tell where they differ."""
    return hmac.compare_digest(left, right)


def hint(key: str) -> str:
    """Return what a person knows a key by: its last characters."""
    return key[-_HINT:]
