"""Spaces and their members in the database. Nothing here commits: the caller's transaction decides."""

from uuid import UUID

from sqlalchemy import delete, func, insert, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.schemas import Space
from commontrace_server.accounts.standing import Role
from commontrace_server.database.tables import accounts, members, spaces
from commontrace_server.ids import new_id
from commontrace_server.jobs import routine
from commontrace_server.refusals import (
    AccountNotFoundError,
    LastOwnerError,
    PersonalSpaceError,
    SlugTakenError,
    SpaceNotFoundError,
)
from commontrace_server.spaces.schemas import Member, SharedKind

_STANDINGLESS = (None, "reader")  # whose root is known in a space by other means, or not at all


async def create(
    connection: AsyncConnection, slug: str, kind: SharedKind, owner: UUID | None = None
) -> Space:
    """Create a space.

    Args:
        connection: In the transaction that the caller commits.
        slug: What it is called, everywhere.
        kind: Whether only members read it.
        owner: Its first member; an administrator may add one later.

    Raises:
        SlugTakenError: There is one of this name.
    """
    statement = postgresql.insert(spaces).values(id=new_id(), slug=slug, kind=kind)
    made = statement.on_conflict_do_nothing(index_elements=[spaces.c.slug]).returning(spaces.c.id)
    space_id = await connection.scalar(made)
    if space_id is None:
        raise SlugTakenError(slug)
    if owner is not None:
        await connection.execute(insert(members).values(space_id=space_id, account_id=owner, role="owner"))
    return Space(id=space_id, slug=slug, kind=kind, role="owner")


async def find(connection: AsyncConnection, slug: str) -> UUID:
    """Return the id of a space, whoever can read it.

    Raises:
        SpaceNotFoundError: There is none.
    """
    found: UUID | None = await connection.scalar(select(spaces.c.id).where(spaces.c.slug == slug))
    if found is None:
        raise SpaceNotFoundError
    return found


async def list_members(connection: AsyncConnection, space_id: UUID) -> list[Member]:
    """Return the members of a space, by name."""
    statement = (
        select(members.c.account_id, accounts.c.name, members.c.role)
        .join(accounts, accounts.c.id == members.c.account_id)
        .where(members.c.space_id == space_id)
        .order_by(accounts.c.name)
    )
    return [Member.model_validate(row) for row in await connection.execute(statement)]


async def put_member(connection: AsyncConnection, space_id: UUID, account_id: UUID, role: Role) -> Member:
    """Make an account a member with this role, whatever it was before.

    Raises:
        PersonalSpaceError: The space is somebody's own.
        LastOwnerError: Nobody would own it any more.
    """
    await _lock_shared(connection, space_id)
    row = postgresql.insert(members).values(space_id=space_id, account_id=account_id, role=role)
    key = [members.c.space_id, members.c.account_id]
    before = await _role(connection, space_id, account_id)
    await connection.execute(row.on_conflict_do_update(index_elements=key, set_={"role": role}))
    if before == "owner":
        await _keep_an_owner(connection, space_id)
    account = select(accounts.c.name, accounts.c.root).where(accounts.c.id == account_id)
    name, root = (await connection.execute(account)).one()
    if before in _STANDINGLESS or role in _STANDINGLESS:
        await routine.root_changed(connection, root)
    return Member(account_id=account_id, name=name, role=role)


async def remove_member(connection: AsyncConnection, space_id: UUID, account_id: UUID) -> None:
    """Take an account's membership away.

    Raises:
        PersonalSpaceError: The space is somebody's own.
        AccountNotFoundError: The account is no member.
        LastOwnerError: Nobody would own the space any more.
    """
    await _lock_shared(connection, space_id)
    own = (members.c.space_id == space_id) & (members.c.account_id == account_id)
    role = await connection.scalar(delete(members).where(own).returning(members.c.role))
    if role is None:
        raise AccountNotFoundError
    if role == "owner":
        await _keep_an_owner(connection, space_id)
    account = select(accounts.c.root).where(accounts.c.id == account_id)
    root = (await connection.execute(account)).scalar_one()
    await routine.root_changed(connection, root)


async def _lock_shared(connection: AsyncConnection, space_id: UUID) -> None:
    """Let one change of a space's members happen after the other: two owners cannot remove each other."""
    statement = select(spaces.c.kind).where(spaces.c.id == space_id).with_for_update(key_share=True)
    if await connection.scalar(statement) == "personal":
        raise PersonalSpaceError


async def _role(connection: AsyncConnection, space_id: UUID, account_id: UUID) -> str | None:
    own = (members.c.space_id == space_id) & (members.c.account_id == account_id)
    role: str | None = await connection.scalar(select(members.c.role).where(own))
    return role


async def _keep_an_owner(connection: AsyncConnection, space_id: UUID) -> None:
    owners = select(func.count()).where(members.c.space_id == space_id, members.c.role == "owner")
    if not await connection.scalar(owners):
        raise LastOwnerError
