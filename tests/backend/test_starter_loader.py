"""Loading the starter pack: new, changed and dropped traces, and what people wrote."""

import asyncio
import json
from typing import Any

import httpx
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import jobs, traces
from commontrace_server.starter import loader
from commontrace_server.traces.schemas import TraceDraft
from support.store import draft


def _pack(*traces_: dict[str, Any]) -> list[loader.Starter]:
    return list(loader.parse("\n".join(json.dumps(trace) for trace in traces_)))


async def _load(engine: AsyncEngine, pack: list[loader.Starter]) -> None:
    async with engine.begin() as connection:
        await loader.load(connection, pack)


async def _rows(engine: AsyncEngine) -> list[Any]:
    async with engine.connect() as connection:
        return list(await connection.execute(select(traces).order_by(traces.c.id)))


async def _jobs(engine: AsyncEngine) -> int:
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(jobs)) or 0)


def test_shipped_pack_is_valid() -> None:
    """Every line of the pack that ships is a trace draft with a slug of its own."""
    pack = loader.shipped()
    assert len({starter.slug for starter in pack}) == len(pack) > 0
    for starter in pack:
        TraceDraft.model_validate(starter.draft)


async def test_loaded_pack_is_published_and_of_the_starter(engine: AsyncEngine) -> None:
    """Starter traces are told from those of people, and are embedded like them."""
    await _load(engine, _pack(draft(slug="one")))
    (row,) = await _rows(engine)
    assert (row.origin, row.status, row.provenance["slug"]) == ("starter", "published", "one")
    assert await _jobs(engine) == 1


async def test_loading_again_changes_nothing(engine: AsyncEngine) -> None:
    """A pack that is there already costs one look."""
    pack = _pack(draft(slug="one"), draft(slug="two", title="another"))
    await _load(engine, pack)
    before = await _rows(engine)
    await _load(engine, pack)
    assert await _rows(engine) == before
    assert await _jobs(engine) == 2


async def test_changed_trace_keeps_its_id(engine: AsyncEngine) -> None:
    """A new version of a starter trace replaces the old one in place and is embedded anew."""
    await _load(engine, _pack(draft(slug="one")))
    await _load(engine, _pack(draft(slug="one", title="better")))
    (row,) = await _rows(engine)
    assert row.title == "better"
    assert row.updated_at > row.created_at
    assert await _jobs(engine) == 2


async def test_dropped_trace_is_retracted_and_comes_back_with_the_pack(engine: AsyncEngine) -> None:
    """What the pack no longer has is taken out of sight, not deleted."""
    pack = _pack(draft(slug="one"))
    await _load(engine, pack)
    await _load(engine, [])
    assert [row.status for row in await _rows(engine)] == ["retracted"]
    await _load(engine, pack)
    assert [row.status for row in await _rows(engine)] == ["published"]


async def test_persons_trace_with_the_same_text_is_left_alone(
    client: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    """Where a person said it first the pack adds nothing."""
    await client.post("/v1/traces", json=draft())
    await _load(engine, _pack(draft(slug="one")))
    assert [row.origin for row in await _rows(engine)] == ["person"]


async def test_many_stores_load_one_pack(engine: AsyncEngine) -> None:
    """Stores that start on one database at the same time load the pack once."""
    pack = _pack(draft(slug="one"), draft(slug="two", title="another"))
    await asyncio.gather(*(_load(engine, pack) for _ in range(4)))
    assert len(await _rows(engine)) == 2
