"""Who is asking: keys over TCP, the built-in account on the socket of this machine."""

import asyncio
import logging
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import callers, keys
from commontrace_server.accounts.pepper import Pepper, PepperError
from commontrace_server.app import create_app
from commontrace_server.database.tables import api_keys
from commontrace_server.settings import Settings
from support.accounts import Town
from support.store import client_of, draft


async def test_without_a_key_the_way_to_one_is_said(town: Town) -> None:
    """401 tells how the first administrator is made, and names the scheme."""
    answer = await (await town.client()).get("/v1/me")
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "commontrace admin create-admin --name NAME" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json"])
async def test_health_and_documentation_are_open(town: Town, path: str) -> None:
    """What says that the store is up, and what it can do, needs no key."""
    assert (await (await town.client()).get(path)).status_code == 200


async def test_key_says_who_one_is(town: Town) -> None:
    """A valid key is its account, with the spaces that it reaches."""
    robin = await town.person("Robin")
    said = (await robin.get("/v1/me")).json()
    assert (said["id"], said["name"], said["scopes"]) == (str(robin.id), "Robin", ["read", "contribute"])
    assert [(space["kind"], space["role"]) for space in said["spaces"]] == [("personal", "owner")]


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer x", "Basic eDp5", "bearer ct_", "Bearer ct_" + "A" * 43, "Bearer \x00"],
)
async def test_what_is_no_key_of_ours_is_refused(town: Town, header: str) -> None:
    """Anything but a key that was given out is 401."""
    await town.person("Robin")
    client = await town.client()
    answer = await client.get("/v1/me", headers={b"Authorization": header.encode()})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (401, "key-invalid")


async def test_revoked_key_is_refused(town: Town, engine: AsyncEngine) -> None:
    """From the moment of its revocation a key is nobody's."""
    robin = await town.person("Robin")
    async with engine.begin() as connection:
        await connection.execute(update(api_keys).values(revoked_at=func.now()))
    assert (await robin.get("/v1/me")).status_code == 401


