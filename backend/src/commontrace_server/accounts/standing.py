"""Scopes of keys and roles in spaces, and the one who asks with them. Pure.

What an account may do is its key's scopes and its membership of the space; there is no third system.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Literal, NamedTuple, get_args
from uuid import UUID

from commontrace_server.refusals import RoleMissingError, ScopeMissingError, SpaceNotFoundError

Scope = Literal["read", "contribute", "moderate", "admin"]
Role = Literal["reader", "contributor", "moderator", "owner"]
Tier = Literal["standard", "trusted"]
SpaceKind = Literal["personal", "team", "public"]

SCOPES: Final[tuple[Scope, ...]] = get_args(Scope)
ROLES: Final[tuple[Role, ...]] = get_args(Role)  # each allows what those before it allow

# What every account is in a public space that it is no member of. A membership says otherwise: less, too.
PUBLIC_ROLE: Final[Role] = "contributor"


class Need(NamedTuple):
    """What a request takes: a scope of the key and a role in the space; or `own` where the matter is."""

    scope: Scope | None = None
    role: Role | None = None
    own: "Need | None" = None


@dataclass(frozen=True, slots=True)
class Place:
    """A space that an account can read, and its role there."""

    id: UUID
    slug: str
    kind: SpaceKind
    role: Role


@dataclass(frozen=True, slots=True)
class Caller:
    """An account that asks for something, with one of its keys or as the built-in account.

    Attributes:
        key_id: None for the built-in account on its socket.
        expires_at: When that key ends, if it does.
        places: Every space that the account can read, by id.
        need: What this request takes.
        approved: Whether the person has said yes to it; only a store on their own machine asks.
        snapshot: Of the database when all this was so (database/snapshots.py).
    """

    account_id: UUID
    name: str
    tier: Tier
    root: UUID
    created_at: datetime
    scopes: frozenset[Scope]
    key_id: UUID | None = None
    expires_at: datetime | None = None
    places: Mapping[UUID, Place] = field(default_factory=dict)
    need: Need = field(default_factory=Need)
    approved: bool = True
    snapshot: Hashable = field(default=None, compare=False)

    def unapproved(self) -> "Caller":
        """Return the same caller without the person's yes: it reads and proposes, and decides nothing."""
        return replace(self, approved=False, scopes=self.scopes - {"moderate", "admin"})

    def check_scope(self) -> None:
        """Check the key before anything is looked at.

        Raises:
            ScopeMissingError: Whatever the request is about, the key does not reach.
        """
        needs = [need for need in (self.need, self.need.own) if need is not None]
        if not any(need.scope is None or need.scope in self.scopes for need in needs):
            raise ScopeMissingError(needs[-1].scope)

    def check(self, place: Place, *, own: bool = False) -> Place:
        """Return `place` if this request may be made there.

        Args:
            place: Where it would be made.
            own: Whether the matter is the caller's own: its trace, its membership.

        Raises:
            ScopeMissingError: The key does not reach.
            RoleMissingError: The role in the space does not.
        """
        need = self.need.own if own and self.need.own is not None else self.need
        if need.scope is not None and need.scope not in self.scopes:
            raise ScopeMissingError(need.scope)
        if need.role is not None and ROLES.index(place.role) < ROLES.index(need.role):
            raise RoleMissingError(need.role, place.slug)
        return place

    def moderates(self, place: Place) -> bool:
        """Whether this key and the role in a space make a moderator."""
        return "moderate" in self.scopes and ROLES.index(place.role) >= ROLES.index("moderator")

    def place(self, space_id: UUID) -> Place | None:
        """Return a space, or None when the caller may not know of it."""
        return self.places.get(space_id)

    def named(self, slug: str | None) -> Place:
        """Return the space called `slug`, or the account's personal one.

        Raises:
            SpaceNotFoundError: There is none, or none that the caller may know of.
        """
        for place in self.places.values():
            if place.slug == slug if slug is not None else place.kind == "personal":
                return place
        raise SpaceNotFoundError

    def readable(self, slugs: list[str] | None = None) -> list[Place]:
        """Return the spaces called `slugs`, or every space there is for this caller.

        Raises:
            SpaceNotFoundError: One of them is none, or none that the caller may know of.
        """
        return [self.named(slug) for slug in slugs] if slugs else list(self.places.values())
