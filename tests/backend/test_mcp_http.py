"""The tools over HTTP: the caller's token acts, nobody else's, and nothing of this machine is reached."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from fastmcp import Client
from fastmcp.client.transports import StreamableHttpTransport

from commontrace.gateway import app
from commontrace.gateway.access import Callers
from commontrace.stores.breaker import FAILURES
from commontrace_server.postgres.cluster import Cluster
from support import fake_secrets, gateway
from support.gateway import ACCEPT, Gateway
from support.machine import ROOT
from support.store import RUN, draft

MANIFEST = json.loads((ROOT / "mcp/commontrace/tools/manifest.json").read_text())
TRACE = {name: draft()[name] for name in ("title", "context_text", "solution_text", "tags")}
INITIALIZE = {
    "protocolVersion": "2025-11-25",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("gateway") / "home"


@pytest.fixture(scope="module")
def served(postgres_cluster: Cluster, home: Path) -> Iterator[Gateway]:
    """A store and the tools beside it, for all tests."""
    with gateway.running(postgres_cluster, home, os.environ) as running:
        yield running


@pytest.fixture(scope="module")
def robin(served: Gateway) -> str:
    """The key of somebody who reads and contributes."""
    return served.account("Robin")


def trace_id(said: str) -> str:
    return said.split("trace ")[1].split(",", maxsplit=1)[0]


def test_tools_are_those_of_the_plugin(served: Gateway, robin: str) -> None:
    """Name by name and argument by argument; where the plugin drafts for a store, a space is named here."""
    listed = {tool["name"]: tool["inputSchema"] for tool in served.tools(robin)}
    expected = {tool["name"]: tool["inputSchema"] for tool in MANIFEST["tools"]}
    assert listed.keys() == expected.keys()
    for name, schema in expected.items():
        properties = dict(schema["properties"])
        if name == "contribute_trace":
            del properties["store"]
            assert listed[name]["properties"].pop("space")
        assert listed[name]["properties"] == properties, name


def test_without_a_token_nothing_answers(served: Gateway) -> None:
    """401, with the challenge that clients look for and with what to do."""
    answer = served.post(None, "initialize", INITIALIZE)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert "API key" in answer.json()["detail"]


@pytest.mark.parametrize("token", ["ct_" + "x" * 43, "a.b.c", "short", "\xe4" * 20])
def test_unknown_token_is_refused(served: Gateway, token: str) -> None:
    """Whatever it looks like."""
    bearer = f"Bearer {token}".encode("latin-1")
    headers: Any = ACCEPT | {"Content-Type": "application/json", "Authorization": bearer}
    answer = httpx.post(served.url, content=b"{}", headers=headers, trust_env=False)
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'


def test_short_lived_token_does_what_its_key_does_and_ends_with_it(served: Gateway) -> None:
    """Revoking the key ends both at once."""
    key = served.account("Kim")
    with served.at_store(key) as store:
        token = store.post("/v1/token").json()["token"]
        assert served.call(token, "list_tags") == served.call(key, "list_tags")
        (item,) = store.get("/v1/keys").json()["items"]
        store.delete(f"/v1/keys/{item['id']}").raise_for_status()
    assert served.post(key, "tools/list", {}).status_code == 401
    assert served.post(token, "tools/list", {}).status_code == 401


def test_key_that_only_reads_is_shown_no_tool_that_writes(served: Gateway) -> None:
    """And calling one all the same is refused by the store, by name of the scope."""
    key = served.account("Watcher", scopes=("read",))
    assert {tool["name"] for tool in served.tools(key)} == {"query_traces", "get_trace", "list_tags"}
    said, failed = served.call(key, "contribute_trace", **TRACE)
    assert failed
    assert "`contribute`" in said


def test_each_caller_acts_as_themselves(served: Gateway, robin: str) -> None:
    """What one contributes is theirs, found by them and by nobody else, also when both ask at once."""
    other = served.account("Other")
    said, failed = served.call(robin, "contribute_trace", **(TRACE | {"tags": ["only-robin"]}))
    assert not failed, said
    identity = trace_id(said)
    with served.at_store(robin) as store:
        assert store.get(f"/v1/traces/{identity}").json()["author"] == store.get("/v1/me").json()["id"]
    assert "PyYAML" in served.call(robin, "get_trace", id=identity)[0]
    assert served.call(other, "get_trace", id=identity)[1]
    with ThreadPoolExecutor(8) as pool:
        keys = [robin, other] * 12
        answers = list(pool.map(lambda key: served.call(key, "list_tags")[0], keys))
    assert [("only-robin" in said) for said in answers] == [True, False] * 12


def test_contribution_follows_the_rules_of_the_store(served: Gateway, robin: str) -> None:
    """Public: it waits, and says so; twice is once; a secret does not get there; a husk is refused."""
    served.public_space("commons")
    (secret,) = fake_secrets.build("token", "GITHUB_TOKEN=[[ghp_~b62:36]]", 1).secrets
    text = f"{TRACE['context_text']} The token was {secret}"
    asked = TRACE | {"context_text": text, "space": "commons"}
    said, failed = served.call(robin, "contribute_trace", **asked)
    assert (failed, "pending" in said) == (False, True), said
    assert trace_id(served.call(robin, "contribute_trace", **asked)[0]) == trace_id(said)
    with served.at_store(robin) as store:
        assert secret not in store.get(f"/v1/traces/{trace_id(said)}").text
    for wrong in ({"solution_text": "fixed"}, {"space": "nowhere"}, {"title": "x"}):
        assert served.call(robin, "contribute_trace", **(TRACE | wrong))[1]


def test_votes_are_the_models_and_need_a_reason_against(served: Gateway, robin: str) -> None:
    """The store knows that an agent has judged."""
    author = served.account("Author")
    served.public_space("square")
    identity = trace_id(served.call(author, "contribute_trace", **TRACE, space="square")[0])
    assert served.call(robin, "vote_trace", id=identity, vote="down")[1]
    said, failed = served.call(robin, "vote_trace", id=identity, vote="down", reason="outdated")
    assert (said, failed) == (f"Voted down on {identity}.", False)
    with served.at_store(robin) as store:
        again = store.put(f"/v1/traces/{identity}/vote", json={"value": -1, "reason": "outdated"})
    assert again.json()["tallies"]["votes_down"] > 0


@pytest.mark.parametrize(
    ("tool", "arguments", "words"),
    [
        ("get_trace", {"id": "nonsense"}, "not the id of a trace"),
        ("get_trace", {"id": "00000000-0000-7000-8000-00000000ffff"}, "no trace with this id"),
        ("query_traces", {"query": "  "}, "query is empty"),
        ("query_traces", {"query": "x", "limit": 1000}, "limit"),
        ("no_such_tool", {}, "no_such_tool"),
    ],
)
def test_errors_say_what_to_do(
    served: Gateway, robin: str, tool: str, arguments: dict[str, Any], words: str
) -> None:
    """They come as the tool's answer, which the model reads."""
    answer = served.post(robin, "tools/call", {"name": tool, "arguments": arguments}).json()
    assert words in json.dumps(answer)