async def test_key_that_is_revoked_while_others_are_looked_up_is_refused(
    town: Town, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Requests that come at the same time share a look, but none that began before they came."""
    robin = await town.person("Robin")
    looked, may_end = asyncio.Event(), asyncio.Event()
    look = callers._looked_up

    async def slow(*arguments: Any) -> Any:
        rows = await look(*arguments)
        looked.set()
        await may_end.wait()
        return rows

    monkeypatch.setattr(callers, "_looked_up", slow)
    early = asyncio.create_task(robin.get("/v1/me"))
    await looked.wait()
    async with engine.begin() as connection:
        await connection.execute(update(api_keys).values(revoked_at=func.now()))
    late = [asyncio.create_task(robin.get("/v1/me")) for _ in range(3)]
    await asyncio.sleep(0.05)  # they wait by now; if not, they are refused all the more
    may_end.set()
    assert (await early).status_code == 200
    assert [(await one).status_code for one in late] == [401, 401, 401]


async def test_expired_key_is_refused(town: Town, engine: AsyncEngine) -> None:
    """A key ends when it says."""
    robin = await town.person("Robin")
    async with engine.begin() as connection:
        await connection.execute(update(api_keys).values(expires_at=datetime.now(UTC) + timedelta(hours=1)))
    assert (await robin.get("/v1/me")).status_code == 200
    async with engine.begin() as connection:
        await connection.execute(update(api_keys).values(expires_at=func.now()))
    assert (await robin.get("/v1/me")).status_code == 401


async def test_database_does_not_hold_the_key(town: Town, engine: AsyncEngine) -> None:
    """Stored are a keyed hash and the last four characters."""
    robin = await town.person("Robin")
    async with engine.connect() as connection:
        row = (await connection.execute(select(api_keys.c.hash, api_keys.c.hint))).one()
    pepper = town.pepper.read()
    assert pepper is not None
    assert (row.hash, row.hint) == (keys.digest(pepper, robin.key), robin.key[-4:])
    assert robin.key not in row.hash


async def test_keys_of_another_pepper_are_refused(town: Town, store_url: str, tmp_path: Path) -> None:
    """The database alone does not make a key valid."""
    robin = await town.person("Robin")
    app = create_app(Settings(database_url=store_url, pepper=tmp_path / "other", embedder="none"))
    async with app.router.lifespan_context(app), client_of(app) as client:
        answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {robin.key}"})
    assert answer.status_code == 401


async def test_keys_are_not_logged(town: Town, caplog: pytest.LogCaptureFixture) -> None:
    """Neither a key that is used nor one that is made gets into the log."""
    with caplog.at_level(logging.DEBUG):
        robin = await town.person("Robin")
        made = (await robin.post("/v1/keys", {})).json()["key"]
        await robin.get("/v1/traces")
    assert robin.key not in caplog.text
    assert made not in caplog.text


async def test_without_a_key_the_socket_is_the_builtin_account(client: httpx.AsyncClient) -> None:
    """Behind the socket that only its owner reaches, the person at this machine is known."""
    said = (await client.get("/v1/me")).json()
    assert (said["name"], said["key_id"]) == ("local", None)
    assert [(space["slug"], space["role"]) for space in said["spaces"]] == [("local", "owner")]


async def test_key_on_the_socket_is_its_account(town: Town, store_url: str, tmp_path: Path) -> None:
    """Whoever brings a key to the socket is its account, not the built-in one."""
    robin = await town.person("Robin")
    settings = Settings(database_url=store_url, pepper=tmp_path, embedder="none", builtin_account=True)
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app) as client:
        answer = await client.get("/v1/me", headers={"Authorization": f"Bearer {robin.key}"})
    assert answer.json()["name"] == "Robin"


async def test_wrong_key_on_the_socket_is_refused(client: httpx.AsyncClient) -> None:
    """A key that is not valid is never taken for none."""
    answer = await client.get("/v1/me", headers={"Authorization": "Bearer ct_" + "A" * 43})
    assert answer.status_code == 401


async def test_who_has_no_key_learns_nothing_from_a_wrong_request(town: Town) -> None:
    """Authentication comes before the look at what was sent."""
    answer = await (await town.client()).post("/v1/traces", json={"nonsense": 1})
    assert answer.status_code == 401


async def test_contribution_by_key_is_its_accounts(town: Town) -> None:
    """A trace says who wrote it and where it lives."""
    robin = await town.person("Robin")
    trace = (await robin.post("/v1/traces", draft())).json()
    personal = (await robin.get("/v1/me")).json()["spaces"][0]["slug"]
    assert (trace["author"], trace["space"]) == (str(robin.id), personal)


def test_new_keys_are_random_and_recognised() -> None:
    """A key is `ct_` and 43 characters that can stand in any header."""
    made = {keys.new_key() for _ in range(100)}
    assert len(made) == 100
    assert all(keys.is_key(key) and len(key) == 46 for key in made)


def test_pepper_is_made_once_and_private(tmp_path: Path) -> None:
    """The file of the secret is its owner's alone, and is not made anew."""
    assert Pepper(tmp_path / "data").read() is None
    made = Pepper(tmp_path / "data").ensure()
    assert (len(made), Pepper(tmp_path / "data").ensure()) == (32, made)
    assert stat.S_IMODE((tmp_path / "data" / "pepper").stat().st_mode) == 0o600
    assert [path.name for path in (tmp_path / "data").iterdir()] == ["pepper"]


def test_damaged_pepper_is_said(tmp_path: Path) -> None:
    """A file that cannot be the secret is not used as one."""
    (tmp_path / "pepper").write_bytes(b"short")
    with pytest.raises(PepperError, match="damaged"):
        Pepper(tmp_path).read()


def test_given_pepper_must_be_long() -> None:
    """A secret from the environment is one."""
    with pytest.raises(PepperError, match="at least 32"):
        Pepper("guess")
    assert Pepper("x" * 32).ensure() == b"x" * 32


async def test_contribution_holds_one_connection_at_a_time(town: Town) -> None:
    """Finding out who asks returns its connection before the route takes one: the pool does not run dry."""
    import asyncio

    robin = await town.person("Robin")
    requests = (robin.post("/v1/traces", draft(title=f"t{n}")) for n in range(60))
    assert {answer.status_code for answer in await asyncio.gather(*requests)} == {201}


def test_app_does_not_start_with_a_route_that_nobody_weighed(app: FastAPI) -> None:
    """A route outside the table of needs is a programming error, found at the start."""
    from commontrace_server.accounts import authorisation

    app.get("/v1/surprise")(lambda: None)
    with pytest.raises(authorisation.RouteWithoutNeedError, match="GET /v1/surprise"):
        authorisation.complete(app)
