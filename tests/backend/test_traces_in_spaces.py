"""Traces live in a space: who finds them, who does not, and what is the same where."""

import httpx
import pytest
from sqlalchemy import update

from commontrace_server.accounts.standing import SCOPES
from commontrace_server.database.tables import traces
from commontrace_server.starter import loader
from support.accounts import Person, Town
from support.store import draft


@pytest.fixture
async def robin(town: Town) -> Person:
    """A contributor of the space `team`."""
    person = await town.person("Robin")
    await town.space("team", "team", Robin="contributor")
    return person


@pytest.fixture
async def kim(town: Town) -> Person:
    """An account that is in no space but its own."""
    return await town.person("Kim")


async def _found(person: Person, **wishes: object) -> list[str]:
    answer = await person.post("/v1/search", {"query": "pytest cannot import yaml", **wishes})
    return [hit["trust"]["space"] for hit in answer.json()["hits"]]


async def _listed(person: Person, **params: str) -> list[str]:
    return [item["title"] for item in (await person.get("/v1/traces", params=params)).json()["items"]]


def _refused(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["type"].rpartition(":")[2]


async def test_space_is_chosen_by_its_slug(robin: Person) -> None:
    """A contribution goes to the space that it names, otherwise to the account's own."""
    assert (await robin.post("/v1/traces", draft(space="team"))).json()["space"] == "team"
    assert (await robin.post("/v1/traces", draft())).json()["space"].startswith("personal-")


async def test_foreign_space_cannot_be_written_to(robin: Person, kim: Person) -> None:
    """To a stranger the space is not there; nothing is stored."""
    assert _refused(await kim.post("/v1/traces", draft(space="team"))) == (404, "space-not-found")
    assert _refused(await kim.post("/v1/traces", draft(space="local"))) == (404, "space-not-found")
    assert await _listed(robin) == []


async def test_foreign_trace_does_not_exist(robin: Person, kim: Person) -> None:
    """The answer for a foreign trace is that for none, to the letter."""
    trace = (await robin.post("/v1/traces", draft(space="team"))).json()
    foreign = await kim.get(f"/v1/traces/{trace['id']}")
    nothing = await kim.get("/v1/traces/00000000-0000-7000-8000-00000000ffff")
    assert (foreign.status_code, foreign.json()) == (404, nothing.json())


async def test_list_shows_what_one_may_read(robin: Person, kim: Person) -> None:
    """Without a space the list is that of all readable ones; with one, that of it."""
    await robin.post("/v1/traces", draft(title="ours", space="team"))
    await robin.post("/v1/traces", draft(title="mine"))
    await kim.post("/v1/traces", draft(title="hers"))
    assert await _listed(robin) == ["mine", "ours"]
    assert await _listed(robin, space="team") == ["ours"]
    assert await _listed(kim) == ["hers"]
    assert _refused(await kim.get("/v1/traces", params={"space": "team"})) == (404, "space-not-found")


async def test_list_is_narrowed_by_tag(robin: Person) -> None:
    """A tag is found however it is written."""
    await robin.post("/v1/traces", draft(title="tagged", tags=["Docker"]))
    await robin.post("/v1/traces", draft(title="other"))
    assert await _listed(robin, tag="DOCKER") == ["tagged"]


async def test_list_is_narrowed_by_ids(robin: Person, kim: Person) -> None:
    """Foreign and unknown ids are left out; so is what was retracted, but for its author."""
    authors = {"kept": robin, "taken back": robin, "not asked for": robin, "foreign": kim}
    ids = {
        title: (await author.post("/v1/traces", draft(title=title))).json()["id"]
        for title, author in authors.items()
    }
    await robin.post(f"/v1/traces/{ids['taken back']}/retract", {})
    asked = [ids["foreign"], ids["kept"], ids["taken back"], "00000000-0000-7000-8000-00000000ffff"]
    found = (await robin.get("/v1/traces", params={"id": asked})).json()
    told = [(item["title"], item["status"]) for item in found["items"]]
    assert told == [("taken back", "retracted"), ("kept", "published")]
    assert found["next_cursor"] is None


async def test_unknown_parameter_is_refused(robin: Person) -> None:
    """A parameter with a typing error is not silently left out."""
    assert (await robin.get("/v1/traces", params={"spase": "team"})).status_code == 422


async def test_search_finds_what_one_may_read(robin: Person, kim: Person) -> None:
    """Nobody is answered with a trace of a space that is not theirs, even when they ask for it."""
    await robin.post("/v1/traces", draft(space="team"))
    assert await _found(robin) == ["team"]
    assert await _found(kim) == []
    answer = await kim.post("/v1/search", {"query": "pytest cannot import yaml", "spaces": ["team"]})
    assert _refused(answer) == (404, "space-not-found")


async def test_search_goes_where_it_is_told(robin: Person) -> None:
    """The spaces that a search names are the only ones it looks in."""
    await robin.post("/v1/traces", draft(space="team"))
    own = (await robin.post("/v1/traces", draft())).json()["space"]
    assert sorted(await _found(robin)) == sorted(["team", own])
    assert await _found(robin, spaces=[own]) == [own]


async def test_same_content_is_one_trace_in_a_space_only(robin: Person, kim: Person) -> None:
    """Equal traces of two spaces know nothing of each other."""
    ours = await robin.post("/v1/traces", draft(space="team"))
    mine = await robin.post("/v1/traces", draft())
    hers = await kim.post("/v1/traces", draft())
    assert [answer.status_code for answer in (ours, mine, hers)] == [201, 201, 201]
    assert (await robin.post("/v1/traces", draft(space="team"))).json()["id"] == ours.json()["id"]


async def test_idempotency_keys_are_an_accounts_own(robin: Person, kim: Person) -> None:
    """Two accounts that happen to choose one key do not meet."""
    key = {"Idempotency-Key": "one"}
    first = await robin.post("/v1/traces", draft(), headers=key)
    other = await kim.post("/v1/traces", draft(title="another"), headers=key)
    again = await robin.post("/v1/traces", draft(), headers=key)
    assert (first.status_code, other.status_code, again.status_code) == (201, 201, 200)
    assert again.json()["id"] == first.json()["id"]


async def test_key_stands_for_the_space_too(robin: Person) -> None:
    """One Idempotency-Key for two spaces is one for two bodies."""
    key = {"Idempotency-Key": "one"}
    await robin.post("/v1/traces", draft(), headers=key)
    other = await robin.post("/v1/traces", draft(space="team"), headers=key)
    assert _refused(other) == (422, "idempotency-key-reused")
    assert await _listed(robin, space="team") == []


async def test_retracted_trace_is_gone_for_others(town: Town, robin: Person, kim: Person) -> None:
    """What its author takes back is neither found nor listed nor read; the author still sees it."""
    await town.space("commons", "public")
    trace = (await robin.post("/v1/traces", draft(space="commons"))).json()
    assert await _found(kim) == ["commons"]
    for _ in range(2):
        assert (await robin.post(f"/v1/traces/{trace['id']}/retract")).json()["status"] == "retracted"
    assert (await _found(kim), await _found(robin), await _listed(kim)) == ([], [], [])
    assert (await kim.get(f"/v1/traces/{trace['id']}")).status_code == 404
    assert (await robin.get(f"/v1/traces/{trace['id']}")).json()["status"] == "retracted"


async def test_author_cannot_undo_a_quarantine(town: Town, robin: Person) -> None:
    """Retraction leaves a trace that moderation took out of sight as it is."""
    trace = (await robin.post("/v1/traces", draft())).json()
    async with town.engine.begin() as connection:
        await connection.execute(update(traces).values(status="quarantined"))
    assert (await robin.post(f"/v1/traces/{trace['id']}/retract")).json()["status"] == "quarantined"


async def test_starter_trace_that_a_person_retracted_stays_so(town: Town, client: httpx.AsyncClient) -> None:
    """Loading the pack again does not bring back what the person at this machine did not want."""
    pack = loader.shipped()[:1]
    async with town.engine.begin() as connection:
        await loader.load(connection, pack)
    (trace,) = (await client.get("/v1/traces")).json()["items"]
    assert (trace["author"], trace["space"]) == (None, "local")
    assert (await client.post(f"/v1/traces/{trace['id']}/retract")).status_code == 200
    async with town.engine.begin() as connection:
        await loader.load(connection, pack)
    assert (await client.get(f"/v1/traces/{trace['id']}")).json()["status"] == "retracted"


async def test_local_space_is_nobody_elses(town: Town, client: httpx.AsyncClient) -> None:
    """No key opens the space of the person at this machine, whatever its scopes."""
    trace = (await client.post("/v1/traces", json=draft())).json()
    admin = await town.person("Admin", scopes=SCOPES)
    assert (await admin.get(f"/v1/traces/{trace['id']}")).status_code == 404
    assert await _listed(admin) == []