def test_host_and_origin_are_checked(served: Gateway, robin: str) -> None:
    """A page that has bent a name to this address is turned away; so is one of another origin."""
    assert served.post(robin, "tools/list", {}, Host="evil.example").status_code == 421
    assert served.post(robin, "tools/list", {}, Origin="http://evil.example").status_code == 403
    place = urlsplit(served.url).netloc
    assert served.post(robin, "tools/list", {}, Origin=f"http://{place}").status_code == 200


def test_guessing_through_a_proxy_is_counted_by_who_guesses(served: Gateway) -> None:
    """The store believes this machine when it says whom it speaks for: others are not refused."""

    def guess(address: str) -> int:
        headers = {"Authorization": f"Bearer ct_{'x' * 43}", "X-Forwarded-For": address}
        return httpx.get(f"{served.store}/v1/me", headers=headers, trust_env=False).status_code

    assert [guess("192.0.2.9") for _ in range(22)][-1] == 429
    assert guess("192.0.2.10") == 401


def test_large_body_is_refused(served: Gateway, robin: str) -> None:
    """Before it is understood."""
    assert served.post(robin, "tools/list", {"x": "y" * 5_000_000}).status_code == 413


async def test_an_ordinary_client_speaks_with_it(served: Gateway, robin: str) -> None:
    """Handshake, list and call, as the SDK does them."""
    async with Client(StreamableHttpTransport(served.url, auth=robin)) as client:
        assert len(await client.list_tools()) == 5
        answer = await client.call_tool("query_traces", {"query": "No module named yaml"})
    assert answer.content[0].text.startswith(("CommonTrace", "<commontrace-reference>"))


