"""Names of vector spaces, made of what others call their models."""

import hashlib
import re
from typing import Final

_LENGTH: Final = 63
_DIGEST: Final = 12


def identifier(name: str) -> str:
    """Return a name as an index takes it; two names never become one.

    >>> identifier("text-embedding-3-small-1536")
    'text-embedding-3-small-1536'
    """
    plain = re.sub(r"[^a-z0-9.]+", "-", name.lower()).strip("-.")
    if plain and plain == name and len(plain) <= _LENGTH:
        return plain
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{plain[: _LENGTH - _DIGEST - 1]}-{digest}".lstrip("-")
