"""From one embedder to another while the store answers: new vectors beside the old ones, then a switch.

    serving ──another embedder is chosen──► still serving, the other one building ──all embedded──► retired

Traces are embedded in batches, each a job of its own that queues the next one: whoever ends in between, the
queue knows where to go on. A trace that cannot be embedded gets a job to itself, which is retried and in the
end given up; it holds up nobody. A provider that answers nothing at all is waited for.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.tables import embedding_models as models
from commontrace_server.database.tables import jobs, trace_embeddings, traces
from commontrace_server.embeddings import index
from commontrace_server.embeddings.job import embed_trace
from commontrace_server.embeddings.protocol import Embedder, EmbeddingError
from commontrace_server.embeddings.scale import FITTED, Scale, Unfitted, measured
from commontrace_server.jobs.queue import Job
from commontrace_server.traces.insertion import EMBED_JOB

RENEW_JOB: Final = "renew-embeddings"
FORGET_JOB: Final = "forget-embeddings"

BATCH: Final = 8  # traces per job: a contribution that waits for its vectors waits for one batch at most
FORGOTTEN: Final = 500  # traces per job whose old vectors are deleted
AWAY: Final = timedelta(seconds=30)  # until a provider that answers nothing is asked again
UNSETTLED: Final = timedelta(seconds=5)  # until the single jobs are looked at again
KEPT: Final = timedelta(minutes=10)  # other processes notice the switch long before
# Any constant works as long as it never changes.
_LOCK: Final = 8_412_907_316_255_093
_PROBE: Final = "Is anybody there?"


class Serving(NamedTuple):
    """The model that search asks, and the name that it was chosen by."""

    model: str
    choice: str


class Progress(NamedTuple):
    """How far the vectors of the next model are: `done` of `of` traces."""

    model: str
    done: int
    of: int


async def choose(engine: AsyncEngine, choice: str, embedder: Embedder) -> Serving:
    """Take note of the embedder that a store was started with; return the one that search asks for now.

    Where traces have vectors of another one, that one stays, and embedding anew begins or goes on.
    """
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        serving = await _serving(connection)
        if serving is not None and serving.model != embedder.name and await _has_vectors(connection, serving):
            await _set(connection, embedder.name, choice, "building")
            await _begin(connection, embedder.name)
            return serving
        if serving is not None and serving.model != embedder.name:
            await connection.execute(delete(models).where(models.c.model == serving.model))
        await _set(connection, embedder.name, choice, "serving")
        await _retire_others(connection, embedder.name)
        return Serving(embedder.name, choice)


async def serving(engine: AsyncEngine) -> Serving:
    """Return the embedder that search asks for, in a store that was started with one before."""
    async with engine.connect() as connection:
        found = await _serving(connection)
    assert found is not None, "the first embedder that is chosen serves, and one always does from then on"
    return found


async def scaled(engine: AsyncEngine, embedder: Embedder) -> Embedder:
    """Return an embedder that knows how its cosines compare; that is measured once per model.

    Raises:
        EmbeddingError: It had to be measured and could not be.
    """
    if embedder.name == FITTED:
        return embedder
    async with engine.connect() as connection:
        known = select(models.c.slope, models.c.intercept).where(models.c.model == embedder.name)
        row = (await connection.execute(known.where(models.c.slope.is_not(None)))).one_or_none()
    if row is not None:
        return Unfitted(embedder, Scale(*row))
    scale = await measured(embedder)
    async with engine.begin() as connection:
        await connection.execute(
            update(models).where(models.c.model == embedder.name).values(**scale._asdict())
        )
    return Unfitted(embedder, scale)


async def progress(connection: AsyncConnection) -> Progress | None:
    """Return how far the next model is; None when there is none."""
    newest = select(jobs.c.payload).where(jobs.c.kind == RENEW_JOB).order_by(jobs.c.id.desc()).limit(1)
    row = await connection.scalar(newest)
    return None if row is None else Progress(row["model"], row["done"], row["of"])


async def renew(engine: AsyncEngine, embedder: Embedder, job: Job) -> None:
    """Embed the next batch of traces anew, and queue what comes after it.

    A job for another model than `embedder` is left behind: somebody has chosen anew since.
    """
    state = dict(job.payload)
    if state["model"] != embedder.name:
        return
    async with engine.connect() as connection:
        batch = await _lacking(connection, embedder.name, state["after"])
    failed = [trace for trace in batch if not await _embedded(engine, embedder, trace)]
    if failed == batch and batch and not await _answers(embedder):
        await _queue(engine, RENEW_JOB, state, AWAY)
        return
    if not batch:
        await _finish(engine, state)
        return
    async with engine.begin() as connection:
        for trace in failed:
            await _add(connection, EMBED_JOB, {"trace_id": str(trace), "renews": embedder.name})
        after = {"after": str(batch[-1]), "done": state["done"] + len(batch)}
        await _add(connection, RENEW_JOB, state | after)


async def forget(engine: AsyncEngine, job: Job) -> None:
    """Delete the next vectors of a model that no search asks any more; its index goes first."""
    model, after = job.payload["model"], job.payload["after"]
    async with engine.connect() as connection:
        state = await connection.scalar(select(models.c.state).where(models.c.model == model))
    if state != "retired":
        return
    if after is None:
        await index.drop(engine, model)
    async with engine.begin() as connection:
        following = traces.c.id > UUID(after) if after else text("true")
        chosen = select(traces.c.id).where(following).order_by(traces.c.id).limit(FORGOTTEN)
        ids = list(await connection.scalars(chosen))
        gone = trace_embeddings.c.trace_id.in_(ids) & (trace_embeddings.c.model == model)
        await connection.execute(delete(trace_embeddings).where(gone))
        if ids:
            await _add(connection, FORGET_JOB, {"model": model, "after": str(ids[-1])})
        else:
            await connection.execute(delete(models).where(models.c.model == model))


async def _serving(connection: AsyncConnection) -> Serving | None:
    chosen = select(models.c.model, models.c.choice).where(models.c.state == "serving")
    row = (await connection.execute(chosen)).one_or_none()
    return None if row is None else Serving(*row)


async def _has_vectors(connection: AsyncConnection, old: Serving) -> bool:
    return bool(await connection.scalar(select(exists().where(trace_embeddings.c.model == old.model))))


async def _set(connection: AsyncConnection, model: str, choice: str, state: str) -> None:
    values = {"choice": choice, "state": state}
    statement = insert(models).values(model=model, **values)
    await connection.execute(statement.on_conflict_do_update(index_elements=[models.c.model], set_=values))


async def _retire_others(connection: AsyncConnection, model: str) -> None:
    """Whatever else was being built is called off; its vectors go after a while."""
    others = (models.c.model != model) & (models.c.state != "retired")
    retired = await connection.scalars(
        update(models).where(others).values(state="retired").returning(models.c.model)
    )
    await connection.execute(delete(jobs).where(jobs.c.kind == RENEW_JOB))
    for other in list(retired):
        await _add(connection, FORGET_JOB, {"model": other, "after": None}, KEPT)


async def _begin(connection: AsyncConnection, model: str) -> None:
    """Queue the first batch, unless this model's batches are under way; those of another are called off."""
    own = jobs.c.payload["model"].astext == model
    given_up = jobs.c.state == "failed"
    await connection.execute(delete(jobs).where(jobs.c.kind == RENEW_JOB, ~own | given_up))
    if await connection.scalar(select(exists().where(jobs.c.kind == RENEW_JOB))):
        return
    of = await connection.scalar(select(func.count()).select_from(traces))
    own = trace_embeddings.c.model == model
    done = await connection.scalar(select(func.count(trace_embeddings.c.trace_id.distinct())).where(own))
    await _add(connection, RENEW_JOB, {"model": model, "after": None, "done": done, "of": of})


