"""People with accounts of their own in one running store, and the spaces that they share."""

import secrets
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import insert, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts_service
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import Scope
from commontrace_server.app import create_app
from commontrace_server.database.tables import accounts, members
from commontrace_server.settings import Settings
from commontrace_server.spaces import service as spaces_service
from commontrace_server.spaces.schemas import SharedKind
from support.store import draft

TALLIES = ("votes_up", "votes_down", "outcomes_worked", "outcomes_failed")


@dataclass(frozen=True)
class Person:
    """An account, its root, and a client that carries its key."""

    id: UUID
    root: UUID
    name: str
    client: httpx.AsyncClient

    async def contribute(self, **changes: Any) -> str:
        """Contribute a trace and return its id."""
        answer = await self.client.post("/v1/traces", json=draft(**changes))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def vote(self, trace_id: str, value: int = 1, **more: Any) -> dict[str, Any]:
        """Vote and return the answer."""
        reason = {} if value == 1 else {"reason": "wrong"}
        answer = await self.client.put(f"/v1/traces/{trace_id}/vote", json={"value": value} | reason | more)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())

    async def observe(self, trace_id: str, worked: bool, session: str = "one") -> dict[str, Any]:
        """Post an outcome and return the answer."""
        body = {"session": session, "worked": worked}
        answer = await self.client.post(f"/v1/traces/{trace_id}/outcomes", json=body)
        assert answer.status_code in (200, 201), answer.text
        return dict(answer.json())


class Community:
    """A running store that takes keys.

    Args:
        app: The store.
        engine: Its database.
        pepper: Its secret.
        stack: Closes the clients.
    """

    def __init__(self, app: FastAPI, engine: AsyncEngine, pepper: Pepper, stack: AsyncExitStack) -> None:
        self.app = app
        self.engine = engine
        self._pepper = pepper
        self._stack = stack

    async def person(
        self, name: str, *, root: UUID | None = None, scopes: tuple[Scope, ...] = ("read", "contribute")
    ) -> Person:
        """Make an account with a key; `root` makes it one of the accounts of another."""
        async with self.engine.begin() as connection:
            account = await accounts_service.create(connection, name)
            if root is not None:
                moved = update(accounts).where(accounts.c.id == account).values(root=root)
                await connection.execute(moved)
            key = await accounts_service.create_key(connection, self._pepper, account, scopes)
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://store",
            headers={"Authorization": f"Bearer {key.key}"},
        )
        await self._stack.enter_async_context(client)
        return Person(account, root or account, name, client)

    async def trust(self, person: Person) -> None:
        """Make somebody's word count everywhere."""
        async with self.engine.begin() as connection:
            await accounts_service.set_tier(connection, person.id, "trusted")

    async def space(self, slug: str, kind: SharedKind, **roles: tuple[Person, ...]) -> None:
        """Make a space; `roles` are its members."""
        async with self.engine.begin() as connection:
            space = await spaces_service.create(connection, slug, kind)
            for role, people in roles.items():
                for person in people:
                    row = {"space_id": space.id, "account_id": person.id, "role": role}
                    await connection.execute(insert(members).values(row))

    async def row(self, table: Any, key: str) -> Any:
        """The row of this id."""
        async with self.engine.connect() as connection:
            return (await connection.execute(select(table).where(table.c.id == UUID(key)))).one()


@asynccontextmanager
async def running(url: str, engine: AsyncEngine) -> AsyncIterator[Community]:
    """A running store on a migrated database, without an embedder."""
    pepper = secrets.token_hex(32)
    app = create_app(Settings(database_url=url, embedder="none", pepper=pepper, builtin_account=True))
    async with app.router.lifespan_context(app), AsyncExitStack() as stack:
        yield Community(app, engine, Pepper(pepper), stack)


@pytest.fixture
async def community(store_url: str, engine: AsyncEngine) -> AsyncIterator[Community]:
    """A running store on a database of the test's own."""
    async with running(store_url, engine) as community:
        yield community
