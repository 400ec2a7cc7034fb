"""Short-lived tokens in place of a key, for browsers and MCP over HTTP. They end with their key. Pure."""

import hmac
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import jwt

_ALGORITHM: Final = "HS256"
_ISSUER: Final = "commontrace"
_PURPOSE: Final = b"tokens, version 1"  # so that no signature is a key's hash


def is_token(text: str) -> bool:
    """Whether `text` looks like a token rather than a key."""
    return text.count(".") == 2


def issue(pepper: bytes, key_id: UUID, *, now: datetime, expires_at: datetime) -> str:
    """Return a token that stands for a key until `expires_at`."""
    claims = {"iss": _ISSUER, "sub": str(key_id), "iat": now, "exp": expires_at}
    return jwt.encode(claims, _secret(pepper), algorithm=_ALGORITHM)


def read(pepper: bytes, token: str) -> tuple[UUID, datetime] | None:
    """Return the key that a token stands for and when it ends; None when it is forged or over."""
    try:
        claims = jwt.decode(
            token,
            _secret(pepper),
            algorithms=[_ALGORITHM],
            issuer=_ISSUER,
            options={"require": ["exp", "iat", "sub"]},
        )
        return UUID(claims["sub"]), datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.InvalidTokenError, ValueError):
        return None


def _secret(pepper: bytes) -> bytes:
    return hmac.digest(pepper, _PURPOSE, "sha256")
