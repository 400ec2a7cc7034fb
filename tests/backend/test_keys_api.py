"""The keys of an account: made, listed, rotated, revoked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, update

from commontrace_server.accounts.service import MAX_KEYS
from commontrace_server.database.tables import api_keys
from support.accounts import Person, Town


@pytest.fixture
async def robin(town: Town) -> Person:
    """An account that may read and contribute."""
    return await town.person("Robin")


def _slug(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def _own(person: Person) -> str:
    return str((await person.get("/v1/me")).json()["key_id"])


async def test_made_key_works_and_is_shown_once(town: Town, robin: Person) -> None:
    """The answer holds the key and is not to be kept; no list shows it again."""
    made = await robin.post("/v1/keys", {})
    assert (made.status_code, made.headers["cache-control"]) == (201, "no-store")
    key = made.json()["key"]
    other = await town.client(key)
    assert (await other.get("/v1/me")).json()["name"] == "Robin"
    listed = await robin.get("/v1/keys")
    assert key not in listed.text
    assert [item["hint"] for item in listed.json()["items"]] == [key[-4:], robin.key[-4:]]


async def test_key_that_is_made_may_do_less(town: Town, robin: Person) -> None:
    """Scopes are chosen from one's own."""
    key = (await robin.post("/v1/keys", {"scopes": ["read"]})).json()["key"]
    reader = await town.client(key)
    assert (await reader.get("/v1/me")).json()["scopes"] == ["read"]
    assert (await reader.post("/v1/traces", json={})).status_code == 403


@pytest.mark.parametrize("scope", ["moderate", "admin"])
async def test_key_that_is_made_cannot_do_more(robin: Person, scope: str) -> None:
    """No key makes one that reaches further than itself."""
    assert _slug(await robin.post("/v1/keys", {"scopes": ["read", scope]})) == (403, "key-reach")


async def test_key_that_is_made_cannot_live_longer(town: Town, robin: Person) -> None:
    """What a key makes ends with it at the latest, also when nothing is said."""
    end = datetime.now(UTC) + timedelta(hours=1)
    short = (await robin.post("/v1/keys", {"expires_at": end.isoformat()})).json()["key"]
    client = await town.client(short)
    made = (await client.post("/v1/keys", json={})).json()
    assert datetime.fromisoformat(made["expires_at"]) == end
    later = {"expires_at": (end + timedelta(seconds=1)).isoformat()}
    assert _slug(await client.post("/v1/keys", json=later)) == (403, "key-reach")


async def test_revoked_key_ends_at_once(town: Town, robin: Person) -> None:
    """Revocation holds from the next request on, and may be repeated."""
    made = (await robin.post("/v1/keys", {})).json()
    other = await town.client(made["key"])
    for _ in range(2):
        assert (await robin.delete(f"/v1/keys/{made['id']}")).status_code == 204
    assert (await other.get("/v1/me")).status_code == 401


async def test_key_may_revoke_itself(robin: Person) -> None:
    """Whoever finds a key has leaked can end it with the key itself."""
    assert (await robin.delete(f"/v1/keys/{await _own(robin)}")).status_code == 204
    assert (await robin.get("/v1/me")).status_code == 401


async def test_rotated_key_is_replaced_by_one_like_it(town: Town, robin: Person) -> None:
    """The new one has scopes and end of the old one, which is over."""
    fresh = (await robin.post(f"/v1/keys/{await _own(robin)}/rotate")).json()
    assert (await robin.get("/v1/me")).status_code == 401
    said = (await (await town.client(fresh["key"])).get("/v1/me")).json()
    assert (said["name"], said["scopes"]) == ("Robin", ["read", "contribute"])


async def test_ended_key_is_not_rotated(robin: Person) -> None:
    """Rotation does not bring a key back."""
    made = (await robin.post("/v1/keys", {})).json()
    await robin.delete(f"/v1/keys/{made['id']}")
    assert _slug(await robin.post(f"/v1/keys/{made['id']}/rotate")) == (409, "key-ended")


@pytest.mark.parametrize("act", ["rotate", "revoke"])
async def test_stronger_key_is_out_of_reach(robin: Person, town: Town, act: str) -> None:
    """A leaked key that may only read cannot take over, or end, the others of its account."""
    weak = await town.client((await robin.post("/v1/keys", {"scopes": ["read"]})).json()["key"])
    path = f"/v1/keys/{await _own(robin)}"
    answer = await weak.post(f"{path}/rotate") if act == "rotate" else await weak.delete(path)
    assert _slug(answer) == (403, "key-reach")


@pytest.mark.parametrize("act", ["rotate", "revoke"])
async def test_foreign_key_does_not_exist(robin: Person, town: Town, act: str) -> None:
    """The keys of another account are 404."""
    kim = await town.person("Kim", scopes=("read",))
    path = f"/v1/keys/{await _own(kim)}"
    answer = await robin.post(f"{path}/rotate") if act == "rotate" else await robin.delete(path)
    assert _slug(answer) == (404, "key-not-found")
    assert (await kim.get("/v1/me")).status_code == 200


async def test_keys_of_an_account_are_counted(robin: Person, town: Town) -> None:
    """An account has a bounded number of valid keys; ended ones make room."""
    made = [await robin.post("/v1/keys", {}) for _ in range(MAX_KEYS)]
    assert [answer.status_code for answer in made] == [201] * (MAX_KEYS - 1) + [409]
    async with town.engine.begin() as connection:
        ended = update(api_keys).where(api_keys.c.hint != robin.key[-4:])
        await connection.execute(ended.values(expires_at=func.now()))
    assert (await robin.post("/v1/keys", {})).status_code == 201


@pytest.mark.parametrize(
    "body",
    [
        {"scopes": []},
        {"scopes": ["root"]},
        {"scopes": "read"},
        {"expires_at": "2030-01-01T00:00:00"},
        {"a": 1},
    ],
)
async def test_malformed_wish_is_refused(robin: Person, body: dict[str, Any]) -> None:
    """Unknown scopes and fields, no scope at all, and times without a zone are 422."""
    assert (await robin.post("/v1/keys", body)).status_code == 422
