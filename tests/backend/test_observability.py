"""What an operator sees: ids, lines, counts; and never what people wrote."""

import asyncio
import gzip
import json
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server import cli
from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import SCOPES
from commontrace_server.app import create_app
from commontrace_server.observability import logs
from commontrace_server.observability.repeats import Repeats
from commontrace_server.observability.sentry import Reporter
from commontrace_server.settings import Settings
from support.store import StoreProcess, client_of, draft

SECRET, TOKEN, CANARY = "x" * 40, "m" * 32, "canarybird"


@pytest.fixture
async def keys(engine: AsyncEngine) -> dict[str, str]:
    """An administrator's key, and one that may only read."""
    async with engine.begin() as connection:
        account = await accounts.create(connection, "robin")
        return {
            name: (await accounts.create_key(connection, Pepper(SECRET), account, scopes)).key
            for name, scopes in (("admin", SCOPES), ("reader", SCOPES[:1]))
        }


@pytest.fixture
async def store(store_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """A client of an observed app."""
    app = create_app(
        Settings(database_url=store_url, embedder="none", pepper=SECRET, observed=True, metrics_token=TOKEN)
    )
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def samples(exposition: str) -> dict[tuple[str, ...], float]:
    """Every sample: its name and the values of its labels, in the order of their names."""
    return {
        (sample.name, *(value for _, value in sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(exposition)
        for sample in family.samples
    }


async def test_metrics_are_for_operators(store: httpx.AsyncClient, keys: dict[str, str]) -> None:
    """The token of the metrics, or an administrator's key; nobody else."""
    given: list[dict[str, str]] = [
        {},
        bearer("wrong"),
        bearer(keys["reader"]),
        bearer(keys["admin"]),
        bearer(TOKEN),
    ]
    answers = [(await store.get("/metrics", headers=headers)).status_code for headers in given]
    assert answers == [401, 401, 403, 200, 200]


async def test_what_happens_is_counted(
    store: httpx.AsyncClient, keys: dict[str, str], engine: AsyncEngine
) -> None:
    """Requests by route, searches by outcome, their stages, refusals, and the queue."""
    async with engine.begin() as connection:
        await connection.execute(
            text("INSERT INTO jobs (kind, run_at) VALUES ('late', now() - interval '1 h')")
        )
    admin = bearer(keys["admin"])
    await store.post("/v1/search", json={"query": "no such thing", "kind": "error"}, headers=admin)
    await store.get("/v1/traces/not-an-id", headers=admin)
    found = samples((await store.get("/metrics", headers=bearer(TOKEN))).text)
    assert found["commontrace_http_request_seconds_count", "POST", "/v1/search", "200"] == 1
    assert found["commontrace_http_request_seconds_count", "GET", "/v1/traces/{trace_id}", "422"] == 1
    assert found["commontrace_searches_total", "error", "abstained"] == 1
    assert found["commontrace_searches_injectable_total", "error"] == 0
    assert found["commontrace_stage_seconds_count", "candidates"] == 1
    assert found["commontrace_refusals_total", "invalid-request"] == 1
    assert found["commontrace_jobs", "late", "queued"] == 1
    assert found["commontrace_job_age_seconds", "late", "queued"] > 3500
    assert found["commontrace_database_up",] == 1


async def test_metrics_are_there_when_the_database_is_not() -> None:
    """That is when they are needed."""
    nowhere = "postgresql+asyncpg://u@127.0.0.1:1/d"
    app = create_app(
        Settings(database_url=nowhere, embedder="none", pepper=SECRET, observed=True, metrics_token=TOKEN)
    )
    async with app.router.lifespan_context(app), client_of(app) as client:
        answer = await client.get("/metrics", headers=bearer(TOKEN))
        assert (answer.status_code, samples(answer.text)["commontrace_database_up",]) == (200, 0)


async def test_every_answer_has_an_id(store: httpx.AsyncClient) -> None:
    """The client's, if it looks like one; else a fresh one."""
    kept = await store.get("/healthz", headers={"X-Request-Id": "0123456789abcdef"})
    fresh = await store.get("/healthz", headers={"X-Request-Id": f"say {CANARY}!"})
    assert kept.headers["X-Request-Id"] == "0123456789abcdef"
    assert len(fresh.headers["X-Request-Id"]) == 16


async def test_no_log_holds_what_people_wrote(store_url: str, keys: dict[str, str]) -> None:
    """Each line is JSON; the text of traces, queries, addresses, headers and broken bodies is in none."""
    where = ("--port", "0", "--embedder", "none", "--workers", "1", "--database-url", store_url)
    with StoreProcess(*where, environment={"COMMONTRACE_PEPPER": SECRET}) as process:
        address = await asyncio.to_thread(process.wait_ready)
        async with httpx.AsyncClient(
            base_url=address, headers=bearer(keys["admin"]), trust_env=False
        ) as client:
            await _say_everywhere(client)
        status, _, err = await asyncio.to_thread(_stopped, process)
    lines = [json.loads(line) for line in err.splitlines()]
    routes = {line.get("route") for line in lines}
    assert status == 0
    assert {"/v1/search", "/v1/traces", "/v1/traces/{trace_id}", "unmatched"} <= routes
    assert all(len(line["request_id"]) >= 8 for line in lines if line["event"] == "request")
    assert CANARY not in err.lower()


async def _say_everywhere(client: httpx.AsyncClient) -> None:
    for body in (draft(title=CANARY), draft(title=CANARY, surprise=CANARY), draft(tags=[CANARY * 90])):
        await client.post("/v1/traces", json=body, headers={"Idempotency-Key": CANARY})
    await client.post("/v1/search", json={"query": CANARY, "kind": "error"})
    await client.post("/v1/search", content=f'{{"query": "{CANARY}')
    await client.get(f"/v1/traces/{CANARY}?space={CANARY}", headers={"X-Request-Id": CANARY + "~" * 9})
    await client.get(f"/{CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY})
    await client.get("/v1/me", headers=bearer(CANARY))
    await client.post("/v1/import", content=json.dumps(draft(title=CANARY)) + f"\n{CANARY}\n")


def _stopped(process: StoreProcess) -> tuple[int, str, str]:
    process.signal(15)
    return process.wait()


def test_reader_that_stops_does_not_stop_the_store() -> None:
    """Lines that nobody takes are dropped and counted; whoever logs does not wait."""
    reading, writing = os.pipe()
    handler = logs.Unblocked(writing)
    record = logging.makeLogRecord({"msg": "x" * 1000})
    for _ in range(logs._WAITING + 200):
        handler.emit(record)
    assert handler._dropped > 50
    with os.fdopen(reading, "rb") as reader:
        for _ in range(1000):
            reader.readline()
        handler.emit(record)
        os.set_blocking(reading, False)
        deadline = time.monotonic() + 20
        said = b""
        while b"lines were dropped" not in said and time.monotonic() < deadline:
            said = reader.read(1 << 20) or b""
        handler.close()
    os.close(writing)
    assert b"lines were dropped" in said


def test_exceptions_are_logged_by_type_and_place(capfd: pytest.CaptureFixture[str]) -> None:
    """What libraries log with an exception, and what asyncio says of a task, loses its text."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    try:
        logs.configure()
        try:
            _fail()
        except ValueError:
            logging.getLogger("library").exception("it failed")
        logging.getLogger("asyncio").error("Task exception was never retrieved\nfuture: %s", CANARY)
        root.handlers[0].flush()
    finally:
        logging.captureWarnings(capture=False)
        root.handlers, root.level = before
    first, second = (json.loads(line) for line in capfd.readouterr().err.splitlines())
    assert first["error"].startswith("builtins.ValueError at _fail:")
    assert second["event"] == "Task exception was never retrieved"
    assert CANARY not in json.dumps([first, second])


def test_outage_is_logged_once_in_a_while(capfd: pytest.CaptureFixture[str]) -> None:
    """Not with every request; the next line says how many were left out. Errors are all written."""
    root = logging.getLogger()
    before = (root.handlers, root.level)
    try:
        logs.configure()
        (repeats,) = root.handlers[0].filters
        assert isinstance(repeats, Repeats)
        library = logging.getLogger("library")
        for _ in range(50):
            library.warning("%s is away", "Redis")
        library.warning("%s is away", "PostgreSQL")
        for _ in range(2):
            library.error("it failed")
        for told in repeats._known.values():
            told.until = 0.0  # as if a minute had gone by
        library.warning("%s is away", "Redis")
        root.handlers[0].flush()
    finally:
        logging.captureWarnings(capture=False)
        root.handlers, root.level = before
    events = [json.loads(line)["event"] for line in capfd.readouterr().err.splitlines()]
    again = "Redis is away (and 49 times since the last such line)"
    assert events == ["Redis is away", "PostgreSQL is away", "it failed", "it failed", again]


def _fail() -> None:
    said = CANARY
    raise ValueError(f"no {said}")


def test_store_of_one_machine_imports_none_of_it() -> None:
    """Its start is not slower for what only operators need."""
    code = "import sys, commontrace_server.app, commontrace_server.serving, commontrace_server.local.store"
    heavy = "{'structlog', 'prometheus_client', 'arq', 'sentry_sdk'} & sys.modules.keys()"
    path = os.pathsep.join(sys.path)
    command = [sys.executable, "-c", f"{code}; print({heavy})"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.stdout == "set()\n"


class _Sink(BaseHTTPRequestHandler):
    received: list[bytes] = []  # noqa: RUF012  one server at a time

    def do_POST(self) -> None:
        """Keep what is sent."""
        self.received.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def sentry() -> Iterator[str]:
    """The DSN of a server that keeps what it is sent."""
    _Sink.received.clear()
    with HTTPServer(("127.0.0.1", 0), _Sink) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://key@127.0.0.1:{server.server_port}/1"
        server.shutdown()


@pytest.mark.parametrize("asked", [True, False])
async def test_sentry_is_told_only_where_the_operator_asks_for_it(
    sentry: str, asked: bool, store_url: str, keys: dict[str, str], engine: AsyncEngine
) -> None:
    """A request that fails in a way that nobody foresaw is reported with a DSN, and by nothing without."""
    dsn = sentry if asked else None
    app = create_app(
        Settings(database_url=store_url, embedder="none", pepper=SECRET, observed=True, sentry_dsn=dsn)
    )
    async with app.router.lifespan_context(app), client_of(app) as client:
        async with engine.begin() as connection:
            await connection.execute(text("ALTER TABLE traces RENAME COLUMN title TO heading"))
        answer = await client.get(f"/v1/traces?tag={CANARY}", headers=bearer(keys["admin"]))
    assert answer.status_code == 500
    told = [_opened(envelope) for envelope in _Sink.received]
    assert [b"ProgrammingError" in envelope and CANARY.encode() not in envelope for envelope in told] == (
        [True] if asked else []
    )


@pytest.mark.parametrize("command", [["serve", "--port", "0"], ["serve", "--workers", "2"], ["worker"]])
def test_wrong_dsn_is_said_before_anything_starts(
    command: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, whatever cannot be used: what stands there, or that the library is not."""
    nowhere = ["--database-url", "postgresql://u@127.0.0.1:1/d"]
    monkeypatch.setenv("COMMONTRACE_SENTRY_DSN", CANARY)
    assert cli.main([*command, *nowhere]) == 1
    monkeypatch.setitem(sys.modules, "sentry_sdk.utils", None)
    assert cli.main([*command, *nowhere]) == 1
    wrong, missing = capsys.readouterr().err.splitlines()
    assert "https://KEY@" in wrong
    assert "not installed" in missing
    assert CANARY not in wrong


def _opened(envelope: bytes) -> bytes:
    return gzip.decompress(envelope) if envelope[:2] == b"\x1f\x8b" else envelope


def test_sentry_is_told_types_and_places(sentry: str) -> None:
    """Neither the message nor a variable of a frame leaves the process."""
    reporter = Reporter(sentry)
    try:
        _fail()
    except ValueError as error:
        reporter.failed(error)
    reporter.close()
    (envelope,) = _Sink.received
    told = _opened(envelope)
    assert b"ValueError" in told
    assert b"_fail" in told
    assert CANARY.encode() not in told
