"""What reaches the store of a machine without the person's yes is a proposal, not knowledge."""

import json
import stat
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from commontrace_server.app import create_app
from commontrace_server.settings import Settings
from support.store import client_of, draft


@pytest.fixture
async def local(store_url: str, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A store as a machine has its own: no key is asked for, an approval is."""
    settings = Settings(
        database_url=store_url, embedder="none", builtin_account=True, pepper=tmp_path, approval=tmp_path
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app), client_of(app) as client:
        yield client


@pytest.fixture
def approved(tmp_path: Path) -> Any:
    """The header of a client whose person has said yes, made when it is asked for."""
    return lambda: {"CommonTrace-Approval": (tmp_path / "approval").read_bytes().hex()}


async def found(client: httpx.AsyncClient) -> list[dict[str, Any]]:
    answer = await client.post("/v1/search", json={"query": draft()["title"], "kind": "error"})
    return list(answer.json()["hits"])


async def test_what_was_not_approved_waits(local: httpx.AsyncClient) -> None:
    """A process that merely reaches the socket puts nothing in front of a model."""
    trace = (await local.post("/v1/traces", json=draft())).json()
    assert trace["status"] == "pending"
    assert not any(hit["automatic"] for hit in await found(local))


async def test_a_guess_is_no_approval(local: httpx.AsyncClient) -> None:
    """Only the secret counts."""
    headers = {"CommonTrace-Approval": "00" * 32}
    assert (await local.post("/v1/traces", json=draft(), headers=headers)).json()["status"] == "pending"


async def test_what_was_approved_is_knowledge(local: httpx.AsyncClient, approved: Any) -> None:
    """With the person's yes it is published; also when it had come without one before."""
    waiting = (await local.post("/v1/traces", json=draft())).json()
    published = (await local.post("/v1/traces", json=draft(), headers=approved())).json()
    assert (published["id"], published["status"]) == (waiting["id"], "published")


async def test_a_proposal_cannot_publish_itself(local: httpx.AsyncClient) -> None:
    """Neither a decision, nor a key made on the way, nor an import, nor an amendment goes round it."""
    trace = (await local.post("/v1/traces", json=draft())).json()
    decided = await local.post(
        f"/v1/moderation/traces/{trace['id']}/decide", json={"decision": "publish", "note": "mine"}
    )
    assert decided.status_code == 403
    key = (await local.post("/v1/keys", json={"name": "own", "scopes": ["read", "contribute"]})).json()
    bearer = {"Authorization": f"Bearer {key.get('key', 'none')}"}
    again = await local.post("/v1/traces", json=draft(title="Another one"), headers=bearer)
    assert again.status_code == 401 or again.json()["status"] == "pending"
    line = json.dumps(draft(title="A third one") | {"status": "published"})
    assert (await local.post("/v1/import", content=line)).status_code == 200
    statuses = {item["title"]: item["status"] for item in (await local.get("/v1/traces")).json()["items"]}
    assert set(statuses.values()) == {"pending"}


async def test_an_amendment_waits_too(local: httpx.AsyncClient, approved: Any) -> None:
    """What the person has approved stays until they approve what is to take its place."""
    trace = (await local.post("/v1/traces", json=draft(), headers=approved())).json()
    change = {"solution_text": "Something else entirely."}
    amended = (await local.post(f"/v1/traces/{trace['id']}/amendments", json=change)).json()
    assert (await local.post(f"/v1/traces/{amended['id']}/apply")).status_code >= 400
    assert (await local.get(f"/v1/traces/{trace['id']}")).json()["status"] == "published"


async def test_the_secret_is_the_owners_alone(local: httpx.AsyncClient, tmp_path: Path) -> None:
    """Its file is 0600, and no answer holds it."""
    assert stat.S_IMODE((tmp_path / "approval").stat().st_mode) == 0o600
    secret = (tmp_path / "approval").read_bytes().hex()
    assert secret not in (await local.get("/v1/me")).text
