"""What every answer of the store tells a browser, and what it does not."""

import base64
import hashlib
import re

import httpx
import pytest

from support.store import draft


@pytest.mark.parametrize("path", ["/healthz", "/v1/tags", "/v1/nothing", "/openapi.json", "/docs"])
async def test_every_answer_is_guarded(client: httpx.AsyncClient, path: str) -> None:
    """Answers, errors and pages: no guessing, no referrer, no frame, no copy kept, a policy."""
    headers = (await client.get(path)).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert headers["cache-control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


async def test_a_refused_body_is_guarded_too(client: httpx.AsyncClient) -> None:
    """What answers before any route does is no exception."""
    answer = await client.post("/v1/traces", content=b"x" * 8_000_000)
    assert answer.status_code == 413
    assert answer.headers["x-content-type-options"] == "nosniff"


async def test_no_other_site_may_read_an_answer(client: httpx.AsyncClient) -> None:
    """CORS is off: neither a preflight nor a request is answered with a permission."""
    origin = {"Origin": "https://elsewhere.example"}
    asked = await client.options("/v1/traces", headers={**origin, "Access-Control-Request-Method": "POST"})
    sent = await client.post("/v1/traces", json=draft(), headers=origin)
    assert asked.status_code == 405
    assert sent.status_code == 201
    for answer in (asked, sent):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_the_page_runs_only_the_scripts_it_came_with(client: httpx.AsyncClient) -> None:
    """The policy of the API's page names its own script by hash; `unsafe-inline` is for styles only."""
    page = await client.get("/docs")
    policy = page.headers["content-security-policy"]
    scripts = next(part for part in policy.split("; ") if part.startswith("script-src"))
    inline = re.findall(r"<script>(.*?)</script>", page.text, re.DOTALL)
    digests = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in inline]
    assert inline
    assert all(f"'sha256-{digest}'" in scripts for digest in digests)
    assert "unsafe" not in scripts
