"""Spaces and their members."""

from typing import Annotated

from fastapi import APIRouter, Path, status

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.accounts.schemas import Space
from commontrace_server.dependencies import ReadDep, WriteDep
from commontrace_server.documented import SPACE_LINKS, USUAL, problems
from commontrace_server.spaces import service
from commontrace_server.spaces.schemas import (
    AccountText,
    Member,
    MemberList,
    Membership,
    SpaceDraft,
    SpaceList,
)
from commontrace_server.traces.schemas import SpaceSlug

router = APIRouter(prefix="/v1/spaces", tags=["spaces"], responses=problems(*USUAL))

Slug = Annotated[SpaceSlug, Path()]
AccountNamed = Annotated[AccountText, Path(description="Id or name of an account.")]


@router.get("")
async def list_spaces(caller: CallerDep) -> SpaceList:
    """Return the spaces that this account can read, and what it may do there."""
    places = sorted(caller.readable(), key=lambda place: place.slug)
    return SpaceList(items=[Space.model_validate(place) for place in places])


@router.post("", status_code=status.HTTP_201_CREATED, responses=problems(409) | {201: {"links": SPACE_LINKS}})
async def create_space(draft: SpaceDraft, caller: CallerDep, connection: WriteDep) -> Space:
    """Make a space that this account owns."""
    return await service.create(connection, draft.slug, draft.kind, caller.account_id)


@router.get("/{slug}/members")
async def list_members(slug: Slug, caller: CallerDep, connection: ReadDep) -> MemberList:
    """Return the members of a space."""
    place = caller.check(caller.named(slug))
    return MemberList(items=await service.list_members(connection, place.id))


@router.put("/{slug}/members/{account}", responses=problems(409))
async def put_member(
    slug: Slug, account: AccountNamed, membership: Membership, caller: CallerDep, connection: WriteDep
) -> Member:
    """Make an account a member, or give a member another role."""
    place = caller.check(caller.named(slug))
    account_id = await accounts.find(connection, account)
    return await service.put_member(connection, place.id, account_id, membership.role)


@router.delete("/{slug}/members/{account}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(409))
async def remove_member(slug: Slug, account: AccountNamed, caller: CallerDep, connection: WriteDep) -> None:
    """Take a member out of a space; everybody may leave."""
    place = caller.check(caller.named(slug), own=account in (caller.name, str(caller.account_id)))
    account_id = await accounts.find(connection, account)
    await service.remove_member(connection, place.id, account_id)
