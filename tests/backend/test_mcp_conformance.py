"""The official MCP conformance suite against the tools over HTTP; what it may fail is listed with reasons."""

import json
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from commontrace.gateway import app, serving
from commontrace.gateway.access import Callers
from support import npm_packages

MANIFEST = Path(__file__).with_name("conformance")
SUITE = Path("node_modules/@modelcontextprotocol/conformance/dist/index.js")
NODE_LEAST = 22
BEARER = (b"authorization", b"Bearer ct_conformance")


def _store(request: httpx.Request) -> httpx.Response:
    if request.url.path == "/v1/me":
        return httpx.Response(200, json={"id": "0" * 32, "name": "suite", "scopes": ["read", "contribute"]})
    return httpx.Response(404, json={"type": "urn:commontrace:problem:trace-not-found", "title": "No"})


@pytest.fixture
def address() -> Iterator[str]:
    """The endpoint; the suite knows no tokens, so one is put into each of its requests."""
    inner = app.http_app(app.create(Callers("http://store", httpx.MockTransport(_store))))

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        known = scope if scope["type"] != "http" else {**scope, "headers": [*scope["headers"], BEARER]}
        await inner(known, receive, send)

    listener = serving.bound("127.0.0.1", 0)
    server = serving.Server(outer, listener)
    thread = threading.Thread(target=server.run_until_stopped)
    thread.start()
    while not server.started and thread.is_alive():
        time.sleep(0.01)
    yield f"{serving.address(listener)}{app.PATH}"
    server.should_exit = True
    thread.join()
    listener.close()


def _node(folder: Path) -> str:
    """A Node.js that the suite runs on: the machine's own, or the one that npm has brought."""
    own = shutil.which("node")
    brought = [str(path) for path in folder.glob("node_modules/node-linux-*/bin/node")]
    for node in filter(None, [own, *brought]):
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
        if int(version.removeprefix("v").partition(".")[0]) >= NODE_LEAST:
            return node
    pytest.fail(f"the suite needs Node.js {NODE_LEAST} or newer")


def test_conformance_suite_passes(address: str, tmp_path: Path) -> None:
    """Every server scenario, except those in the list; one of the list that passes fails this as well."""
    try:
        folder = npm_packages.installed(MANIFEST, "mcp-conformance")
    except npm_packages.NotInstalledError as error:
        pytest.fail(str(error))
    expected = MANIFEST / "expected-failures.yml"
    command = [_node(folder), str(folder / SUITE), "server", "--url", address, "--suite", "all"]
    done = subprocess.run(
        [*command, "--expected-failures", str(expected), "-o", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-1000:]
    ran = {folder.name.removeprefix("server-")[:-25] for folder in tmp_path.iterdir()}
    allowed = set(re.findall(r"^ +- ([\w-]+)$", expected.read_text(), re.MULTILINE))
    assert allowed < ran
    assert len(ran - allowed) == 9
    for folder in tmp_path.glob("server-dns-rebinding-protection*"):
        statuses = {check["status"] for check in json.loads((folder / "checks.json").read_text())}
        assert statuses == {"SUCCESS"}
