"""What is said about accounts and keys."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from commontrace_server.accounts.standing import SCOPES, Role, Scope, SpaceKind
from commontrace_server.traces.schemas import Moment, Storable


def _plain(name: str) -> str:
    if not name.isprintable():
        raise ValueError("must be one line of printable characters")
    return name


def _no_id(name: str) -> str:
    """Names and ids are taken in the same places."""
    try:
        UUID(name)
    except ValueError:
        return name
    raise ValueError("must not look like an id")


def _ahead(moment: datetime) -> datetime:
    if moment <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return moment


def _ordered(scopes: list[Scope]) -> list[Scope]:
    return [scope for scope in SCOPES if scope in scopes]


AccountName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=100, strip_whitespace=True),
    Storable,
    AfterValidator(_plain),
    AfterValidator(_no_id),
]
Scopes = Annotated[list[Scope], Field(min_length=1, max_length=20), AfterValidator(_ordered)]


class KeyDraft(BaseModel):
    """A key to be made; what is left out is like the key that asks."""

    model_config = ConfigDict(extra="forbid")

    scopes: Scopes | None = None
    expires_at: Annotated[Moment, AfterValidator(_ahead)] | None = None


class Key(BaseModel):
    """A key, as far as anybody is told after its making."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    hint: str = Field(description="The last characters of the key.")
    scopes: list[Scope]
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None


class NewKey(Key):
    """A key that was just made."""

    key: str = Field(description="Shown this once.")


class Token(BaseModel):
    """A token that stands for the key it was made from; it ends with that key."""

    token: str = Field(description="Sent in place of the key: `Authorization: Bearer TOKEN`.")
    expires_at: datetime


class KeyList(BaseModel):
    """All keys of an account, newest first."""

    items: list[Key]


class Space(BaseModel):
    """A space, and what the caller may do there."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    slug: str
    kind: SpaceKind
    role: Role


class Me(BaseModel):
    """Whose key this is, and what it allows."""

    id: UUID
    name: str
    tier: str
    created_at: datetime
    scopes: list[Scope]
    key_id: UUID | None = Field(description="Null on the local socket, where no key is needed.")
    expires_at: datetime | None = Field(description="When the key ends.")
    spaces: list[Space]
