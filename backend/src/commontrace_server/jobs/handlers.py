"""The jobs that every store does, embedder or not."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import jobs
from commontrace_server.jobs import queue, routine
from commontrace_server.jobs.poller import Handler
from commontrace_server.jobs.queue import Job
from commontrace_server.moderation import expiry
from commontrace_server.reputation import contributors, recount
from commontrace_server.transfer import imports

# A job takes on no more than this, well within its time, and queues another for the rest.
EXPIRED: Final = 1000
RECOUNTED: Final = 500


def handlers(engine: AsyncEngine) -> Mapping[str, Handler]:
    """Return what to do for each kind of job."""

    async def refresh(_job: Job) -> None:
        """What was queued until now is done with this one."""
        waiting = (jobs.c.kind == routine.REFRESH) & (jobs.c.state == "queued")
        async with engine.begin() as connection:
            await connection.execute(delete(jobs).where(waiting))
        await contributors.refresh(engine)

    async def recount_root(job: Job) -> None:
        """The standing of a root has changed, or who belongs to it."""
        root = job.payload["root"]
        async with engine.connect() as connection:
            judged = await recount.judged_by(connection, UUID(root), job.payload.get("after"), most=RECOUNTED)
        await recount.recount_all(engine, judged)
        if len(judged) < RECOUNTED:
            await contributors.refresh(engine)
            return
        async with engine.begin() as connection:
            await queue.enqueue(connection, routine.RECOUNT, {"root": root, "after": str(judged[-1])})

    async def expire(_job: Job) -> None:
        """What has run out."""
        if await expiry.expire(engine, EXPIRED) >= EXPIRED:
            async with engine.begin() as connection:
                await queue.enqueue(connection, routine.EXPIRE, {})

    async def nightly(_job: Job) -> None:
        """Queue the night's work, and the next night first, so that a failure is not the last of it."""
        async with engine.begin() as connection:
            await routine.nightly(connection)
        async with engine.begin() as connection:
            for root in await recount.change_standing(connection):
                await routine.root_changed(connection, root)
            await queue.enqueue(connection, routine.EXPIRE, {})
            await routine.soon(connection, routine.REFRESH, timedelta())
        await imports.forget_old(engine)

    async def work_off(job: Job) -> None:
        """A batch of an import."""
        await imports.work(engine, job)

    return {
        imports.IMPORT_JOB: work_off,
        routine.EXPIRE: expire,
        routine.REFRESH: refresh,
        routine.RECOUNT: recount_root,
        routine.NIGHTLY: nightly,
    }
