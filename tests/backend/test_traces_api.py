"""Contributing and reading traces, through the API of a running app."""

import asyncio
import json
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import jobs, traces
from commontrace_server.jobs import routine
from commontrace_server.traces import insertion
from support.store import draft

JSON = {"content-type": "application/json"}


async def _count(engine: AsyncEngine, table: Any) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table)) or 0)


async def _embeddings(engine: AsyncEngine) -> int:
    """How many traces are queued to be embedded."""
    async with engine.connect() as connection:
        queued = select(func.count()).where(jobs.c.kind == insertion.EMBED_JOB)
        return int(await connection.scalar(queued) or 0)


async def test_created_trace_is_returned_as_it_is_stored(client: httpx.AsyncClient) -> None:
    """What the creation answers is what a later GET answers."""
    created = await client.post("/v1/traces", json=draft())
    assert created.status_code == 201
    fetched = await client.get(f"/v1/traces/{created.json()['id']}")
    assert fetched.json() == created.json()


async def test_new_trace_is_a_published_fix_of_a_person(client: httpx.AsyncClient) -> None:
    """A contribution that says nothing else is a fix, published, by a person, not embedded yet."""
    trace = (await client.post("/v1/traces", json=draft())).json()
    said = {name: trace[name] for name in ("kind", "status", "origin", "embedded", "last_verified_at")}
    assert said == {
        "kind": "fix",
        "status": "published",
        "origin": "person",
        "embedded": False,
        "last_verified_at": None,
    }


async def test_error_in_the_context_becomes_a_signature(client: httpx.AsyncClient) -> None:
    """The signatures of the errors that a text quotes are added to those that the caller declares."""
    trace = (await client.post("/v1/traces", json=draft(signatures=["1:00000000000000aa"]))).json()
    assert trace["signatures"][0] == "1:00000000000000aa"
    assert len(trace["signatures"]) > 1


async def test_tags_are_lowercased_and_kept_once(client: httpx.AsyncClient) -> None:
    """Tags that differ in case or margins are one tag."""
    trace = (await client.post("/v1/traces", json=draft(tags=["Python", " python ", "PYTHON", "pip"]))).json()
    assert trace["tags"] == ["python", "pip"]


