"""Imports as jobs: a file is kept as it arrives, accepted, and worked off batch by batch.

A batch's traces, its refusals, the counts and the job for the next batch are one transaction, in which the
batch is deleted as well. So whatever is killed, no line is done twice and none is left out.
"""

from collections.abc import AsyncIterable, Mapping, Sequence
from datetime import timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.accounts.standing import Caller, Place
from commontrace_server.database.tables import import_batches, import_refusals, imports, jobs, spaces
from commontrace_server.ids import new_id
from commontrace_server.jobs import queue
from commontrace_server.jobs.queue import Job
from commontrace_server.refusals import ImportNotFoundError, ImportTooLongError, TooManyImportsError
from commontrace_server.transfer import intake, service
from commontrace_server.transfer.intake import Batch
from commontrace_server.transfer.schemas import ImportStatus, RefusedLine
from commontrace_server.transfer.service import Sender

IMPORT_JOB: Final = "import"
MAX_LINES: Final = 1_000_000
MAX_WAITING: Final = 8  # of one account
REFUSALS_SHOWN: Final = 100
KEPT: Final = timedelta(days=30)
_CUT_OFF: Final = timedelta(days=1)  # after which a file of which the rest has not come will not come
_TOO_LONG: Final = f"longer than {intake.LINE_BYTES} bytes"


async def receive(
    engine: AsyncEngine, caller: Caller, place: Place, chunks: AsyncIterable[bytes]
) -> ImportStatus:
    """Keep the lines of a stream and accept them as a job; returns when that has been committed.

    Raises:
        TooManyImportsError: The account has enough that wait.
        ImportTooLongError: The file has too many lines.
    """
    import_id, sender = new_id(), Sender.of(caller, place)
    async with engine.begin() as connection:
        await _check_room(connection, caller.account_id)
        values = {"id": import_id, "account_id": sender.account_id, "space_id": place.id}
        allowed = {"moderates": sender.moderates, "approved": sender.approved}
        await connection.execute(insert(imports).values(values | allowed))
    lines = 0
    try:
        async for batch in intake.batches(chunks):
            lines += len(batch.lines)
            async with engine.begin() as connection:
                await _keep(connection, import_id, batch)
    except BaseException:
        # If this does not succeed either, the next night does it.
        async with engine.begin() as connection:
            await connection.execute(delete(imports).where(imports.c.id == import_id))
        raise
    async with engine.begin() as connection:
        job_id = await _queue(connection, import_id)
        await _change(connection, import_id, lines=lines, job_id=job_id)
        return await status(connection, caller.account_id, import_id)


async def status(
    connection: AsyncConnection, account_id: UUID, import_id: UUID, after: int = 0
) -> ImportStatus:
    """Tell how far an import of an account is, with the first refused lines after line `after`.

    Raises:
        ImportNotFoundError: The account has sent none of this id.
    """
    query = (
        select(imports, spaces.c.slug, jobs.c.state)
        .join(spaces, spaces.c.id == imports.c.space_id)
        .outerjoin(jobs, jobs.c.id == imports.c.job_id)
        .where(imports.c.id == import_id, imports.c.account_id == account_id)
    )
    row = (await connection.execute(query)).one_or_none()
    if row is None:
        raise ImportNotFoundError
    refused = (
        select(import_refusals.c.line, import_refusals.c.detail)
        .where(import_refusals.c.import_id == import_id, import_refusals.c.line > after)
        .order_by(import_refusals.c.line)
        .limit(REFUSALS_SHOWN)
    )
    return ImportStatus(
        **row._mapping,  # noqa: SLF001  SQLAlchemy's public name
        space=row.slug,
        status=_state(row),
        done=row.created + row.existing + row.refused,
        refusals=[
            RefusedLine(line=line, detail=detail) for line, detail in await connection.execute(refused)
        ],
    )


def _state(row: Row[Any]) -> Literal["queued", "running", "done", "failed"]:
    if row.finished_at is not None:
        return "done"
    if row.state == "failed":
        return "failed"
    return "running" if row.created + row.existing or row.state == "running" else "queued"


async def work(engine: AsyncEngine, job: Job) -> None:
    """Store the next batch of an import and queue what comes after it, or end the import."""
    import_id = UUID(job.payload["import_id"])
    async with engine.connect() as connection:
        sender = await _sender(connection, import_id, job)
        found = None if sender is None else await _next(connection, import_id)
    if sender is None:
        return
    first, batch = found or (0, Batch())
    judged = await intake.prepared(sender, batch)
    async with engine.begin() as connection:
        own = select(imports.c.id).where(imports.c.id == import_id, imports.c.job_id == job.id)
        if (await connection.execute(own.with_for_update())).one_or_none() is None:
            return
        if found is None:
            await _change(connection, import_id, finished_at=func.now(), job_id=None)
            return
        await _store(connection, import_id, sender, judged)
        done = (import_batches.c.import_id == import_id) & (import_batches.c.first_line == first)
        await connection.execute(delete(import_batches).where(done))
        await _change(connection, import_id, job_id=await _queue(connection, import_id))


