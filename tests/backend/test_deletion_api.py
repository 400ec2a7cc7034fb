"""Deleting a trace for good."""

import httpx
import pytest
from sqlalchemy import func, select

from commontrace_server.accounts.standing import SCOPES
from commontrace_server.database.tables import metadata
from commontrace_server.starter import loader
from support.accounts import Town
from support.community import Community, Person
from support.store import draft


@pytest.fixture
async def owner(community: Community) -> Person:
    """The owner of the team `crew`."""
    person = await community.person("owner", scopes=SCOPES)
    await community.space("crew", "team", owner=(person,))
    return person


async def _rows_about(community: Community, trace: str) -> dict[str, int]:
    """How many rows of each table name a trace."""
    named = {table.name: table.c.trace_id for table in metadata.tables.values() if "trace_id" in table.c}
    named["traces"] = metadata.tables["traces"].c.id
    async with community.engine.connect() as connection:
        counts = {
            name: await connection.scalar(select(func.count()).where(column == trace))
            for name, column in named.items()
        }
    return {name: count for name, count in counts.items() if count}


async def test_nothing_but_the_audit_entry_is_left(community: Community, owner: Person) -> None:
    """Votes, outcomes, reports, keys and vectors go with the trace; who deleted it stays written down."""
    trace = (
        await owner.client.post("/v1/traces", json=draft(space="crew"), headers={"Idempotency-Key": "once"})
    ).json()["id"]
    await owner.vote(trace)
    await owner.observe(trace, worked=True)
    await owner.client.post(f"/v1/traces/{trace}/reports", json={"reason": "mine"})
    assert (await owner.client.delete(f"/v1/traces/{trace}")).status_code == 204
    assert (await owner.client.get(f"/v1/traces/{trace}")).status_code == 404
    assert (await owner.client.delete(f"/v1/traces/{trace}")).status_code == 404
    assert await _rows_about(community, trace) == {"audit_log": 1}
    (entry,) = (await owner.client.get("/v1/moderation/audit")).json()["items"]
    assert (entry["act"], entry["trace_id"], entry["actor"]) == ("delete", trace, str(owner.id))


async def test_a_deletion_is_not_undone(owner: Person) -> None:
    """There is nothing left to restore."""
    trace = await owner.contribute(space="crew")
    await owner.client.delete(f"/v1/traces/{trace}")
    (entry,) = (await owner.client.get("/v1/moderation/audit")).json()["items"]
    answer = await owner.client.post(f"/v1/moderation/audit/{entry['id']}/undo", json={})
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "not-undoable")


@pytest.mark.parametrize("act", ["vote", "observe", "report"])
async def test_what_others_have_said_stays(community: Community, owner: Person, act: str) -> None:
    """An author cannot wash off evidence, and gets the way that can be undone named."""
    other = await community.person("other")
    await community.space("docks", "team", owner=(owner,), contributor=(other,))
    trace = await owner.contribute(space="docks")
    if act == "vote":
        await other.vote(trace)
    elif act == "observe":
        await other.observe(trace, worked=False)
    else:
        await other.client.post(f"/v1/traces/{trace}/reports", json={"reason": "wrong"})
    answer = await owner.client.delete(f"/v1/traces/{trace}")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "evidence-stays")
    assert "retract" in answer.json()["detail"]
    assert (await owner.client.get(f"/v1/traces/{trace}")).status_code == 200


@pytest.mark.parametrize("act", ["amend", "decide"])
async def test_what_others_have_done_about_it_stays(community: Community, owner: Person, act: str) -> None:
    """An amendment would lose what it amends, and a moderator's decision could not be undone any more."""
    author = await community.person("author")
    await community.space("docks", "team", owner=(owner,), contributor=(author,))
    trace = await author.contribute(space="docks")
    if act == "amend":
        await owner.client.post(f"/v1/traces/{trace}/amendments", json={"title": "better"})
    else:
        decision = {"decision": "quarantine"}
        await owner.client.post(f"/v1/moderation/traces/{trace}/decide", json=decision)
    answer = await author.client.delete(f"/v1/traces/{trace}")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "evidence-stays")


async def test_a_moderator_deletes_nobodys_trace(community: Community, owner: Person) -> None:
    """What moderation does can be undone, so there is no deleting for it."""
    other = await community.person("other")
    await community.space("docks", "team", owner=(owner,), contributor=(other,))
    trace = await other.contribute(space="docks")
    assert (await owner.client.delete(f"/v1/traces/{trace}")).status_code == 409
    assert (await other.client.delete(f"/v1/traces/{trace}")).status_code == 204


async def test_the_same_text_can_be_contributed_again(owner: Person) -> None:
    """As a new trace, also under the key of the old one."""
    key = {"Idempotency-Key": "once"}
    first = (await owner.client.post("/v1/traces", json=draft(), headers=key)).json()["id"]
    await owner.client.delete(f"/v1/traces/{first}")
    second = await owner.client.post("/v1/traces", json=draft(), headers=key)
    assert (second.status_code, second.json()["id"] != first) == (201, True)


async def test_what_it_had_replaced_is_in_force_again(owner: Person) -> None:
    """As after a retraction."""
    former = await owner.contribute(space="crew")
    new = await owner.contribute(space="crew", title="the same, better", supersedes=former)
    assert (await owner.client.get(f"/v1/traces/{former}")).json()["status"] == "superseded"
    await owner.client.delete(f"/v1/traces/{new}")
    assert (await owner.client.get(f"/v1/traces/{former}")).json()["status"] == "published"


async def test_starter_traces_are_retracted_instead(town: Town, client: httpx.AsyncClient) -> None:
    """A deleted one would come back with the next start."""
    async with town.engine.begin() as connection:
        await loader.load(connection, loader.shipped()[:1])
    (trace,) = (await client.get("/v1/traces")).json()["items"]
    answer = await client.delete(f"/v1/traces/{trace['id']}")
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (409, "starter-stays")