async def test_trace_is_found_by_its_words_at_once(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    """The text index covers title, tags, context and solution in the transaction that creates the trace."""
    await client.post("/v1/traces", json=draft(title="alpha", context_text="bravo", solution_text="charlie"))
    for word in ("alpha", "bravo", "charlie", "pytest"):
        query = select(func.count()).where(traces.c.lexemes.bool_op("@@")(func.to_tsquery("english", word)))
        async with engine.connect() as connection:
            assert await connection.scalar(query) == 1, word


async def test_creation_queues_the_embedding(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    """A trace and the job that embeds it come into being together."""
    trace = (await client.post("/v1/traces", json=draft())).json()
    async with engine.connect() as connection:
        queued = select(jobs.c.kind, jobs.c.payload).where(jobs.c.kind != routine.NIGHTLY)
        row = (await connection.execute(queued)).one()
    assert tuple(row) == ("embed", {"trace_id": trace["id"]})


async def test_same_content_is_one_trace(client: httpx.AsyncClient, engine: AsyncEngine) -> None:
    """A second contribution of the same text answers 200 with the first one, and queues nothing."""
    first = await client.post("/v1/traces", json=draft())
    second = await client.post("/v1/traces", json=draft(context_text=draft()["context_text"] + "  \r\n"))
    assert (second.status_code, second.json()["id"]) == (200, first.json()["id"])
    assert await _embeddings(engine) == 1


async def test_simultaneous_equal_contributions_make_one_trace(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """Of many equal contributions at once one is created and all answer with it."""
    answers = await asyncio.gather(*(client.post("/v1/traces", json=draft()) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert await _count(engine, traces) == 1


async def test_replayed_key_answers_with_the_first_trace(client: httpx.AsyncClient) -> None:
    """The same Idempotency-Key with the same body is the same trace."""
    key = {"Idempotency-Key": "one"}
    first = await client.post("/v1/traces", json=draft(), headers=key)
    again = await client.post("/v1/traces", json=draft(), headers=key)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json()["id"] == first.json()["id"]


async def test_key_with_another_body_is_refused_and_stores_nothing(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """An Idempotency-Key stands for one body."""
    key = {"Idempotency-Key": "one"}
    await client.post("/v1/traces", json=draft(), headers=key)
    other = await client.post("/v1/traces", json=draft(title="another"), headers=key)
    assert other.status_code == 422
    assert other.json()["type"].endswith("idempotency-key-reused")
    assert (await _count(engine, traces), await _embeddings(engine)) == (1, 1)


async def test_simultaneous_bodies_under_one_key_leave_one_trace(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """Requests that race for a key with different bodies: one wins, the others are refused."""
    requests = (
        client.post("/v1/traces", json=draft(title=f"number {n}"), headers={"Idempotency-Key": "one"})
        for n in range(6)
    )
    statuses = sorted(answer.status_code for answer in await asyncio.gather(*requests))
    assert statuses == [201] + [422] * 5
    assert await _count(engine, traces) == 1


async def test_list_gives_every_trace_once_newest_first(client: httpx.AsyncClient) -> None:
    """Following the cursors visits all traces in the opposite order of their creation."""
    created = [(await client.post("/v1/traces", json=draft(title=f"t{n}"))).json()["id"] for n in range(5)]
    seen: list[str] = []
    query = {"limit": "2"}
    while True:
        page = (await client.get("/v1/traces", params=query)).json()
        seen += [item["id"] for item in page["items"]]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert seen == created[::-1]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "   "}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": 7}, "title"),
        ({"title": None}, "title"),
        ({"title": "nul \0 inside"}, "title"),
        ({"context_text": "x" * 20_001}, "context_text"),
        ({"context_text": " \n "}, "context_text"),
        ({"solution_text": "nul \0 inside"}, "solution_text"),
        ({"tags": ["x" * 51]}, "tags.0"),
        ({"tags": ["ok", "nul\0"]}, "tags.1"),
        ({"tags": [str(n) for n in range(21)]}, "tags"),
        ({"tags": "python"}, "tags"),
        ({"kind": "rumour"}, "kind"),
        ({"signatures": ["not a signature"]}, "signatures.0"),
        ({"environment": {"packages": {"nul\0": "1"}}}, "environment.packages.nul\\x00.[key]"),
        ({"environment": {"packages": {"yaml": 1}}}, "environment.packages.yaml"),
        ({"environment": {"planet": "earth"}}, "environment.planet"),
        ({"provenance": {"agent_model": "nul\0"}}, "provenance.agent_model"),
        ({"surprise": 1}, "surprise"),
    ],
)
async def test_bad_field_is_named(client: httpx.AsyncClient, changes: dict[str, Any], field: str) -> None:
    """Every field that breaks a rule is refused with 422 under its name."""
    answer = await client.post("/v1/traces", json=draft(**changes))
    assert answer.status_code == 422
    assert [error["field"] for error in answer.json()["errors"]] == [field]


@pytest.mark.parametrize("field", ["title", "context_text", "solution_text", "tags", "surprise\ud800"])
async def test_lone_surrogate_is_refused(client: httpx.AsyncClient, field: str) -> None:
    """JSON can spell characters that no text has; they are the caller's error, not the store's."""
    value: Any = ["\ud800"] if field == "tags" else "lone \ud800"
    answer = await client.post("/v1/traces", content=json.dumps(draft(**{field: value})), headers=JSON)
    assert answer.status_code == 422


@pytest.mark.parametrize("missing", ["title", "context_text", "solution_text"])
async def test_missing_field_is_named(client: httpx.AsyncClient, missing: str) -> None:
    """Title, context and solution have to be there."""
    body = draft()
    del body[missing]
    answer = await client.post("/v1/traces", json=body)
    assert [error["field"] for error in answer.json()["errors"]] == [missing]


@pytest.mark.parametrize(
    "path", ["/v1/traces/not-an-id", "/v1/traces/%00", "/v1/traces/0", "/v1/traces?cursor=zzz",
             "/v1/traces?cursor=%00", "/v1/traces?cursor=é", "/v1/traces?limit=0", "/v1/traces?limit=x",
             "/v1/traces?id=0", f"/v1/traces?id={'&id='.join(101 * [str(UUID(int=1))])}"]
)  # fmt: skip
async def test_malformed_address_is_refused(client: httpx.AsyncClient, path: str) -> None:
    """Ids, cursors and limits that cannot be right, or are too many, are 422 problems."""
    answer = await client.get(path)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


async def test_unknown_trace_is_not_found(client: httpx.AsyncClient) -> None:
    """An id that no trace has is a 404 that says so."""
    answer = await client.get("/v1/traces/00000000-0000-7000-8000-000000000000")
    assert (answer.status_code, answer.json()["title"]) == (404, "No such trace")


@pytest.mark.parametrize("key", ["", "has space", "x" * 201, "é"])
async def test_malformed_key_is_refused(client: httpx.AsyncClient, key: str) -> None:
    """An Idempotency-Key is 1 to 200 visible ASCII characters."""
    headers = {b"Idempotency-Key": key.encode()}
    answer = await client.post("/v1/traces", json=draft(), headers=headers)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].lower() == "idempotency-key"


async def test_any_text_comes_back_unchanged(client: httpx.AsyncClient) -> None:
    """Quotes, percent signs, emoji and SQL are text like any other."""
    text = "100% of 'it'; DROP TABLE traces; -- \\ \"é\" \U0001f40d :name {curly} \t\x01"
    created = (await client.post("/v1/traces", json=draft(context_text=text, solution_text=text))).json()
    assert (created["context_text"], created["solution_text"]) == (text, text)
