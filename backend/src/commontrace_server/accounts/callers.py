"""Who a caller is, according to the database: a statement that begins after each request has come."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Row, TextualSelect
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import keys
from commontrace_server.accounts.builtin import LOCAL_ACCOUNT
from commontrace_server.accounts.standing import PUBLIC_ROLE, SCOPES, Caller, Need, Place
from commontrace_server.coalescing import Coalescing
from commontrace_server.database import snapshots, without_transaction
from commontrace_server.database.statements import returning

# A row per space that the account can read: those it is a member of, and the public ones.
_PLACES: Final = """
    LEFT JOIN LATERAL (
        SELECT spaces.id AS space_id, slug, kind, role
        FROM members JOIN spaces ON spaces.id = members.space_id WHERE account_id = accounts.id
        UNION ALL
        SELECT spaces.id, slug, kind, :public_role FROM spaces
        WHERE kind = 'public'
          AND NOT EXISTS (SELECT FROM members WHERE space_id = spaces.id AND account_id = accounts.id)
    ) AS places ON true
"""
_NAMES: Final = (
    *("id", "name", "tier", "root", "created_at", "space_id", "slug", "kind", "role"),
    *snapshots.NAMES,
)
_ACCOUNT: Final = (
    f"accounts.id, name, tier, root, accounts.created_at, space_id, slug, kind, role, {snapshots.COLUMNS}"
)
_BY_ID: Final = returning(
    f"SELECT {_ACCOUNT} FROM accounts {_PLACES} WHERE accounts.id = :id",  # noqa: S608 - constants
    *_NAMES,
)
_KEY_NAMES: Final = (*_NAMES, "key_id", "hash", "scopes", "expires_at")
_VALID: Final = f"""
    SELECT {_ACCOUNT}, api_keys.id AS key_id, hash, scopes, expires_at
    FROM api_keys JOIN accounts ON accounts.id = account_id {_PLACES}
    WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
"""  # noqa: S608 - constants
_BY_HASH: Final = returning(f"{_VALID} AND hash = :hash", *_KEY_NAMES)
_BY_KEY: Final = returning(f"{_VALID} AND api_keys.id = :key", *_KEY_NAMES)


# An account that asks for much at a time is looked up once for all that has come meanwhile.
_LOOKS: Final[WeakKeyDictionary[AsyncEngine, Coalescing[list[Row[Any]]]]] = WeakKeyDictionary()


async def by_key(engine: AsyncEngine, key: str, pepper: bytes, need: Need) -> Caller | None:
    """Return whose key this is; None when it is nobody's, or has expired or been revoked."""
    digest = keys.digest(pepper, key)
    rows = await _rows(engine, _BY_HASH, hash=digest)
    if not rows or not keys.same(rows[0].hash, digest):
        return None
    first = rows[0]
    return _caller(
        rows, scopes=frozenset(first.scopes), key_id=first.key_id, expires_at=first.expires_at, need=need
    )


async def by_key_id(engine: AsyncEngine, key_id: UUID, ends: datetime, need: Need) -> Caller | None:
    """Return whose key this is, for a token that stands for it until `ends`; None when the key is over."""
    rows = await _rows(engine, _BY_KEY, key=key_id)
    if not rows:
        return None
    first = rows[0]
    ends = ends if first.expires_at is None else min(ends, first.expires_at)
    return _caller(rows, scopes=frozenset(first.scopes), key_id=first.key_id, expires_at=ends, need=need)


async def builtin(engine: AsyncEngine, need: Need) -> Caller:
    """Return the built-in account, which may do everything that a role in the space allows."""
    return await by_id(engine, LOCAL_ACCOUNT, need)


async def by_id(engine: AsyncEngine, account_id: UUID, need: Need) -> Caller:
    """Return an account that there is, as it is where no key is asked for: whoever runs the store acts."""
    return _caller(await _rows(engine, _BY_ID, id=account_id), scopes=frozenset(SCOPES), need=need)


async def _rows(engine: AsyncEngine, statement: TextualSelect, **values: str | UUID) -> list[Row[Any]]:
    looks = _LOOKS.setdefault(engine, Coalescing())
    return await looks.ask((statement, *values.items()), partial(_looked_up, engine, statement, values))


async def _looked_up(
    engine: AsyncEngine, statement: TextualSelect, values: Mapping[str, str | UUID]
) -> list[Row[Any]]:
    async with without_transaction(engine).connect() as connection:
        return list(await connection.execute(statement, {**values, "public_role": PUBLIC_ROLE}))


def _caller(rows: list[Row[Any]], **known: Any) -> Caller:
    first = rows[0]
    places = [Place(row.space_id, row.slug, row.kind, row.role) for row in rows if row.space_id is not None]
    return Caller(
        account_id=first.id,
        name=first.name,
        tier=first.tier,
        root=first.root,
        created_at=first.created_at,
        places={place.id: place for place in places},
        snapshot=snapshots.name(first),
        **known,
    )
