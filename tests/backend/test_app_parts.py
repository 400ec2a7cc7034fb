"""The app as a whole: what it is made of, when it is built, and what it says about itself."""

import asyncio
import subprocess
import sys
import time

import httpx
import pytest
from fastapi import FastAPI
from starlette.types import Message, Receive, Scope, Send

from commontrace_server import launch
from commontrace_server.app import create_app
from commontrace_server.health.activity import Activity, CountedRequests
from commontrace_server.ids import new_id
from commontrace_server.settings import Settings
from support.store import client_of, draft, eventually


def test_creating_the_app_opens_nothing() -> None:
    """An app for a database that is nowhere can be created: connections begin with its lifespan."""
    app = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere.invalid/none"))
    assert app.title == "CommonTrace"


async def test_api_is_described(client: httpx.AsyncClient) -> None:
    """The OpenAPI document lists every route."""
    paths = (await client.get("/openapi.json")).json()["paths"]
    assert {"/healthz", "/readyz", "/v1/lease", "/v1/traces", "/v1/traces/{trace_id}", "/v1/search"} <= set(
        paths
    )


async def test_ready_app_says_so(client: httpx.AsyncClient) -> None:
    """Readyz answers 200 when the database does, and names the state of the embedder."""
    answer = await client.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok", "embedder": "off"})


async def test_contribution_is_embedded_soon_after(store_url: str) -> None:
    """With an embedder, a trace that was just created is known to vector search a moment later."""
    app = create_app(Settings(database_url=store_url, builtin_account=True))
    async with app.router.lifespan_context(app), client_of(app) as client:
        trace = (await client.post("/v1/traces", json=draft())).json()

        async def embedded() -> bool:
            return bool((await client.get(f"/v1/traces/{trace['id']}")).json()["embedded"])

        await eventually(embedded, seconds=60)


async def test_app_answers_while_the_embedder_loads(store_url: str) -> None:
    """Nothing waits for the model: search goes by words and says what is missing."""
    app = create_app(Settings(database_url=store_url, builtin_account=True))
    async with app.router.lifespan_context(app), client_of(app) as client:
        assert (await client.get("/readyz")).json()["embedder"] == "loading"
        answer = await client.post("/v1/search", json={"query": "pytest cannot import yaml"})
        assert answer.status_code == 200
        assert answer.json()["degraded"]


def test_serving_imports_no_model_and_no_migrations() -> None:
    """Until it is ready a store with a migrated database needs neither onnxruntime nor Alembic."""
    program = f"import sys, {', '.join(launch._HEAVY)}; print(*sys.modules)"
    path = {"PYTHONPATH": ":".join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env=path, check=True
    )
    assert not {"onnxruntime", "tokenizers", "numpy", "alembic"} & set(done.stdout.split())


def test_ids_are_of_version_7_and_in_order() -> None:
    """Later ids are greater, which is what makes the primary key the order of creation."""
    ids = []
    for _ in range(50):
        ids.append(new_id())
        time.sleep(0.0001)
    assert ids == sorted(ids)
    assert {(found.version, found.variant) for found in ids} == {(7, "specified in RFC 4122")}


def test_id_carries_the_time() -> None:
    """The first 48 bits of an id are milliseconds since 1970."""
    before = time.time_ns() // 1_000_000
    milliseconds = new_id().int >> 80
    assert before <= milliseconds <= time.time_ns() // 1_000_000


def test_nothing_is_idle_while_something_is_in_progress() -> None:
    """Idle time is counted from the end of the last request, and is 0 during one."""
    now = 100.0
    activity = Activity(clock=lambda: now)
    now += 5
    assert activity.idle_seconds() == 5
    activity.begin()
    activity.begin()
    activity.end()
    now += 5
    assert activity.idle_seconds() == 0
    activity.end()
    now += 2
    assert activity.idle_seconds() == 2


async def test_quiet_is_when_nobody_waits_for_an_answer() -> None:
    """It is waited for while a request is worked on, not while an answer is being read, and not for ever."""
    activity = Activity()
    await asyncio.wait_for(activity.quiet(60), 20)
    activity.begin()
    await activity.quiet(0.01)
    waiting = asyncio.create_task(activity.quiet(60))
    await asyncio.sleep(0)
    assert not waiting.done()
    activity.answered()
    await asyncio.wait_for(waiting, 20)


async def test_a_request_waits_until_its_answer_begins() -> None:
    """A lease, once it is given, keeps no job waiting; nor does a request that ended without an answer."""
    activity = Activity()
    begun, ending = asyncio.Event(), asyncio.Event()

    async def app(scope: Scope, _receive: Receive, send: Send) -> None:
        if scope["path"] == "/broken":
            raise ConnectionError
        await send({"type": "http.response.start", "status": 200, "headers": []})
        begun.set()
        await ending.wait()

    async def receive() -> Message:
        return {}

    async def send(_message: Message) -> None:
        pass

    counted = CountedRequests(app, activity)
    with pytest.raises(ConnectionError):
        await counted({"type": "http", "path": "/broken"}, receive, send)
    lease = asyncio.create_task(counted({"type": "http", "path": "/lease"}, receive, send))
    await begun.wait()
    await asyncio.wait_for(activity.quiet(60), 20)
    assert activity.idle_seconds() == 0
    ending.set()
    await lease


async def test_simultaneous_writers_do_not_exhaust_the_pool(client: httpx.AsyncClient) -> None:
    """More requests at once than connections wait for their turn."""
    requests = (client.post("/v1/traces", json=draft(title=f"t{n}")) for n in range(60))
    assert {answer.status_code for answer in await asyncio.gather(*requests)} == {201}


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "FASTAPI_OTEL_AUTO_CONFIGURE"])
def test_environment_cannot_turn_telemetry_on(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """FastAPI can export requests to where the environment says; this app never does."""
    monkeypatch.setenv(name, "true" if name.startswith("FASTAPI") else "http://127.0.0.1:9")
    app: FastAPI = create_app(Settings(database_url="postgresql+asyncpg://nobody@nowhere.invalid/none"))
    assert not app._native_telemetry.enabled()
    assert app._telemetry["auto_configure"] is False
