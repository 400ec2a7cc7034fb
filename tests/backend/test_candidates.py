"""The one round trip that gathers candidates, on a real database."""

from collections.abc import AsyncIterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event, text, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.tables import traces
from commontrace_server.embeddings.job import embed_trace
from commontrace_server.embeddings.minilm import MiniLM
from commontrace_server.search import candidates
from commontrace_server.search.candidates import Found, QueryVector, Scope
from commontrace_server.search.lexicon import POSTING_LIMIT, Lexicon
from commontrace_server.search.reading import read
from commontrace_server.traces import service
from commontrace_server.traces.schemas import TraceDraft
from support.store import draft

CAKE = {
    "title": "Cake sinks in the middle",
    "context_text": "The sponge collapses after baking.",
    "solution_text": "Leave the oven door closed.",
    "tags": ["baking"],
}


@pytest.fixture
async def minilm() -> AsyncIterator[MiniLM]:
    embedder = MiniLM()
    yield embedder
    embedder.close()


async def _fill(engine: AsyncEngine, *drafts: dict[str, Any]) -> list[UUID]:
    async with engine.begin() as connection:
        return [(await service.create(connection, TraceDraft(**one))).trace.id for one in drafts]


async def _gather(
    engine: AsyncEngine,
    query: str,
    *,
    kind: str = "error",
    tags: Sequence[str] = (),
    vector: QueryVector | None = None,
    lexicon: Lexicon | None = None,
) -> Found:
    async with engine.connect() as connection:
        scope = Scope(tags=tags)
        return await candidates.gather(connection, read(kind, query), scope, vector, lexicon)


async def test_one_word_in_common_is_enough(engine: AsyncEngine) -> None:
    """Terms are alternatives: a long query is not lost because a trace lacks one word of it."""
    (yaml,) = await _fill(engine, draft())
    query = "The frobnicator of the quux could not load yaml while the moon was full"
    found = await _gather(engine, query, kind="question")
    assert [candidate.id for candidate in found.candidates] == [yaml]
    assert set(found.candidates[0].matched) == {"yaml"}


async def test_nothing_in_common_is_no_candidate(engine: AsyncEngine) -> None:
    """A trace that shares no word is not looked at."""
    await _fill(engine, draft())
    found = await _gather(engine, "chocolate cake recipe", kind="question")
    assert found.candidates == ()


async def test_an_empty_store_answers(engine: AsyncEngine) -> None:
    """No trace, no candidate, no failure."""
    assert (await _gather(engine, "anything")).total == 0


async def test_a_signature_is_found_without_a_word(engine: AsyncEngine) -> None:
    """The same fingerprint makes a trace a candidate, whatever its words."""
    signature = "1:0123456789abcdef"
    await _fill(engine, draft(**CAKE, signatures=[signature]))
    async with engine.connect() as connection:
        found = await candidates.gather(connection, read("error", "xyzzy", [signature]), Scope(), None)
    assert [candidate.signature for candidate in found.candidates] == [True]


async def test_frequencies_are_counted(engine: AsyncEngine) -> None:
    """Each lexeme of the query comes with the number of traces that hold it."""
    await _fill(engine, draft(), draft(title="yaml again"), draft(**CAKE))
    found = await _gather(engine, "yaml oven", kind="question")
    assert {term.lexeme: term.df for term in found.terms} == {"yaml": 2, "oven": 1}
    assert found.total == 3


async def test_a_lexeme_too_common_to_choose_by_still_counts(engine: AsyncEngine) -> None:
    """Beyond the posting limit the frequency comes from the statistics, and rarer words choose."""
    async with engine.begin() as connection:
        await connection.execute(
            text(
                "INSERT INTO traces (id, title, context_text, solution_text, content_hash, space_id) "
                "SELECT gen_random_uuid(), 'yaml ' || n, 'x', 'y', 'h' || n, spaces.id "
                "FROM generate_series(1, 3000) n, spaces"
            )
        )
        (rare,) = [(await service.create(connection, TraceDraft(**draft(title="zebra yaml")))).trace.id]
    async with engine.connect() as connection:
        await (await connection.execution_options(isolation_level="AUTOCOMMIT")).execute(
            text("ANALYZE traces")
        )
    found = await _gather(engine, "yaml zebra", kind="question")
    frequencies = {term.lexeme: term.df for term in found.terms}
    assert frequencies["yaml"] > POSTING_LIMIT
    assert frequencies["zebra"] == 1
    assert [candidate.id for candidate in found.candidates] == [rare]