def test_nothing_is_kept_on_this_machine(served: Gateway, home: Path) -> None:
    """No memory, no drafts, no configuration: the callers are strangers to it."""
    assert {path.name for path in home.glob("*")} <= {"env", "pycache"}  # the code


def _in_process(answer: Any, **names: Any) -> Any:
    transport = httpx.MockTransport(answer)
    return app.http_app(app.create(Callers("http://store", transport)), **names)


async def _asked(asgi: Any, **headers: str) -> httpx.Response:
    transport = httpx.ASGITransport(asgi, client=("192.0.2.7", 1))
    sent = ACCEPT | {"Authorization": "Bearer ct_whatever"} | headers
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    async with (
        asgi.router.lifespan_context(asgi),
        httpx.AsyncClient(transport=transport, base_url="http://localhost", headers=sent) as client,
    ):
        return await client.post("/mcp", json=body)


def _me(_request: httpx.Request) -> httpx.Response:
    return httpx.Response(200, json={"id": "0" * 32, "name": "n", "scopes": ["read"]})


async def test_store_that_is_away_is_no_wrong_token() -> None:
    """503 and when to come back; a client that got a 401 would throw its token away."""

    def away(_request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("no")

    answer = await _asked(_in_process(away))
    assert (answer.status_code, int(answer.headers["retry-after"]) > 0) == (503, True)


async def test_store_that_stays_away_is_left_alone() -> None:
    """After a few failures in a row callers are told at once; a caller who asks too much is no failure."""
    asked = 0
    status = 429

    def store(_request: httpx.Request) -> httpx.Response:
        nonlocal asked
        asked += 1
        return httpx.Response(status)

    app_ = _in_process(store)
    for _ in range(5):
        assert (await _asked(app_)).status_code == 429
    status = 503
    for _ in range(5):
        assert (await _asked(app_)).status_code == 503
    assert asked == 5 + FAILURES


async def test_busy_store_is_passed_on() -> None:
    """429, with the store's own time."""
    answer = await _asked(_in_process(lambda _: httpx.Response(429, headers={"Retry-After": "17"})))
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")


async def test_store_is_told_who_asks() -> None:
    """Its limits per address are about the caller; nothing that the caller claims of that is believed."""
    seen: list[httpx.Request] = []

    def store(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return _me(request)

    answer = await _asked(_in_process(store), **{"X-Forwarded-For": "203.0.113.9"})
    assert answer.status_code == 200
    assert {request.headers["x-forwarded-for"] for request in seen} == {"192.0.2.7"}
    assert {request.headers["authorization"] for request in seen} == {"Bearer ct_whatever"}


async def test_a_name_can_be_allowed() -> None:
    """Behind a proxy it goes by another name; pages are allowed by their origin."""
    names = {"hosts": ["mcp.example.org"], "origins": ["https://tools.example.org"]}
    app_ = _in_process(_me, **names)
    answer = await _asked(app_, Host="mcp.example.org", Origin="https://tools.example.org")
    assert answer.status_code == 200
    assert (await _asked(_in_process(_me, **names), Host="mcp.example.com")).status_code == 421


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--store", "http://traces.example.org"], "https"),
        (["--store", "nonsense"], "must be an address"),
        (["--host", "192.0.2.1"], "cannot listen"),
    ],
)
def test_what_cannot_be_served_is_said(arguments: list[str], words: str) -> None:
    """One line, and status 1."""
    command = [sys.executable, "-I", str(RUN), "mcp-http", "--port", "0", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 1
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
