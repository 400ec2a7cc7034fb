"""The job that gives traces their vectors."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.tables import trace_embeddings, traces
from commontrace_server.embeddings import index, passages
from commontrace_server.embeddings.protocol import Embedder


class _View(NamedTuple):
    """Which text a vector belongs to."""

    trace_id: UUID
    name: str


class _Text(NamedTuple):
    """What is embedded."""

    passage: str
    content_hash: str


async def embed_trace(engine: AsyncEngine, embedder: Embedder, trace_id: UUID) -> None:
    """Embed one trace; see `embed_traces`."""
    await embed_traces(engine, embedder, [trace_id])


async def embed_traces(engine: AsyncEngine, embedder: Embedder, trace_ids: Sequence[UUID]) -> None:
    """Embed the views of traces that have no vector of their present text yet.

    Does nothing for traces that are gone or up to date, so it may run any number of times. No connection is
    held while the embedder works.

    Raises:
        EmbeddingError: The texts could not be embedded; nothing is stored then.
    """
    async with engine.connect() as connection:
        texts = await _texts(connection, trace_ids)
        known = await _known(connection, embedder.name, trace_ids)
    missing = [view for view, text in texts.items() if known.get(view) != text.content_hash]
    left = [view for view in known if view not in texts]
    if not missing and not left:
        return
    vectors = await embedder.embed([texts[view].passage for view in missing]) if missing else []
    async with engine.begin() as connection:
        await index.ensure(connection, embedder.name, embedder.dimensions)
        if left:
            await _drop(connection, embedder.name, left)
        rows = [
            {
                "trace_id": view.trace_id,
                "model": embedder.name,
                "view": view.name,
                "content_hash": texts[view].content_hash,
                "embedding": vector,
            }
            for view, vector in zip(missing, vectors, strict=True)
        ]
        await _store(connection, rows)


async def _texts(connection: AsyncConnection, trace_ids: Sequence[UUID]) -> dict[_View, _Text]:
    columns = (traces.c.id, traces.c.title, traces.c.context_text, traces.c.solution_text)
    found = await connection.execute(select(*columns).where(traces.c.id.in_(trace_ids)))
    return {
        _View(trace_id, name): _Text(passage, hashlib.sha256(passage.encode()).hexdigest())
        for trace_id, title, context, solution in found
        for name, passage in passages.views(title=title, context_text=context, solution_text=solution).items()
    }


async def _known(connection: AsyncConnection, model: str, trace_ids: Sequence[UUID]) -> Mapping[_View, str]:
    """View to the hash of the text that its vector was made of."""
    own = trace_embeddings.c.trace_id.in_(trace_ids) & (trace_embeddings.c.model == model)
    columns = (trace_embeddings.c.trace_id, trace_embeddings.c.view, trace_embeddings.c.content_hash)
    found = await connection.execute(select(*columns).where(own))
    return {_View(trace_id, name): content_hash for trace_id, name, content_hash in found}


async def _drop(connection: AsyncConnection, model: str, left: Sequence[_View]) -> None:
    """Drop the vectors of views that their traces no longer have."""
    gone = tuple_(trace_embeddings.c.trace_id, trace_embeddings.c.view).in_(left)
    await connection.execute(delete(trace_embeddings).where(gone, trace_embeddings.c.model == model))


async def _store(connection: AsyncConnection, rows: Sequence[dict[str, Any]]) -> None:
    """Write vectors, but for those of traces that were deleted meanwhile."""
    ids = {row["trace_id"] for row in rows}
    there = select(traces.c.id).where(traces.c.id.in_(ids)).order_by(traces.c.id)
    living = set(await connection.scalars(there.with_for_update(read=True, key_share=True)))
    kept = [row for row in rows if row["trace_id"] in living]
    if not kept:
        return
    statement = insert(trace_embeddings).values(kept)
    replaced = {column: statement.excluded[column] for column in ("content_hash", "embedding")}
    key = [trace_embeddings.c.trace_id, trace_embeddings.c.model, trace_embeddings.c.view]
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=replaced))
