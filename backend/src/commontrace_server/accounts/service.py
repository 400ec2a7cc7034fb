"""Accounts and their keys in the database. Nothing here commits: the caller's transaction decides."""

from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, Row, and_, func, insert, or_, select, update
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts import keys, tokens
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.schemas import Key, NewKey, Token
from commontrace_server.accounts.standing import SCOPES, Caller, Scope, Tier
from commontrace_server.database.tables import accounts, api_keys, members, spaces
from commontrace_server.ids import new_id
from commontrace_server.jobs import routine
from commontrace_server.refusals import (
    AccountNotFoundError,
    KeyEndedError,
    KeyNotFoundError,
    KeyReachError,
    NameTakenError,
    TokenNeedsKeyError,
    TooManyKeysError,
)

TOKEN_LIFE: Final = timedelta(minutes=15)
MAX_KEYS: Final = 50  # valid ones of an account
PERSONAL_PREFIX: Final = "personal-"

_VALID: Final = and_(
    api_keys.c.revoked_at.is_(None), or_(api_keys.c.expires_at.is_(None), api_keys.c.expires_at > func.now())
)


async def create(connection: AsyncConnection, name: str, root: UUID | None = None) -> UUID:
    """Create an account with its personal space, and return its id.

    Args:
        connection: In the transaction that the caller commits.
        name: What it is called.
        root: The group of accounts that it counts with; its own without.

    Raises:
        NameTakenError: There is one of this name.
    """
    account_id, space_id = new_id(), new_id()
    account = postgresql.insert(accounts).values(id=account_id, name=name, root=root or account_id)
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


async def root_of(connection: AsyncConnection, account: str) -> UUID:
    """Return the root of the account of this name or id.

    Raises:
        AccountNotFoundError: There is none.
    """
    account_id = await find(connection, account)
    query = select(accounts.c.root).where(accounts.c.id == account_id)
    root: UUID = (await connection.execute(query)).scalar_one()
    return root


async def join(connection: AsyncConnection, account_id: UUID, root: UUID) -> None:
    """Make an account one of a root's, because they turned out to be one person or group."""
    former = select(accounts.c.root).where(accounts.c.id == account_id)
    left = (await connection.execute(former)).scalar_one()
    await connection.execute(update(accounts).where(accounts.c.id == account_id).values(root=root))
    for changed in {left, root}:
        await routine.root_changed(connection, changed)


async def set_tier(connection: AsyncConnection, account_id: UUID, tier: Tier) -> None:
    """Give an account a tier; a trusted one makes its root known everywhere, and has higher limits."""
    changed = update(accounts).where(accounts.c.id == account_id).values(tier=tier)
    root = (await connection.execute(changed.returning(accounts.c.root))).scalar_one()
    await routine.root_changed(connection, root)


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


def make_token(pepper: Pepper, caller: Caller) -> Token:
    """Make a token that stands for the caller's key for TOKEN_LIFE, or for what is left of the caller's own.

    Raises:
        TokenNeedsKeyError: The caller came without a key.
    """
    if caller.key_id is None:
        raise TokenNeedsKeyError
    now = datetime.now(UTC)
    ends = min(now + TOKEN_LIFE, caller.expires_at or now + TOKEN_LIFE)
    token = tokens.issue(pepper.ensure(), caller.key_id, now=now, expires_at=ends)
    return Token(token=token, expires_at=ends)


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


async def end_key(connection: AsyncConnection, key_id: UUID) -> None:
    """End anybody's key now, as whoever runs the store; ending it again changes nothing.

    Raises:
        KeyNotFoundError: There is none of this id.
    """
    if await connection.scalar(select(api_keys.c.id).where(api_keys.c.id == key_id)) is None:
        raise KeyNotFoundError
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
