"""Errors are problem documents, whatever went wrong, and quote nothing."""

import logging
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server import refusals
from commontrace_server.app import create_app
from commontrace_server.database.errors import is_unavailable
from commontrace_server.settings import Settings
from support import postgres
from support.store import client_of, draft

PRIVATE = "pr1vate-text"
FAULTS = {kind.__name__: kind for kind in (FileNotFoundError, ConnectionResetError, TimeoutError, OSError)}


@pytest.fixture
async def failing(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running app with a route that has a bug."""

    @app.get("/bug")
    async def bug() -> None:
        raise ZeroDivisionError(PRIVATE)

    @app.get("/bug/{kind}")
    async def fault(kind: str) -> None:
        raise FAULTS[kind](PRIVATE)

    async with client_of(app) as client:
        yield client


def _assert_problem(answer: httpx.Response, status: int) -> None:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    document = answer.json()
    assert document["status"] == status
    assert document["type"].startswith("urn:commontrace:problem:")
    assert document["title"]
    assert document["detail"]


async def test_unknown_address_is_a_problem(client: httpx.AsyncClient) -> None:
    """What the routing does not find is a problem document too."""
    _assert_problem(await client.get("/nowhere"), 404)


async def test_wrong_method_is_a_problem_that_names_the_right_ones(client: httpx.AsyncClient) -> None:
    """405 comes with Allow."""
    answer = await client.put("/v1/traces")
    _assert_problem(answer, 405)
    assert answer.headers["allow"]


@pytest.mark.parametrize("body", [b'{"\xff": 1}', b"[" * 100_000, b'{"title": ' + b"9" * 5000 + b"}"])
async def test_body_that_cannot_be_read_is_a_problem(client: httpx.AsyncClient, body: bytes) -> None:
    """Bytes that are not UTF-8, bottomless nesting and endless numbers are the caller's error."""
    answer = await client.post("/v1/traces", content=body, headers={"content-type": "application/json"})
    _assert_problem(answer, 400)


async def test_broken_json_is_a_problem_that_says_where(client: httpx.AsyncClient) -> None:
    """The document names the character at which the JSON stops making sense."""
    answer = await client.post("/v1/traces", content=b'{"a" 1}', headers={"content-type": "application/json"})
    _assert_problem(answer, 422)
    assert "character 5" in answer.json()["detail"]


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", ""])
async def test_body_that_is_not_called_json_is_told_to_be(
    client: httpx.AsyncClient, content_type: str
) -> None:
    """The document says which Content-Type is expected."""
    answer = await client.post("/v1/traces", content=b"{}", headers={"content-type": content_type})
    _assert_problem(answer, 422)
    assert "application/json" in answer.json()["detail"]


async def test_invalid_input_is_not_quoted(client: httpx.AsyncClient) -> None:
    """A refusal names fields and rules; what was sent stays out of it."""
    body = draft(title=PRIVATE * 50, context_text=7, kind=PRIVATE, tags=[PRIVATE * 9], signatures=[PRIVATE])
    answer = await client.post("/v1/traces", json=body)
    _assert_problem(answer, 422)
    assert len(answer.json()["errors"]) == 5
    assert PRIVATE not in answer.text


async def test_refusal_stays_small(client: httpx.AsyncClient) -> None:
    """However much is wrong, the answer is bounded: few errors, and long names are cut."""
    answer = await client.post("/v1/traces", json=draft(**{f"{n}" * 500: n for n in range(100)}))
    _assert_problem(answer, 422)
    assert len(answer.content) < 10_000


async def test_bug_is_a_problem_and_its_message_stays_inside(
    failing: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """What nobody foresaw is a 500; the log names the error and its place, not its message."""
    with caplog.at_level(logging.DEBUG):
        answer = await failing.get("/bug")
    _assert_problem(answer, 500)
    assert PRIVATE not in answer.text + caplog.text
    assert "ZeroDivisionError at bug:" in caplog.text


async def test_contribution_leaves_no_text_in_the_log(
    client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither a stored nor a refused trace is logged."""
    with caplog.at_level(logging.DEBUG):
        await client.post("/v1/traces", json=draft(title=PRIVATE))
        await client.post("/v1/traces", json=draft(title=PRIVATE, surprise=PRIVATE))
    assert PRIVATE not in caplog.text


async def test_unreachable_database_is_a_problem_to_retry(store_url: str) -> None:
    """While nothing listens at the database's address, requests get 503 with Retry-After; healthz is fine."""
    url = make_url(store_url).set(query={"host": "/nowhere"})
    app = create_app(Settings(database_url=url.render_as_string(), embedder="none", builtin_account=True))
    async with app.router.lifespan_context(app), client_of(app) as client:
        for path in ("/readyz", "/v1/traces"):
            answer = await client.get(path)
            _assert_problem(answer, 503)
            assert answer.headers["retry-after"] == "1"
        assert (await client.get("/healthz")).status_code == 200


async def test_unmigrated_database_is_not_ready(database_url: str) -> None:
    """The endpoint tells a database that has not been migrated from one that is ready."""
    app = create_app(Settings(database_url=database_url, embedder="none"))
    async with app.router.lifespan_context(app), client_of(app) as client:
        answer = await client.get("/readyz")
    _assert_problem(answer, 503)
    assert "migrate" in answer.json()["detail"]


@pytest.mark.parametrize("kind", FAULTS)
async def test_a_fault_of_a_file_or_another_service_is_no_absent_database(
    failing: httpx.AsyncClient, kind: str
) -> None:
    """What the operating system says elsewhere is a fault of ours: nobody is told to come back for it."""
    answer = await failing.get(f"/bug/{kind}")
    _assert_problem(answer, 500)
    assert PRIVATE not in answer.text


@pytest.mark.parametrize("place", ["port", "socket"])
async def test_a_database_that_nobody_reaches_is_absent(
    tmp_path: Path, unused_tcp_port: int, place: str
) -> None:
    """Neither over the network nor at a socket that is not there: come back later."""
    where = {"port": f"127.0.0.1:{unused_tcp_port}/x", "socket": f"/x?host={tmp_path}&port=5432"}
    app = create_app(Settings(database_url=f"postgresql+asyncpg://postgres@{where[place]}", embedder="none"))
    async with app.router.lifespan_context(app), client_of(app) as client:
        answer = await client.get("/readyz")
    _assert_problem(answer, 503)
    assert answer.headers["retry-after"]


async def test_closed_connections_are_replaced_unnoticed(client: httpx.AsyncClient, store_url: str) -> None:
    """When the server has closed the pool's connections the next request opens one and succeeds."""
    assert (await client.get("/v1/traces")).status_code == 200
    drop = (
        "SELECT count(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
    )
    await postgres.query(store_url, f"{drop} AND datname = current_database()")
    assert (await client.get("/v1/traces")).status_code == 200


@pytest.mark.parametrize(
    ("statement", "away"),
    [("SELECT pg_terminate_backend(pg_backend_pid())", True), ("SELECT 1/0", False), ("SELECT nope", False)],
)
async def test_outages_are_told_from_mistakes(engine: AsyncEngine, statement: str, away: bool) -> None:
    """Only errors that a retry may cure count as the database being away."""
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as caught:
            await connection.execute(text(statement))
        assert is_unavailable(caught.value) == away
        await connection.invalidate()


def test_every_refusal_has_its_place_in_the_table() -> None:
    """A new refusal cannot be forgotten in the map from errors to answers."""
    assert set(refusals.Refusal.__subclasses__()) == set(refusals.TABLE)
