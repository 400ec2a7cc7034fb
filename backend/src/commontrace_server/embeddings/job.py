"""The job that gives a trace its vectors."""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.tables import trace_embeddings, traces
from commontrace_server.embeddings import index, passages
from commontrace_server.embeddings.protocol import Embedder


async def embed_trace(engine: AsyncEngine, embedder: Embedder, trace_id: UUID) -> None:
    """Embed the views of a trace that have no vector of their present text yet.

    Does nothing when the trace is gone or up to date, so it may run any number of times. No connection is
    held while the embedder works.

    Raises:
        EmbeddingError: The texts could not be embedded; nothing is stored then.
    """
    async with engine.connect() as connection:
        trace = await _texts(connection, trace_id)
        known = await _known(connection, embedder.name, trace_id)
    if trace is None:
        return
    views = passages.views(**trace)
    hashes = {view: hashlib.sha256(passage.encode()).hexdigest() for view, passage in views.items()}
    missing = [view for view in views if known.get(view) != hashes[view]]
    if not missing and known.keys() == views.keys():
        return
    vectors = await embedder.embed([views[view] for view in missing])
    async with engine.begin() as connection:
        await index.ensure(connection, embedder.name, embedder.dimensions)
        rows = [
            {"view": view, "content_hash": hashes[view], "embedding": vector}
            for view, vector in zip(missing, vectors, strict=True)
        ]
        await _store(connection, trace_id, embedder.name, rows, keep=list(views))


async def _texts(connection: AsyncConnection, trace_id: UUID) -> dict[str, str] | None:
    columns = (traces.c.title, traces.c.context_text, traces.c.solution_text)
    row = (await connection.execute(select(*columns).where(traces.c.id == trace_id))).mappings().one_or_none()
    return None if row is None else dict(row)


async def _known(connection: AsyncConnection, model: str, trace_id: UUID) -> Mapping[str, str]:
    """View to the hash of the text that its vector was made of."""
    statement = select(trace_embeddings.c.view, trace_embeddings.c.content_hash).where(
        trace_embeddings.c.trace_id == trace_id, trace_embeddings.c.model == model
    )
    return {row.view: row.content_hash for row in await connection.execute(statement)}


async def _store(
    connection: AsyncConnection, trace_id: UUID, model: str, rows: list[dict[str, Any]], keep: list[str]
) -> None:
    """Write vectors and drop those of views that the trace no longer has, unless it was deleted meanwhile."""
    own = (trace_embeddings.c.trace_id == trace_id) & (trace_embeddings.c.model == model)
    await connection.execute(delete(trace_embeddings).where(own, trace_embeddings.c.view.not_in(keep)))
    lock = text("SELECT 1 FROM traces WHERE id = :id FOR KEY SHARE")
    if not rows or (await connection.execute(lock, {"id": trace_id})).one_or_none() is None:
        return
    statement = insert(trace_embeddings).values(
        [row | {"trace_id": trace_id, "model": model} for row in rows]
    )
    replaced = {column: statement.excluded[column] for column in ("content_hash", "embedding")}
    key = [trace_embeddings.c.trace_id, trace_embeddings.c.model, trace_embeddings.c.view]
    await connection.execute(statement.on_conflict_do_update(index_elements=key, set_=replaced))
