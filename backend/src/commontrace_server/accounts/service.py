"""Accounts and their keys in the database. Nothing here commits: the caller's transaction decides."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts import keys
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.schemas import Key, NewKey
from commontrace_server.accounts.standing import SCOPES, Caller, Scope
from commontrace_server.database.tables import accounts, api_keys, members, spaces
from commontrace_server.ids import new_id
from commontrace_server.problems import (
    AccountNotFoundError,
    KeyEndedError,
    KeyNotFoundError,
    KeyReachError,
    NameTakenError,
    TooManyKeysError,
)

MAX_KEYS: Final = 50  # valid ones of an account
PERSONAL_PREFIX: Final = "personal-"

_VALID: Final = and_(
    api_keys.c.revoked_at.is_(None), or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > func.now())
)


async def create(connection: AsyncConnection, name: str) -> UUID:
    """Create an account with its personal space, and return its id.

    Raises:
        NameTakenError: There is one of this name.
    """
    account_id, space_id = new_id(), new_id()
    account = postgresql.insert(accounts).values(id=account_id, name=name, root=account_id)
    made = account.on_conflict_do_nothing(index_elements=[accounts.c.name]).returning(accounts.c.id)
    if await connection.scalar(made) is None:
        raise NameTakenError(name)
    slug = f"{PERSONAL_PREFIX}{space_id.hex[-12:]}"
    await connection.execute(insert(spaces).values(id=space_id, slug=slug, kind="personal"))
    await connection.execute(insert(members).values(space_id=space_id, account_id=account_id, role="owner"))
    return account_id


async def find(connection: AsyncConnection, account: str) -> UUID:
    """Return the id of the account of this name or id.

    Raises:
        AccountNotFoundError: There is none.
    """
    condition: ColumnElement[bool] = accounts.c.name == account
    with suppress(ValueError):  # then it is a name
        condition = accounts.c.id == UUID(account)
    found: UUID | None = await connection.scalar(select(accounts.c.id).where(condition))
    if found is None:
        raise AccountNotFoundError
    return found


async def create_key(
    connection: AsyncConnection,
    pepper: Pepper,
    account_id: UUID,
    scopes: Sequence[Scope],
    expires_at: datetime | None = None,
) -> NewKey:
    """Make a key of an account; this is the only time that anybody sees it.

    Raises:
        TooManyKeysError: The account has MAX_KEYS valid ones.
        PepperError: The secret for its hash cannot be made.
    """
    # Locked, so that no two are counted at the same time.
    await connection.execute(select(accounts.c.id).where(accounts.c.id == account_id).with_for_update())
    valid = select(func.count()).where(api_keys.c.account_id == account_id, _VALID)
    if (await connection.scalar(valid) or 0) >= MAX_KEYS:
        raise TooManyKeysError(MAX_KEYS)
    key = keys.new_key()
    statement = insert(api_keys).values(
        id=new_id(),
        account_id=account_id,
        hash=keys.digest(pepper.ensure(), key),
        hint=keys.hint(key),
        scopes=list(scopes),
        expires_at=expires_at,
    )
    row = (await connection.execute(statement.returning(api_keys))).one()
    return NewKey(**Key.model_validate(row).model_dump(), key=key)


async def derive_key(
    connection: AsyncConnection,
    pepper: Pepper,
    caller: Caller,
    scopes: Sequence[Scope] | None,
    expires_at: datetime | None,
) -> NewKey:
    """Make another key of the caller's account that does no more and lives no longer than the present one.

    Raises:
        KeyReachError: It would.
        TooManyKeysError: The account has enough.
    """
    scopes = scopes or [scope for scope in SCOPES if scope in caller.scopes]
    expires_at = expires_at or caller.expires_at
    outlives = caller.expires_at is not None and expires_at is not None and expires_at > caller.expires_at
    if outlives or not caller.scopes.issuperset(scopes):
        raise KeyReachError
    return await create_key(connection, pepper, caller.account_id, scopes, expires_at)


async def list_keys(connection: AsyncConnection, account_id: UUID) -> list[Key]:
    """Return all keys of an account, newest first, ended ones too."""
    statement = select(api_keys).where(api_keys.c.account_id == account_id).order_by(api_keys.c.id.desc())
    return [Key.model_validate(row) for row in await connection.execute(statement)]


async def revoke_key(connection: AsyncConnection, caller: Caller, key_id: UUID) -> None:
    """End a key of the caller's account now; ending it again changes nothing.

    Raises:
        KeyNotFoundError: The account has none of this id.
        KeyReachError: It may do more than the present one.
    """
    await _reached(connection, caller, key_id)
    await _end(connection, key_id)


async def rotate_key(connection: AsyncConnection, pepper: Pepper, caller: Caller, key_id: UUID) -> NewKey:
    """End a key of the caller's account and make one like it.

    Raises:
        KeyNotFoundError: The account has none of this id.
        KeyReachError: It may do more than the present one.
        KeyEndedError: It has ended already.
    """
    row = await _reached(connection, caller, key_id)
    if not row.valid:
        raise KeyEndedError
    await _end(connection, key_id)
    return await create_key(connection, pepper, caller.account_id, row.scopes, row.expires_at)


async def _reached(connection: AsyncConnection, caller: Caller, key_id: UUID) -> Row[Any]:
    own = (api_keys.c.id == key_id) & (api_keys.c.account_id == caller.account_id)
    statement = select(api_keys.c.scopes, api_keys.c.expires_at, _VALID.label("valid")).where(own)
    row = (await connection.execute(statement.with_for_update())).one_or_none()
    if row is None:
        raise KeyNotFoundError
    if not caller.scopes.issuperset(row.scopes):
        raise KeyReachError
    return row


async def _end(connection: AsyncConnection, key_id: UUID) -> None:
    still = (api_keys.c.id == key_id) & api_keys.c.revoked_at.is_(None)
    await connection.execute(update(api_keys).where(still).values(revoked_at=func.now()))
