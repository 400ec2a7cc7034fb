"""Short-lived tokens stand for a key, and end with it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import jwt
import pytest

from commontrace_server.accounts import tokens
from support.accounts import Person, Town

PEPPER = b"p" * 32
KEY_ID = UUID("0199c2f0-0000-7000-8000-0000000000a1")


@pytest.fixture
async def robin(town: Town) -> Person:
    """Somebody with a key."""
    return await town.person("Robin")


async def _token(person: Person) -> str:
    answer = await person.post("/v1/token")
    assert (answer.status_code, answer.headers["cache-control"]) == (201, "no-store")
    return str(answer.json()["token"])


async def test_token_does_what_its_key_does(town: Town, robin: Person) -> None:
    """No more, no less, and it says when it ends."""
    client = await town.client(await _token(robin))
    me = (await client.get("/v1/me")).json()
    assert (me["name"], me["scopes"]) == ("Robin", ["read", "contribute"])
    assert datetime.fromisoformat(me["expires_at"]) < datetime.now(UTC) + timedelta(minutes=16)


async def test_token_ends_with_its_key(town: Town, robin: Person) -> None:
    """At once."""
    client = await town.client(await _token(robin))
    (key,) = (await robin.get("/v1/keys")).json()["items"]
    await robin.delete(f"/v1/keys/{key['id']}")
    assert (await client.get("/v1/me")).status_code == 401


async def test_token_cannot_outlive_itself(town: Town, robin: Person) -> None:
    """Neither by another token nor by a key made with it."""
    client = await town.client(await _token(robin))
    ends = (await client.get("/v1/me")).json()["expires_at"]
    renewed = (await client.post("/v1/token")).json()
    assert datetime.fromisoformat(renewed["expires_at"]) <= datetime.fromisoformat(ends)
    key = (await client.post("/v1/keys", json={})).json()
    assert datetime.fromisoformat(key["expires_at"]) <= datetime.fromisoformat(ends)


@pytest.mark.parametrize("forge", ["none", "other secret", "over", "no end", "other issuer"])
def test_forged_or_ended_token_is_none(forge: str) -> None:
    """Only the store's own signature counts, with its one algorithm, and only for a while."""
    now = datetime.now(UTC)
    good = tokens.issue(PEPPER, KEY_ID, now=now, expires_at=now + timedelta(minutes=1))
    assert tokens.read(PEPPER, good) is not None
    claims = jwt.decode(good, options={"verify_signature": False})
    secret = tokens._secret(PEPPER)
    forged = {
        "none": jwt.encode(claims, "", algorithm="none"),
        "other secret": jwt.encode(claims, "s" * 32, algorithm="HS256"),
        "over": jwt.encode(claims | {"exp": 1}, secret, algorithm="HS256"),
        "no end": jwt.encode({"sub": claims["sub"], "iss": "commontrace"}, secret, algorithm="HS256"),
        "other issuer": jwt.encode(claims | {"iss": "other"}, secret, algorithm="HS256"),
    }
    assert tokens.read(PEPPER, forged[forge]) is None
