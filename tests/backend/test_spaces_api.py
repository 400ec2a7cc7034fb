"""Spaces and their members."""

import asyncio
from typing import Any

import httpx
import pytest

from commontrace_server.accounts.standing import SCOPES
from support.accounts import Person, Town


@pytest.fixture
async def owner(town: Town) -> Person:
    """An account with every scope that owns the space `team`."""
    person = await town.person("Owner", scopes=SCOPES)
    assert (await person.post("/v1/spaces", {"slug": "team", "kind": "team"})).status_code == 201
    return person


def _refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def _members(person: Person) -> dict[str, str]:
    items = (await person.get("/v1/spaces/team/members")).json()["items"]
    return {item["name"]: item["role"] for item in items}


async def test_whoever_makes_a_space_owns_it(owner: Person) -> None:
    """The new space stands in the list of its maker, and nobody else is in it."""
    team = (await owner.get("/v1/spaces")).json()["items"][-1]
    assert (team["slug"], team["kind"], team["role"]) == ("team", "team", "owner")
    assert await _members(owner) == {"Owner": "owner"}


async def test_slug_is_taken_once(owner: Person) -> None:
    """Two spaces never share a name."""
    assert _refused(await owner.post("/v1/spaces", {"slug": "team", "kind": "public"})) == (409, "slug-taken")
    assert _refused(await owner.post("/v1/spaces", {"slug": "local", "kind": "team"})) == (409, "slug-taken")


@pytest.mark.parametrize(
    "body",
    [
        {"slug": "Team", "kind": "team"},
        {"slug": "-team", "kind": "team"},
        {"slug": "a b", "kind": "team"},
        {"slug": "x" * 51, "kind": "team"},
        {"slug": "team\n", "kind": "team"},
        {"slug": "personal-abc", "kind": "team"},
        {"slug": "mine", "kind": "personal"},
        {"slug": "mine"},
        {"slug": "mine", "kind": "team", "role": "owner"},
    ],
)
async def test_malformed_space_is_refused(owner: Person, body: dict[str, Any]) -> None:
    """Slugs are plain; personal spaces come with their account and cannot be made."""
    assert (await owner.post("/v1/spaces", body)).status_code == 422


async def test_member_is_put_by_name_or_id(town: Town, owner: Person) -> None:
    """Putting makes an account a member, and a member what it is put as."""
    robin = await town.person("Robin")
    for account, role in (("Robin", "reader"), (str(robin.id), "contributor")):
        answer = await owner.put(f"/v1/spaces/team/members/{account}", {"role": role})
        assert answer.json() == {"account_id": str(robin.id), "name": "Robin", "role": role}
    assert await _members(robin) == {"Owner": "owner", "Robin": "contributor"}


async def test_member_that_was_removed_knows_nothing_any_more(town: Town, owner: Person) -> None:
    """With its membership an account loses sight of the space."""
    robin = await town.person("Robin")
    await owner.put("/v1/spaces/team/members/Robin", {"role": "reader"})
    assert (await owner.delete("/v1/spaces/team/members/Robin")).status_code == 204
    assert _refused(await robin.get("/v1/spaces/team/members")) == (404, "space-not-found")
    assert _refused(await owner.delete("/v1/spaces/team/members/Robin")) == (404, "account-not-found")


async def test_unknown_account_is_not_found(owner: Person) -> None:
    """Only accounts that there are become members."""
    for account in ("Nobody", "00000000-0000-7000-8000-00000000ffff", "%00"):
        answer = await owner.put(f"/v1/spaces/team/members/{account}", {"role": "reader"})
        assert answer.status_code in (404, 422)


async def test_last_owner_stays(owner: Person) -> None:
    """A space is never left without an owner, neither by leaving nor by stepping down."""
    assert _refused(await owner.delete("/v1/spaces/team/members/Owner")) == (409, "last-owner")
    answer = await owner.put("/v1/spaces/team/members/Owner", {"role": "reader"})
    assert _refused(answer) == (409, "last-owner")
    assert await _members(owner) == {"Owner": "owner"}


async def test_two_owners_cannot_remove_each_other(town: Town, owner: Person) -> None:
    """Of two owners that leave at the same moment one stays."""
    robin = await town.person("Robin", scopes=SCOPES)
    await owner.put("/v1/spaces/team/members/Robin", {"role": "owner"})
    answers = await asyncio.gather(
        owner.delete("/v1/spaces/team/members/Robin"), robin.delete("/v1/spaces/team/members/Owner")
    )
    assert [answer.status_code for answer in answers].count(204) == 1


async def test_personal_space_takes_no_members(town: Town, owner: Person) -> None:
    """What is one's own stays one's own."""
    await town.person("Robin")
    slug = next(
        space["slug"]
        for space in (await owner.get("/v1/spaces")).json()["items"]
        if space["kind"] == "personal"
    )
    answer = await owner.put(f"/v1/spaces/{slug}/members/Robin", {"role": "reader"})
    assert _refused(answer) == (409, "personal-space")


async def test_administrator_sees_no_foreign_space(town: Town, owner: Person) -> None:
    """Every scope there is does not open a space that one is no member of."""
    other = await town.person("Other", scopes=SCOPES)
    assert [space["kind"] for space in (await other.get("/v1/spaces")).json()["items"]] == ["personal"]
    assert _refused(await other.get("/v1/spaces/team/members")) == (404, "space-not-found")
