"""The whole OpenAPI document, tried out with made-up requests as every role, on a running process."""

import asyncio
import itertools
import json
import re
import secrets
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.authorisation import OPEN, TABLE
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import SCOPES, Scope
from support.accounts import USUAL
from support.store import StoreProcess, draft

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
EXAMPLES = 8  # per route and role
PHASES = {"owner": "coverage,stateful", "reader": "stateful", "stranger": "stateful"}
TOOL_CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
    "negative_data_rejection",
    "missing_required_header",
    "use_after_free",
    "ensure_resource_availability",
)
OPERATORS = {"GET /metrics"}  # for whoever runs the store, and left out of the document
STREAMS = {"GET /v1/lease"}  # never ends
ROLES = ("nobody", "stranger", "reader", "owner")


@schemathesis.serializer("application/x-ndjson")
def _lines(_context: Any, value: Any) -> bytes:
    """Whatever was made up, as the bytes of a stream of lines."""
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


@dataclass
class Scene:
    """A running store with a public space, a team and traces in them; keys by role."""

    url: str
    schema: Any
    keys: dict[str, str | None]
    known: dict[str, list[str]]


async def _keys(engine: AsyncEngine, pepper: str) -> dict[str, str | None]:
    """Make the accounts, and return their keys."""
    keys: dict[str, str | None] = {"nobody": None}
    asked: dict[str, tuple[Scope, ...]] = {"owner": SCOPES, "reader": USUAL, "stranger": USUAL}
    async with engine.begin() as connection:
        for name, scopes in asked.items():
            account = await accounts.create(connection, name)
            keys[name] = (await accounts.create_key(connection, Pepper(pepper), account, scopes)).key
    return keys


def _scene(url: str, keys: dict[str, str | None]) -> Scene:
    with httpx.Client(base_url=url, headers={"Authorization": f"Bearer {keys['owner']}"}) as owner:
        for slug, kind in (("crew", "team"), ("commons", "public")):
            owner.post("/v1/spaces", json={"slug": slug, "kind": kind}).raise_for_status()
        owner.put("/v1/spaces/crew/members/reader", json={"role": "reader"}).raise_for_status()
        traces = [
            owner.post("/v1/traces", json=draft(title=f"trace in {slug}", space=slug)).json()["id"]
            for slug in ("crew", "commons")
        ]
        traces.append(owner.post(f"/v1/traces/{traces[0]}/amendments", json={"title": "better"}).json()["id"])
        entry = owner.post(f"/v1/moderation/traces/{traces[1]}/decide", json={"decision": "publish"}).json()
        me = owner.get("/v1/me").json()
        accepted = owner.post("/v1/import", content=b"", headers={"Prefer": "respond-async"})
        imported = accepted.raise_for_status().headers["Location"].rpartition("/")[2]
    known = {"trace_id": traces, "slug": ["crew", "commons"], "account": ["reader"], "account_id": [me["id"]]}
    schema = schemathesis.openapi.from_url(f"{url}/openapi.json")
    known |= {"import_id": [imported], "entry_id": [entry["id"]], "key_id": [me["key_id"]]}
    return Scene(url, schema, keys, known)


@pytest.fixture
async def scene(store_url: str, engine: AsyncEngine) -> Any:
    """A store process on a database of the test's own."""
    pepper = secrets.token_hex(32)
    keys = await _keys(engine, pepper)
    arguments = ("--port", "0", "--database-url", store_url, "--embedder", "none", "--no-limits")
    with StoreProcess(*arguments, environment={"COMMONTRACE_PEPPER": pepper}) as process:
        yield _scene(process.wait_ready(), keys)
        assert process.running()