async def test_fields_of_matched_words_are_known(engine: AsyncEngine) -> None:
    """Of the lexemes that a trace shares, those in its title or tags are told apart."""
    await _fill(engine, draft(title="alpha", context_text="beta alpha", solution_text="gamma", tags=[]))
    found = await _gather(engine, "alpha beta gamma", kind="question")
    (candidate,) = found.candidates
    assert set(candidate.matched) == {"alpha", "beta", "gamma"}
    assert candidate.titled == ("alpha",)


async def test_codes_that_a_trace_names_are_known(engine: AsyncEngine) -> None:
    """A rule's code is looked for in the whole trace, whatever its spelling in lexemes."""
    await _fill(engine, draft(context_text="Reported as borrow of moved value, E0382."))
    found = await _gather(engine, "error[E0382]: borrow of moved value: `yaml`")
    assert found.candidates[0].mentions == ("e0382",)


async def test_a_near_vector_is_a_candidate(engine: AsyncEngine, minilm: MiniLM) -> None:
    """Another wording of the same is found by its meaning, with a cosine for each view."""
    (cake,) = await _fill(engine, draft(**CAKE))
    await embed_trace(engine, minilm, cake)
    (values,) = await minilm.embed(["my tart falls apart"])
    found = await _gather(
        engine, "tart falls apart", kind="question", vector=QueryVector(minilm.name, values)
    )
    (candidate,) = found.candidates
    assert candidate.id == cake
    assert candidate.problem is not None
    assert candidate.solution is not None
    assert 0.1 < candidate.problem < 1


async def test_a_trace_without_a_vector_is_found_beside_those_with_one(
    engine: AsyncEngine, minilm: MiniLM
) -> None:
    """A fresh trace is a candidate by its words; its cosine is unknown, not zero."""
    cake, fresh = await _fill(engine, draft(**CAKE), draft())
    await embed_trace(engine, minilm, cake)
    (values,) = await minilm.embed(["yaml"])
    found = await _gather(engine, "yaml", kind="question", vector=QueryVector(minilm.name, values))
    assert {c.id: c.problem is None for c in found.candidates} == {cake: False, fresh: True}


@pytest.mark.parametrize("status", ["quarantined", "retracted", "superseded", "expired"])
async def test_what_was_taken_out_of_sight_is_not_found(engine: AsyncEngine, status: str) -> None:
    """Only published and pending traces are candidates."""
    await _fill(engine, draft())
    async with engine.begin() as connection:
        await connection.execute(update(traces).values(status=status))
    assert (await _gather(engine, "yaml")).candidates == ()


async def test_tags_narrow_the_search(engine: AsyncEngine) -> None:
    """Every candidate carries all the tags that were asked for."""
    await _fill(engine, draft(), draft(title="yaml in docker", tags=["docker"]))
    found = await _gather(engine, "yaml", tags=["docker"])
    assert [candidate.tags for candidate in found.candidates] == [("docker",)]


@pytest.mark.parametrize(
    "query", ["it's a 'quoted' thing", "back\\slash \\' and :colon ::cast", "!(a & b) | c:*", "%_?", "<->"]
)
async def test_no_query_is_syntax(engine: AsyncEngine, query: str) -> None:
    """Whatever stands in a query is text to look for."""
    await _fill(engine, draft())
    await _gather(engine, query, kind="question")


async def test_it_is_one_round_trip(engine: AsyncEngine, minilm: MiniLM) -> None:
    """Signature, words and vectors are asked for in one statement, where the query's words are known."""
    (trace_id,) = await _fill(engine, draft())
    await embed_trace(engine, minilm, trace_id)
    statements: list[str] = []
    event.listen(
        engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: statements.append(statement),
    )
    (values,) = await minilm.embed(["yaml"])
    vector, lexicon = QueryVector(minilm.name, values), Lexicon()
    await _gather(engine, "yaml", vector=vector, lexicon=lexicon)
    statements.clear()
    found = await _gather(engine, "yaml", vector=vector, lexicon=lexicon)
    assert [candidate.id for candidate in found.candidates] == [trace_id]
    assert len(statements) == 1


async def test_vector_search_uses_the_models_index(engine: AsyncEngine, minilm: MiniLM) -> None:
    """The statement fits the partial expression index, with nothing else allowed."""
    (trace_id,) = await _fill(engine, draft())
    await embed_trace(engine, minilm, trace_id)

    async def plan(connection: AsyncConnection) -> str:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        await connection.execute(text("SET LOCAL enable_sort = off"))
        sql = (
            "EXPLAIN SELECT trace_id FROM trace_embeddings WHERE model = 'all-minilm-l6-v2' ORDER BY"
            " embedding::halfvec(384) <=> (SELECT embedding FROM trace_embeddings LIMIT 1) LIMIT 5"
        )
        return "\n".join((await connection.exec_driver_sql(sql)).scalars())

    async with engine.connect() as connection:
        assert "ix_trace_embeddings" in await plan(connection)
