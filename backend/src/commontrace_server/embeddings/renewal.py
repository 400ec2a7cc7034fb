"""The job that queues embedding for every trace that the embedder in use has no vector of."""

from typing import Final

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.jobs.queue import Job

REEMBED: Final = "re-embed"
BATCH: Final = 1000  # so that what people contribute meanwhile waits behind no more than these

# Newest first: they are asked for most. Traces that wait for a vector already are left out.
_QUEUE: Final = text("""
INSERT INTO jobs (kind, payload)
SELECT :embed, jsonb_build_object('trace_id', traces.id)
FROM traces
WHERE traces.status IN ('pending', 'published')
  AND NOT EXISTS (SELECT FROM trace_embeddings
                  WHERE trace_embeddings.trace_id = traces.id AND trace_embeddings.model = :model)
  AND NOT EXISTS (SELECT FROM jobs WHERE kind = :embed AND payload->>'trace_id' = traces.id::text)
ORDER BY traces.id DESC
LIMIT :batch
""")
_ASK: Final = text("""
INSERT INTO jobs (kind, payload, run_at)
SELECT :kind, jsonb_build_object('model', CAST(:model AS text)), now() + make_interval(secs => :delay)
WHERE NOT EXISTS (SELECT FROM jobs
                  WHERE kind = :kind AND state = 'queued' AND payload->>'model' = CAST(:model AS text))
""")
_NEXT_SECONDS: Final = 30.0


async def ask(connection: AsyncConnection, model: str, delay: float = 0.0) -> None:
    """Queue the job for the embedder called `model`, unless it waits already."""
    await connection.execute(_ASK, {"kind": REEMBED, "model": model, "delay": delay})


async def renew(engine: AsyncEngine, job: Job, embed_kind: str) -> None:
    """Queue embedding for the next batch of traces, and this job again until there are no more."""
    model = job.payload["model"]
    async with engine.begin() as connection:
        parameters = {"embed": embed_kind, "model": model, "batch": BATCH}
        queued = (await connection.execute(_QUEUE, parameters)).rowcount
        if queued == BATCH:
            await ask(connection, model, _NEXT_SECONDS)