async def forget_old(engine: AsyncEngine) -> None:
    """Delete imports that have long ended, and those whose sender went away in the middle."""
    ended = imports.c.finished_at < func.now() - KEPT
    cut_off = imports.c.job_id.is_(None) & imports.c.finished_at.is_(None)
    cut_off &= imports.c.created_at < func.now() - _CUT_OFF
    async with engine.begin() as connection:
        await connection.execute(delete(imports).where(ended | cut_off))


async def _check_room(connection: AsyncConnection, account_id: UUID) -> None:
    waiting = select(func.count()).where(imports.c.account_id == account_id, imports.c.job_id.is_not(None))
    if (await connection.scalar(waiting) or 0) >= MAX_WAITING:
        raise TooManyImportsError(MAX_WAITING)


async def _keep(connection: AsyncConnection, import_id: UUID, batch: Batch) -> None:
    """Write a batch down; lines that are too long are refused at once."""
    contents = dict(batch.lines)
    first, last = batch.lines[0][0], batch.lines[-1][0]
    if last > MAX_LINES:
        raise ImportTooLongError(MAX_LINES)
    # blank where there is nothing to take: so each line keeps its number
    content = b"\n".join(contents.get(number) or b"" for number in range(first, last + 1))
    values = {"import_id": import_id, "first_line": first, "content": content}
    await connection.execute(insert(import_batches).values(values))
    await _refuse(
        connection, import_id, {line: _TOO_LONG for line, content in batch.lines if content is None}
    )


async def _store(
    connection: AsyncConnection,
    import_id: UUID,
    sender: Sender,
    judged: Sequence[tuple[int, dict[str, Any] | str]],
) -> None:
    """Add the traces of some lines, and write down how many, and which lines were refused."""
    rows = [entry for _, entry in judged if not isinstance(entry, str)]
    refused = {line: entry for line, entry in judged if isinstance(entry, str)}
    arrived = await service.add(connection, sender.place, rows) if rows else []
    created = sum(one.created for one in arrived)
    await _change(
        connection,
        import_id,
        created=imports.c.created + created,
        existing=imports.c.existing + len(arrived) - created,
    )
    await _refuse(connection, import_id, refused)


async def _refuse(connection: AsyncConnection, import_id: UUID, refused: Mapping[int, str]) -> None:
    if refused:
        rows = [{"import_id": import_id, "line": line, "detail": detail} for line, detail in refused.items()]
        await connection.execute(insert(import_refusals), rows)
        await _change(connection, import_id, refused=imports.c.refused + len(refused))


async def _change(connection: AsyncConnection, import_id: UUID, **values: Any) -> None:
    await connection.execute(update(imports).where(imports.c.id == import_id).values(values))


async def _queue(connection: AsyncConnection, import_id: UUID) -> int:
    payload = {"import_id": str(import_id)}
    (job_id,) = await queue.enqueue_all(connection, IMPORT_JOB, [payload], priority=queue.OF_AN_IMPORT)
    return job_id


async def _sender(connection: AsyncConnection, import_id: UUID, job: Job) -> Sender | None:
    """Whose import it is; None if it is gone, or another job's turn: this one was done and not forgotten."""
    query = select(imports, spaces.c.slug, spaces.c.kind).join(spaces, spaces.c.id == imports.c.space_id)
    own = (imports.c.id == import_id) & (imports.c.job_id == job.id)
    row = (await connection.execute(query.where(own))).one_or_none()
    if row is None:
        return None
    # what the role allows was written down when the file came
    place = Place(row.space_id, row.slug, row.kind, role="contributor")
    return Sender(row.account_id, place, row.moderates, row.approved)


async def _next(connection: AsyncConnection, import_id: UUID) -> tuple[int, Batch] | None:
    """Return the next batch and the line that it begins with, which is its name."""
    query = select(import_batches.c.first_line, import_batches.c.content)
    query = query.where(import_batches.c.import_id == import_id).order_by(import_batches.c.first_line)
    row = (await connection.execute(query.limit(1))).one_or_none()
    if row is None:
        return None
    lines = enumerate(row.content.split(b"\n"), row.first_line)
    return row.first_line, Batch([(number, line) for number, line in lines if line.strip()])
