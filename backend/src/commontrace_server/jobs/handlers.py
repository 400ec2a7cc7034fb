"""The jobs that every store does, embedder or not."""

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.tables import jobs
from commontrace_server.jobs import routine
from commontrace_server.jobs.poller import Handler
from commontrace_server.jobs.queue import Job
from commontrace_server.moderation import expiry
from commontrace_server.reputation import contributors, recount
from commontrace_server.transfer import imports


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
        async with engine.connect() as connection:
            judged = await recount.judged_by(connection, UUID(job.payload["root"]))
        await recount.recount_all(engine, judged)
        await contributors.refresh(engine)

    async def nightly(_job: Job) -> None:
        """The next night is queued first, so that a failure is not the last of it."""
        async with engine.begin() as connection:
            await routine.nightly(connection)
        await expiry.expire(engine)
        await imports.forget_old(engine)
        await recount.renew_standing(engine)
        await contributors.refresh(engine)

    async def work_off(job: Job) -> None:
        """A batch of an import."""
        await imports.work(engine, job)

    return {
        imports.IMPORT_JOB: work_off,
        routine.REFRESH: refresh,
        routine.RECOUNT: recount_root,
        routine.NIGHTLY: nightly,
    }
