"""Whole spaces in and out, through the API of a running store."""

import json
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from commontrace_server.database.tables import jobs, traces
from support.community import Community, Person
from support.store import draft

OLD = "0199c2f0-5a3e-7cc1-9d52-3f6c1d2b7a90"
FULL: dict[str, Any] = {
    "id": OLD,
    **draft(),
    "title": "größer than ASCII \U0001f40d",
    "kind": "pattern",
    "status": "superseded",
    "origin": "person",
    "signatures": ["1:00000000000000aa"],
    "environment": {"languages": ["python"], "frameworks": [], "packages": {"pyyaml": "<7"}, "os": ["linux"]},
    "created_at": "2025-01-02T03:04:05.678901Z",
    "updated_at": "2025-02-02T03:04:05.678901Z",
    "last_verified_at": "2025-03-02T03:04:05.678901Z",
    "provenance": {"agent_model": "some model", "client_version": "1.2.3"},
    "tallies": {"votes_up": 3.0, "votes_down": 1.0, "outcomes_worked": 2.5, "outcomes_failed": 0.0},
}


@pytest.fixture
async def person(community: Community) -> Person:
    """Who moves."""
    return await community.person("person")


async def _import(client: httpx.AsyncClient, *lines: Any, **query: str) -> list[dict[str, Any]]:
    encoded = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    answer = await client.post("/v1/import", content=b"\n".join(encoded), params=query)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/x-ndjson"
    return [json.loads(line) for line in answer.text.splitlines()]


async def _export(client: httpx.AsyncClient, **query: str) -> list[dict[str, Any]]:
    answer = await client.get("/v1/export", params=query)
    assert answer.status_code == 200, answer.text
    return [json.loads(line) for line in answer.text.splitlines()]


async def test_an_import_is_exported_as_it_came(person: Person) -> None:
    """Ids, times, status, evidence and every text: the round trip loses nothing."""
    await _import(person.client, FULL)
    (line,) = await _export(person.client)
    assert {name: line[name] for name in FULL if name != "signatures"} == {
        name: value for name, value in FULL.items() if name != "signatures"
    }
    assert line["signatures"][0] == "1:00000000000000aa"


async def test_two_round_trips_write_the_same_bytes(community: Community, person: Person) -> None:
    """What a second person exports after importing it is the same file; 250 lines take several batches."""
    other = await community.person("other")
    lines = [draft(title=f"trace {number}") for number in range(250)]
    await _import(person.client, FULL, *lines)
    first = (await person.client.get("/v1/export")).content
    async with community.engine.begin() as connection:
        await connection.execute(traces.delete())
    await other.client.post("/v1/import", content=first)
    assert (await other.client.get("/v1/export")).content == first
    assert len(first.splitlines()) == 251


async def test_votes_of_this_store_leave_as_provenance(community: Community, person: Person) -> None:
    """An export has what arrived and what was said here together; what arrived does not count."""
    voter = await community.person("voter")
    await community.space("crew", "team", owner=(person,), contributor=(voter,))
    (imported,) = await _import(person.client, FULL | {"status": "published"}, space="crew")
    await voter.vote(imported["id"])
    row = await community.row(traces, imported["id"])
    assert (row.votes_up, row.votes_down, row.outcomes_worked) == (1, 0, 0)
    (line,) = await _export(person.client, space="crew")
    assert line["tallies"] == FULL["tallies"] | {"votes_up": 4.0}


async def test_second_import_adds_nothing(community: Community, person: Person) -> None:
    """A line that the space has already is `existing`, whatever its id; equal lines are one trace."""
    await _import(person.client, FULL)
    again = await _import(person.client, FULL, FULL | {"id": None}, draft(title="new"), draft(title="new"))
    assert [line["status"] for line in again] == ["existing", "existing", "created", "existing"]
    assert again[0]["id"] == again[1]["id"] == OLD
    async with community.engine.connect() as connection:
        assert await connection.scalar(select(func.count()).select_from(traces)) == 2
        embeddings = select(func.count()).where(jobs.c.kind == "embed")
        assert await connection.scalar(embeddings) == 2


