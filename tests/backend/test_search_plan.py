"""What PostgreSQL makes of a search: by its indexes whatever the filter, and no more rows than are needed."""

import json
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.accounts.builtin import LOCAL_SPACE
from commontrace_server.database import create_engine
from commontrace_server.embeddings import index
from commontrace_server.search import candidates
from commontrace_server.search.candidates import QueryVector, Scope, literal
from commontrace_server.search.lexicon import POSTING_LIMIT, READING_LIMIT, Lexicon
from commontrace_server.search.reading import read

MODEL, DIMENSIONS = "plan-test", 64
TRACES = 2500
SMALL = UUID("00000000-0000-7000-8000-00000000aaaa")  # a space of every 300th trace
VECTOR = QueryVector(MODEL, [1.0] * DIMENSIONS)
QUERY = "ERROR: relation alpha does not exist\n" + " ".join(f"common{n}" for n in range(1, 9)) + " seldom7"
# Every common word is in one trace of four: together they would be 5,000 rows.
FILL = """
    INSERT INTO traces (id, title, context_text, solution_text, content_hash, tags, signatures, space_id)
    SELECT gen_random_uuid(), 'seldom' || n % 2000, concat(repeat('context ', 200), (
               SELECT string_agg('common' || word, ' ') FROM generate_series(1, 8) AS word
               WHERE hashint4(n * 8 + word) % 4 = 0
           )), 'answer', 'h' || n, ARRAY[CASE WHEN n % 200 = 0 THEN 'rare' ELSE 'usual' END],
           ARRAY['1:' || n], CASE WHEN n % 300 = 0 THEN CAST(:small AS uuid) ELSE CAST(:large AS uuid) END
    FROM generate_series(1, :traces) AS n
"""
EMBED = f"""
    INSERT INTO trace_embeddings (trace_id, model, view, content_hash, embedding)
    SELECT id, '{MODEL}', 'problem', 'x', CAST(ARRAY(
               SELECT random() - 0.5 FROM generate_series(1, {DIMENSIONS}) WHERE id IS NOT NULL
           ) AS halfvec)
    FROM traces
"""


@pytest.fixture
async def filled(engine: AsyncEngine) -> AsyncEngine:
    """A store of some thousand traces, as it is after the first ANALYZE."""
    # as much at once is more than a statement of the store may take on a busy machine
    patient = create_engine(engine.url.render_as_string(hide_password=False), statement_milliseconds=0)
    async with patient.begin() as connection:
        team = {"id": SMALL, "slug": "small", "kind": "team"}
        await connection.execute(text("INSERT INTO spaces (id, slug, kind) VALUES (:id, :slug, :kind)"), team)
        sizes = {"traces": TRACES, "small": SMALL, "large": LOCAL_SPACE.id}
        await connection.execute(text(FILL), sizes)
        await connection.execute(text(EMBED))
        await index.ensure(connection, MODEL, DIMENSIONS)
    async with patient.connect() as connection:
        alone = await connection.execution_options(isolation_level="AUTOCOMMIT")
        await alone.execute(text("VACUUM ANALYZE traces, trace_embeddings"))
    await patient.dispose()
    return engine


def _nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from _nodes(child)


async def _plan(engine: AsyncEngine, space: UUID, *, tags: tuple[str, ...] = ()) -> list[dict[str, Any]]:
    reading = read("error", QUERY)
    async with engine.connect() as connection:
        words = await Lexicon().words(connection, reading)
        return await _explained(connection, *candidates.prepare(reading, words, Scope([space], tags), VECTOR))


async def _explained(
    connection: AsyncConnection, statement: TextClause, values: dict[str, Any]
) -> list[dict[str, Any]]:
    found = await connection.scalar(text(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement.text}"), values)
    documents = json.loads(found) if isinstance(found, str) else found
    return list(_nodes(documents[0]["Plan"]))


def _sequential(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Relation Name"] for node in nodes if node["Node Type"] == "Seq Scan"}


def _indexes(nodes: list[dict[str, Any]]) -> set[str]:
    return {node["Index Name"] for node in nodes if "Index Name" in node and node["Actual Loops"]}


async def test_no_filter_makes_a_search_read_the_whole_store(filled: AsyncEngine) -> None:
    """Neither a small space nor a tag, seldom or common, ends in a sequential scan."""
    for space in (LOCAL_SPACE.id, SMALL):
        for tags in ((), ("rare",), ("usual",)):
            read_whole = _sequential(await _plan(filled, space, tags=tags))
            assert not read_whole & {"traces", "trace_embeddings"}, (space, tags)


async def test_a_search_goes_by_signature_words_and_vectors_through_their_indexes(
    filled: AsyncEngine,
) -> None:
    """Each of the three ways in has its index, and the plan of a search uses it."""
    used = _indexes(await _plan(filled, LOCAL_SPACE.id))
    (vectors,) = [name for name in used if name.startswith("ix_trace_embeddings_")]
    assert {"ix_traces_lexemes", "ix_traces_signatures", vectors} <= used


async def test_whether_an_error_is_known_is_told_by_its_index(filled: AsyncEngine) -> None:
    """The one row of a signature is not looked for in the table."""
    async with filled.connect() as connection:
        values = {"signatures": ["1:77"], "spaces": [LOCAL_SPACE.id], "statuses": ["published"]}
        nodes = await _explained(connection, candidates.SIGNED, values)
    assert _indexes(nodes) == {"ix_traces_signatures"}
    assert not _sequential(nodes)


async def test_many_common_words_are_not_all_read(filled: AsyncEngine) -> None:
    """A long error text costs no more rows than it may, however common its words are."""
    nodes = await _plan(filled, LOCAL_SPACE.id)
    read_rows = sum(
        node["Actual Rows"] * node["Actual Loops"]
        for node in nodes
        if node["Node Type"] == "Bitmap Index Scan" and node["Index Name"] == "ix_traces_lexemes"
    )
    assert 0 < read_rows <= READING_LIMIT + POSTING_LIMIT


async def test_a_filter_does_not_starve_the_vectors(filled: AsyncEngine) -> None:
    """What is nearest within a filter is found, though thousands outside of it are nearer."""
    assert await _nearest(filled, SMALL) <= await _found(filled, SMALL)
    assert await _nearest(filled, LOCAL_SPACE.id, "rare") <= await _found(filled, LOCAL_SPACE.id, "rare")


async def _nearest(engine: AsyncEngine, space: UUID, *tags: str) -> set[UUID]:
    """The ten nearest of all, by looking at each."""
    statement = text(
        "SELECT id FROM traces JOIN trace_embeddings ON trace_id = id "
        "WHERE space_id = :space AND tags @> :tags "
        "ORDER BY embedding <=> CAST(:vector AS halfvec) LIMIT 10"
    )
    async with engine.connect() as connection:
        asked = {"space": space, "tags": list(tags), "vector": literal(tuple(VECTOR.values))}
        return set(await connection.scalars(statement, asked))


async def _found(engine: AsyncEngine, space: UUID, *tags: str) -> set[UUID]:
    nothing = read("error", "nothing in common")
    async with engine.connect() as connection:
        found = await candidates.gather(connection, nothing, Scope([space], tags), VECTOR)
    return {candidate.id for candidate in found.candidates}
