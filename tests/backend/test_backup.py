"""A backup as docs/operate.md describes it: dumped, restored elsewhere, and served again."""

import subprocess
from pathlib import Path

import httpx
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import SCOPES
from commontrace_server.app import create_app
from commontrace_server.postgres import binaries
from commontrace_server.settings import Settings
from support import postgres
from support.store import client_of, draft

SECRET = "x" * 40
TABLES = """
SELECT array_agg(relname::text ORDER BY relname) FROM pg_class
WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace
"""


async def _content(url: str) -> dict[str, str | None]:
    """A digest of the rows of every table and materialised view."""
    names = await postgres.query(url, TABLES)
    rows = "SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {} t"
    return {name: await postgres.query(url, rows.format(name)) for name in names}


def _run(program: str, url: str, *arguments: str) -> None:
    """Run one of PostgreSQL's own programs on a database."""
    parts = make_url(url)
    where = ["--host", str(parts.query["host"]), "--port", str(parts.query["port"]), "--username", "postgres"]
    command = [str(binaries.directory() / program), *where, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr


def _app_settings(url: str) -> Settings:
    return Settings(database_url=url, embedder="none", pepper=SECRET)


async def _fill(url: str, engine: AsyncEngine) -> str:
    """Contribute, vote and give evidence as people do; returns the key that did."""
    async with engine.begin() as connection:
        account = await accounts.create(connection, "robin")
        key = (await accounts.create_key(connection, Pepper(SECRET), account, SCOPES)).key
    app = create_app(_app_settings(url))
    async with app.router.lifespan_context(app), client_of(app) as client:
        for number in range(5):
            made = await _as(client, key, "POST", "/v1/traces", draft(title=f"cannot import yaml{number}"))
            outcome = {"worked": True, "session": f"s{number}"}
            await _as(client, key, "POST", f"/v1/traces/{made.json()['id']}/outcomes", outcome)
    return key


async def _as(client: httpx.AsyncClient, key: str, method: str, path: str, body: object) -> httpx.Response:
    answer = await client.request(method, path, json=body, headers={"Authorization": f"Bearer {key}"})
    assert answer.is_success, answer.text
    return answer


async def test_a_restored_dump_is_the_store_that_was_dumped(
    store_url: str, engine: AsyncEngine, database_url: str, tmp_path: Path
) -> None:
    """Every table has its rows, the keys are good with the same pepper, and a search answers alike."""
    key = await _fill(store_url, engine)
    dump, query = str(tmp_path / "store.dump"), {"query": "cannot import yaml3", "kind": "error"}
    _run("pg_dump", store_url, "--format", "custom", "--file", dump, str(make_url(store_url).database))
    into = (
        "--exit-on-error",
        "--no-owner",
        "--no-comments",
        "--dbname",
        str(make_url(database_url).database),
    )
    _run("pg_restore", database_url, *into, dump)
    before, after = await _content(store_url), await _content(database_url)
    assert before == after
    assert before["traces"] is not None
    found = []
    for url in (store_url, database_url):
        app = create_app(_app_settings(url))
        async with app.router.lifespan_context(app), client_of(app) as client:
            assert (await client.get("/readyz")).status_code == 200
            found.append((await _as(client, key, "POST", "/v1/search", query)).json())
    assert found[0] == found[1]
    assert found[0]["hits"]
