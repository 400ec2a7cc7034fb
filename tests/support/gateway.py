"""A store and the tools over HTTP beside it: two real processes, and people with keys."""

import asyncio
import json
import secrets
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import SCOPES, Scope
from commontrace_server.database import create_engine
from commontrace_server.postgres.cluster import Cluster
from support import postgres
from support.store import RUN, StoreProcess

ACCEPT = {"Accept": "application/json, text/event-stream"}
_READY_SECONDS = 60


class Gateway:
    """Speaks MCP with one address; nothing is kept between two requests.

    Args:
        url: of the endpoint.
        store: address of the store behind it.
        database: of that store.
        pepper: what the store hashes keys with.
    """

    def __init__(self, url: str, store: str, database: str, pepper: str) -> None:
        self.url = url
        self.store = store
        self._database = database
        self._pepper = Pepper(pepper)

    def account(self, name: str, *, scopes: Sequence[Scope] = ("read", "contribute")) -> str:
        """A new account's key."""
        return asyncio.run(self._account(name, scopes))

    async def _account(self, name: str, scopes: Sequence[Scope]) -> str:
        engine = create_engine(self._database)
        async with engine.begin() as connection:
            made = await accounts.create(connection, name)
            key = await accounts.create_key(connection, self._pepper, made, scopes)
        await engine.dispose()
        return key.key

    def public_space(self, slug: str) -> None:
        """A new public space."""
        with self.at_store(self.account(f"owner of {slug}", scopes=SCOPES)) as store:
            store.post("/v1/spaces", json={"slug": slug, "kind": "public"}).raise_for_status()

    def at_store(self, key: str) -> httpx.Client:
        """A client of the store itself."""
        return httpx.Client(base_url=self.store, headers={"Authorization": f"Bearer {key}"}, trust_env=False)

    def post(self, key: str | None, method: str, params: Mapping[str, Any], **headers: str) -> httpx.Response:
        """The answer to one request."""
        message = {"jsonrpc": "2.0", "id": 1, "method": method, "params": dict(params)}
        bearer = {} if key is None else {"Authorization": f"Bearer {key}"}
        content = json.dumps(message)
        sent = ACCEPT | {"Content-Type": "application/json"} | bearer | headers
        return httpx.post(self.url, content=content, headers=sent, timeout=30, trust_env=False)

    def tools(self, key: str) -> list[dict[str, Any]]:
        """The tools that are listed."""
        return list(self.post(key, "tools/list", {}).json()["result"]["tools"])

    def call(self, key: str, tool: str, **arguments: Any) -> tuple[str, bool]:
        """What a tool says, and whether it is an error."""
        answer = self.post(key, "tools/call", {"name": tool, "arguments": arguments})
        assert answer.status_code == 200, answer.text
        result = answer.json()["result"]
        return str(result["content"][0]["text"]), bool(result.get("isError"))


@contextmanager
def process(*arguments: str, environment: dict[str, str]) -> Iterator[str]:
    """A `mcp-http` process on a free port; its address."""
    command = [sys.executable, "-I", str(RUN), "mcp-http", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as running:
        try:
            assert running.stdout is not None
            line = running.stdout.readline()
            assert line.startswith("ready "), line
            yield line.removeprefix("ready ").strip()
        finally:
            running.terminate()
            assert running.wait(_READY_SECONDS) == 0


@contextmanager
def running(cluster: Cluster, home: Path, environ: Mapping[str, str]) -> Iterator[Gateway]:
    """A store on a database of its own, and the tools beside it."""
    database = asyncio.run(postgres.create_database(cluster))
    pepper = secrets.token_hex(32)
    serve = ("--port", "0", "--database-url", database, "--embedder", "none")
    with StoreProcess(*serve, environment={"COMMONTRACE_PEPPER": pepper}) as store:
        url = store.wait_ready()
        environment = {**environ, "COMMONTRACE_HOME": str(home)}
        with process("--store", url, environment=environment) as address:
            yield Gateway(address, url, database, pepper)