async def test_an_id_that_is_taken_is_replaced(community: Community, person: Person) -> None:
    """The same id with another text is another trace; it says which id it had."""
    await _import(person.client, FULL)
    (line,) = await _import(person.client, FULL | {"title": "another"})
    assert line["status"] == "created"
    assert line["id"] != OLD
    row = await community.row(traces, line["id"])
    assert row.provenance["former_id"] == OLD


async def test_bad_lines_are_named_and_the_others_taken(person: Person) -> None:
    """Each line has its own answer, by its number in the request; blank lines have none."""
    report = await _import(
        person.client, draft(title="first"), b"", b"nonsense", b"[]", draft(title=""), draft(surprise=1),
        b"\xff", draft(tags=["\0"]), b'{"title": "\\ud800"}', draft(id="7"), draft(title="last"),
    )  # fmt: skip
    assert [line["line"] for line in report] == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11]
    assert [line["line"] for line in report if line["status"] == "created"] == [1, 11]
    details = {line["line"]: line["detail"] for line in report if line["status"] == "refused"}
    assert details[5].startswith("title: ")
    assert details[6].startswith("surprise: ")
    assert details[10].startswith("id: ")
    last = report[-1]
    assert (last["created"], last["existing"], last["refused"]) == (2, 0, 8)


async def test_a_line_that_is_too_long_is_refused_alone(person: Person) -> None:
    """Neither it nor the whole stream has to fit into a request of the usual size."""
    long = json.dumps(draft()).encode() + b" " * 3_000_000
    report = await _import(person.client, long, draft(title="short"))
    assert [line["status"] for line in report] == ["refused", "created"]
    assert "longer than" in report[0]["detail"]


async def test_nothing_can_be_imported_as_starter(community: Community, person: Person) -> None:
    """What a file claims to be shipped is a person's here; it leaves as it came."""
    (imported,) = await _import(person.client, FULL | {"origin": "starter"})
    assert (await community.row(traces, imported["id"])).origin == "person"
    assert (await _export(person.client))[0]["origin"] == "starter"


async def test_a_clock_that_is_ahead_is_set_back(community: Community, person: Person) -> None:
    """Times to come become the time of the import."""
    (imported,) = await _import(person.client, FULL | {"last_verified_at": "2999-01-01T00:00:00Z"})
    row = await community.row(traces, imported["id"])
    assert row.last_verified_at.year < 2999


async def test_what_was_taken_out_of_sight_is_not_exported_to_all(
    community: Community, person: Person
) -> None:
    """A retracted trace leaves with its author and with those who look after the space."""
    members = [await community.person(name) for name in ("author", "owner", "member")]
    author, owner, member = members
    await community.space("crew", "team", contributor=(author, member), owner=(owner,))
    await _import(author.client, draft(status="retracted"), space="crew")
    counts = [len(await _export(one.client, space="crew")) for one in members]
    assert counts == [1, 1, 0]


async def test_foreign_spaces_are_not_found(community: Community, person: Person) -> None:
    """Neither way leads into a space of which one may not know."""
    stranger = await community.person("stranger")
    await community.space("secret", "team", owner=(stranger,))
    for slug in ("secret", "nowhere"):
        exported = await person.client.get("/v1/export", params={"space": slug})
        imported = await person.client.post("/v1/import", params={"space": slug}, content=b"{}")
        assert (exported.status_code, imported.status_code) == (404, 404)


async def test_reader_exports_but_does_not_import(community: Community, person: Person) -> None:
    """Reading is enough to take a copy; writing takes the role of a contributor."""
    await community.space("crew", "team", reader=(person,))
    assert await _export(person.client, space="crew") == []
    answer = await person.client.post("/v1/import", params={"space": "crew"}, content=b"{}")
    assert answer.status_code == 403


async def test_nobody_verifies_their_own_trace_by_a_file(community: Community, person: Person) -> None:
    """When it was last seen to work is told in a commons only by those who moderate it, or by outcomes."""
    curator = await community.person("curator", scopes=("read", "contribute", "moderate"))
    await community.space("commons", "public", owner=(curator,))
    claimed = {"last_verified_at": "2025-03-02T03:04:05Z"}
    (own,) = await _import(person.client, draft(title="claimed") | claimed, space="commons")
    (curated,) = await _import(curator.client, draft(title="curated") | claimed, space="commons")
    assert (await community.row(traces, own["id"])).last_verified_at is None
    assert (await community.row(traces, curated["id"])).last_verified_at is not None
