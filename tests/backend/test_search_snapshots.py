"""What searches have found is kept until something is written."""

from collections.abc import Sequence
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy import event, text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database import snapshots, without_transaction
from commontrace_server.search import service
from commontrace_server.search.schemas import SearchRequest
from commontrace_server.search.service import Kept
from commontrace_server.search.snapshots import Rankings
from commontrace_server.traces import service as traces_service
from commontrace_server.traces.schemas import TraceDraft
from support.store import draft

QUERY = "E   ModuleNotFoundError: No module named 'yaml'"
TRIES = 20  # a server's own upkeep may write between two searches


async def _add(engine: AsyncEngine, **different: Any) -> None:
    async with engine.begin() as connection:
        await traces_service.create(connection, TraceDraft(**draft(**different)))


async def _titles(engine: AsyncEngine, kept: Kept, **more: Any) -> list[str]:
    request = SearchRequest(query=QUERY, **{"kind": "error", **more})
    return [hit.title for hit in (await service.search(engine, None, request, kept)).hits]


def _gathered(statements: Sequence[str]) -> int:
    return sum("postings AS MATERIALIZED" in statement for statement in statements)


async def test_what_is_asked_again_is_not_gathered_again(engine: AsyncEngine) -> None:
    """The answer is the same, however many of its hits are wanted."""
    await _add(engine)
    statements: list[str] = []
    event.listen(
        engine.sync_engine, "before_cursor_execute", lambda _c, _cur, said, *_: statements.append(said)
    )
    kept = Kept()
    for _ in range(TRIES):
        first = await _titles(engine, kept)
        before = _gathered(statements)
        again = await _titles(engine, kept, limit=1)
        if _gathered(statements) == before:
            break
    assert _gathered(statements) == before
    assert again == first[:1] == ["pytest cannot import yaml"]


async def test_a_request_asks_once_what_it_would_see(app: FastAPI, client: httpx.AsyncClient) -> None:
    """With who asks; what was written before the request is found, what was taken back is not."""
    asked = {"query": QUERY, "kind": "error"}
    statements: list[str] = []
    event.listen(
        app.state.store.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _cur, said, *_: statements.append(said),
    )
    assert (await client.post("/v1/search", json=asked)).json()["hits"] == []
    trace = (await client.post("/v1/traces", json=draft())).json()["id"]
    for _ in range(TRIES):
        first = (await client.post("/v1/search", json=asked)).json()["hits"]
        statements.clear()
        again = (await client.post("/v1/search", json=asked)).json()["hits"]
        if not _gathered(statements):
            break
    assert [hit["id"] for hit in again] == [hit["id"] for hit in first] == [trace]
    assert sum("pg_current_snapshot" in statement for statement in statements) == 1
    await client.post(f"/v1/traces/{trace}/retract")
    assert (await client.post("/v1/search", json=asked)).json()["hits"] == []


async def test_what_is_written_is_found_at_once(engine: AsyncEngine) -> None:
    """A new trace comes with the next search, one that is taken back is gone with it."""
    kept = Kept()
    assert await _titles(engine, kept) == []
    await _add(engine)
    assert await _titles(engine, kept) == ["pytest cannot import yaml"]
    async with engine.begin() as connection:
        await connection.execute(text("UPDATE traces SET status = 'retracted'"))
    assert await _titles(engine, kept) == []


async def test_what_was_being_written_is_found_when_it_is_done(engine: AsyncEngine) -> None:
    """A search in the middle of another's transaction keeps nothing that hides its end."""
    kept = Kept()
    async with engine.begin() as connection:
        await traces_service.create(connection, TraceDraft(**draft()))
        assert await _titles(engine, kept) == []
    assert await _titles(engine, kept) == ["pytest cannot import yaml"]


async def test_other_places_and_tags_are_other_questions(engine: AsyncEngine) -> None:
    """What was found among some traces does not answer for others."""
    await _add(engine)
    kept = Kept()
    assert await _titles(engine, kept) == ["pytest cannot import yaml"]
    assert await _titles(engine, kept, tags=["of-another-trace"]) == []


async def test_the_name_of_what_is_seen_changes_with_each_write(engine: AsyncEngine) -> None:
    """Whoever writes."""
    async with without_transaction(engine).connect() as connection:
        before = await snapshots.current(connection)
        await _add(engine)
        assert await snapshots.current(connection) != before


def test_the_oldest_are_forgotten_first() -> None:
    """No more than the capacity is kept, the most recently asked."""
    rankings = Rankings(capacity=2)
    for query in ("a", "b", "a", "c"):
        if rankings.get(query, 1) is None:
            rankings.put(query, 1, [])
    assert [query for query in "abc" if rankings.get(query, 1) is not None] == ["a", "c"]
    assert rankings.get("a", 2) is None
