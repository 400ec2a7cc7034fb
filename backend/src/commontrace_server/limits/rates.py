"""How much is allowed to whom: one table. Pure."""

from collections.abc import Mapping
from typing import Final, Literal

from limits import RateLimitItem, parse_many

from commontrace_server.accounts.standing import Tier

Kind = Literal["read", "write", "key"]

# Each is a bucket that lets a burst through (per second) and one that bounds what goes on (per minute).
_STANDARD: Final[Mapping[Kind, str]] = {
    "read": "200/second;6000/minute",  # a team behind one account, every session failing every second
    "write": "100/second;3000/minute",  # votes and outcomes go with searches; contributions are far fewer
    "key": "30/minute;200/hour",  # keys and tokens: nobody needs many, and each costs a hash
}
_TRUSTED_FACTOR: Final = 10  # services that speak for many people
ADDRESS: Final = "400/second;12000/minute"  # an office behind one address
FAILURE: Final = "20/minute"  # keys that are not valid, from one address: guessing is hopeless, and slow
_KEY_ROUTES: Final = ("/v1/keys", "/v1/token")
_READING_POSTS: Final = ("/v1/search",)


def kind(method: str, path: str) -> Kind:
    """Return what a request counts as."""
    if method == "POST" and path.startswith(_KEY_ROUTES):
        return "key"
    return "read" if method in ("GET", "HEAD") or path in _READING_POSTS else "write"


def allowed(tier: Tier, kind: Kind) -> list[RateLimitItem]:
    """Return the limits of an account."""
    factor = _TRUSTED_FACTOR if tier == "trusted" else 1
    return items(_STANDARD[kind], factor)


def items(limits: str, factor: int = 1) -> list[RateLimitItem]:
    """Return limits that are written down like `60/second;1200/minute`, multiplied."""
    return [type(item)(item.amount * factor, item.multiples) for item in parse_many(limits)]
