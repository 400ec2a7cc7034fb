"""What is said about spaces and their members."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints

from commontrace_server.accounts.schemas import Space
from commontrace_server.accounts.service import PERSONAL_PREFIX
from commontrace_server.accounts.standing import Role
from commontrace_server.traces.schemas import Storable


def _free(slug: str) -> str:
    if slug.startswith(PERSONAL_PREFIX):
        raise ValueError(f"must not begin with {PERSONAL_PREFIX}, which personal spaces do")
    return slug


AccountText = Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
NewSlug = Annotated[
    str,
    StringConstraints(min_length=1, max_length=50, pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$"),
    AfterValidator(_free),
]
SharedKind = Literal["team", "public"]


class SpaceDraft(BaseModel):
    """A space to be made; whoever makes it owns it."""

    model_config = ConfigDict(extra="forbid")

    slug: NewSlug
    kind: SharedKind


class SpaceList(BaseModel):
    """The spaces that the caller can read, by slug."""

    items: list[Space]


class Membership(BaseModel):
    """What a member is to be."""

    model_config = ConfigDict(extra="forbid")

    role: Role


class Member(BaseModel):
    """An account and its role in a space."""

    model_config = ConfigDict(from_attributes=True)

    account_id: UUID
    name: str
    role: Role


class MemberList(BaseModel):
    """The members of a space, by name."""

    items: list[Member]
