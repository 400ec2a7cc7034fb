"""How much is allowed to whom: one table. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

from limits import RateLimitItem, parse

from commontrace_server.accounts.standing import Tier

Kind = Literal["read", "write", "key"]

# A bucket: how many at once, and after how long it is full again.
_STANDARD: Final[Mapping[Kind, str]] = {
    "read": "200/2 second",  # a team behind one account, every session failing every second
    "write": "100/2 second",  # votes and outcomes go with searches; contributions are far fewer
    "key": "30/9 minute",  # keys and tokens: nobody needs many, and each costs a hash
}
_TRUSTED_FACTOR: Final = 10  # services that speak for many people
ADDRESS: Final = parse("400/2 second")  # an office behind one address
FAILURE: Final = parse("20/1 minute")  # keys that are not valid, from one address: guessing is hopeless
_KEY_ROUTES: Final = ("/v1/keys", "/v1/token")
_READING_POSTS: Final = ("/v1/search",)


def kind(method: str, path: str) -> Kind:
    """Return what a request counts as."""
    if method == "POST" and path.startswith(_KEY_ROUTES):
        return "key"
    return "read" if method in ("GET", "HEAD") or path in _READING_POSTS else "write"


def allowed(tier: Tier, kind: Kind) -> RateLimitItem:
    """Return the bucket of an account; a trusted one's holds more and fills as much faster."""
    item = parse(_STANDARD[kind])
    factor = _TRUSTED_FACTOR if tier == "trusted" else 1
    return type(item)(item.amount * factor, item.multiples)