def _try(scene: Scene, operation: Any, role: str) -> None:
    """Send made-up requests of one route; every second one names things that there are."""
    turns: Iterator[int] = itertools.count()
    key = scene.keys[role]
    headers = {"Authorization": f"Bearer {key}"} if key is not None else {}

    @seed(1)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        print_blob=False,
    )
    @given(case=operation.as_strategy())
    def attempt(case: Any) -> None:
        turn = next(turns)
        for name in case.path_parameters or {}:
            if turn % 2:
                values = scene.known[name]
                case.path_parameters[name] = values[turn // 2 % len(values)]
        # With its own key a caller must not end the scene.
        if operation.label.startswith(("DELETE /v1/keys", "POST /v1/keys/")) and role == "owner":
            case.path_parameters["key_id"] = "00000000-0000-7000-8000-00000000ffff"
        case.call_and_validate(base_url=scene.url, headers=headers, checks=CHECKS)

    attempt()


@pytest.mark.parametrize("role", ROLES)
async def test_no_answer_is_undocumented(scene: Scene, role: str) -> None:
    """Whatever is sent, the answer is one that the document names, and never a 5xx."""
    operations = [result.ok() for result in scene.schema.get_all_operations()]
    labels = {operation.label for operation in operations}
    assert labels == (TABLE.keys() | OPEN) - OPERATORS
    for operation in operations:
        if operation.label not in STREAMS:
            _try(scene, operation, role)


@pytest.mark.parametrize(("role", "phases"), PHASES.items())
async def test_the_tool_itself_finds_nothing(scene: Scene, role: str, phases: str, tmp_path: Path) -> None:
    """Boundaries of every parameter, and walks: what one answer names is asked for next, along links."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{scene.url}/openapi.json"]
    options = ["--header", f"Authorization: Bearer {scene.keys[role]}", "--phases", phases, "--seed", "1"]
    # Without its key the caller would go on as nobody; the lease never ends; streams are tried out above.
    left_out = ["--exclude-path-regex", "/v1/keys/|/v1/lease|/v1/import"]
    bounds = ["--max-examples", "12", "--checks", ",".join(TOOL_CHECKS), "--no-color"]
    done = await asyncio.to_thread(
        subprocess.run,
        [*command, *options, *left_out, *bounds],
        capture_output=True,
        text=True,
        check=False,
        timeout=220,
        cwd=tmp_path,  # where it keeps what it has found
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-500:]
    walked = re.search(r"API Links: +(\d+) covered", done.stdout)
    assert walked is not None
    assert int(walked[1]) > 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"title": "nul \0"}, 422),
        ({"tags": ["\0"]}, 422),
        ({"tags": ["twice", "twice", "TWICE"]}, 201),
        ({"title": 7}, 422),
        ({"tags": "python"}, 422),
        ({"environment": {"packages": {"a": "\0"}}}, 422),
        ({"solution_text": "x" * 20_001}, 422),
        ({"supersedes": "00000000-0000-7000-8000-00000000ffff"}, 404),
        ({"valid_until": "yesterday"}, 422),
        ({"valid_until": 1893456000}, 422),
        ({"valid_until": "9999-12-31T23:59:59-12:00"}, 422),
        ({"valid_until": "0001-01-01T00:00:00+12:00"}, 422),
        ({"valid_until": "9999-12-31T23:59:59Z"}, 201),
    ],
)
async def test_bad_contribution_is_a_clear_4xx(
    client: httpx.AsyncClient, changes: dict[str, Any], status: int
) -> None:
    """And stores nothing; duplicate tags are one."""
    answer = await client.post("/v1/traces", json=draft(**changes))
    assert answer.status_code == status, answer.text
    listed = (await client.get("/v1/traces")).json()["items"]
    assert len(listed) == (status == 201)
    if "tags" in changes and listed:
        assert listed[0]["tags"] == ["twice"]


@pytest.mark.parametrize("field", ["title", "context_text", "tags"])
async def test_lone_surrogate_is_refused(client: httpx.AsyncClient, field: str) -> None:
    """However it is written."""
    value = ["\ud800"] if field == "tags" else "\ud800"
    body = json.dumps(draft(**{field: value}))
    headers = {"Content-Type": "application/json"}
    assert (await client.post("/v1/traces", content=body, headers=headers)).status_code in (400, 422)
    raw = body.encode().replace(b"\\ud800", b"\xed\xa0\x80")
    assert (await client.post("/v1/traces", content=raw, headers=headers)).status_code in (400, 422)


async def test_chunked_body_is_bounded(client: httpx.AsyncClient) -> None:
    """A body without a length is cut off like any other."""

    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 65536

    answer = await client.post("/v1/traces", content=endless(), headers={"Content-Type": "application/json"})
    assert answer.status_code == 413