async def _lacking(connection: AsyncConnection, model: str, after: str | None) -> list[UUID]:
    own = (trace_embeddings.c.trace_id == traces.c.id) & (trace_embeddings.c.model == model)
    chosen = select(traces.c.id).where(~exists().where(own)).order_by(traces.c.id).limit(BATCH)
    if after is not None:
        chosen = chosen.where(traces.c.id > UUID(after))
    return list(await connection.scalars(chosen))


async def _embedded(engine: AsyncEngine, embedder: Embedder, trace: UUID) -> bool:
    try:
        await embed_trace(engine, embedder, trace)
    except EmbeddingError:
        return False  # its own job says why, if it fails there too
    return True


async def _answers(embedder: Embedder) -> bool:
    try:
        await embedder.embed([_PROBE])
    except EmbeddingError:
        return False
    return True


async def _finish(engine: AsyncEngine, state: dict[str, Any]) -> None:
    """Switch, once no trace's single job is left that could still end well."""
    model = state["model"]
    single = (jobs.c.kind == EMBED_JOB) & (jobs.c.payload["renews"].astext == model)
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if await connection.scalar(select(exists().where(single, jobs.c.state != "failed"))):
            await _add(connection, RENEW_JOB, state, UNSETTLED)
            return
        known = await connection.scalar(select(models.c.choice).where(models.c.model == model))
        await _retire_others(connection, model)
        await _set(connection, model, str(known), "serving")


async def _queue(engine: AsyncEngine, kind: str, payload: dict[str, Any], delay: timedelta) -> None:
    async with engine.begin() as connection:
        await _add(connection, kind, payload, delay)


async def _add(
    connection: AsyncConnection, kind: str, payload: dict[str, Any], delay: timedelta = timedelta()
) -> None:
    when = datetime.now(UTC) + delay
    await connection.execute(insert(jobs).values(kind=kind, payload=payload, run_at=when))
