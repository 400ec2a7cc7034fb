"""Accounts for tests: a running app that asks for keys, and people who have them."""

from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import Role, Scope
from commontrace_server.app import create_app
from commontrace_server.settings import Settings
from commontrace_server.spaces import service as spaces
from commontrace_server.spaces.schemas import SharedKind

USUAL: tuple[Scope, ...] = ("read", "contribute")


@dataclass
class Person:
    """An account with a key, and a client that sends it."""

    id: UUID
    name: str
    key: str
    client: httpx.AsyncClient

    async def get(self, path: str, **parts: Any) -> httpx.Response:
        """GET as this person."""
        return await self.client.get(path, **parts)

    async def post(self, path: str, body: Any = None, **parts: Any) -> httpx.Response:
        """POST as this person."""
        return await self.client.post(path, json=body, **parts)

    async def put(self, path: str, body: Any = None, **parts: Any) -> httpx.Response:
        """PUT as this person."""
        return await self.client.put(path, json=body, **parts)

    async def delete(self, path: str, **parts: Any) -> httpx.Response:
        """DELETE as this person."""
        return await self.client.delete(path, **parts)


class Town:
    """A running app that asks for keys, as over TCP; accounts and spaces are made as `admin` makes them."""

    def __init__(self, app: FastAPI, engine: AsyncEngine, pepper: Pepper, stack: AsyncExitStack) -> None:
        self.app = app
        self.engine = engine
        self.pepper = pepper
        self._stack = stack

    async def person(self, name: str, *, scopes: Sequence[Scope] = USUAL) -> Person:
        """Make an account with one key."""
        async with self.engine.begin() as connection:
            account_id = await accounts.create(connection, name)
            key = await accounts.create_key(connection, self.pepper, account_id, scopes)
        return Person(account_id, name, key.key, await self.client(key.key))

    async def space(self, slug: str, kind: SharedKind, **members: Role) -> None:
        """Make a space with members; each is the name of an account."""
        async with self.engine.begin() as connection:
            made = await spaces.create(connection, slug, kind)
            for name, role in members.items():
                await spaces.put_member(connection, made.id, await accounts.find(connection, name), role)

    async def client(self, key: str | None = None) -> httpx.AsyncClient:
        """Return a client with a key, or without."""
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://store",
            headers={"Authorization": f"Bearer {key}"} if key is not None else {},
        )
        return await self._stack.enter_async_context(client)


@pytest.fixture
async def town(store_url: str, engine: AsyncEngine, tmp_path: Path) -> AsyncIterator[Town]:
    """A running app in which nobody is known without a key."""
    app = create_app(Settings(database_url=store_url, pepper=tmp_path, embedder="none", limits=False))
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield Town(app, engine, Pepper(tmp_path), stack)
