"""Replacing a trace by a better one: by its author, by a moderator, or by proposal."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller, Place
from commontrace_server.database.tables import traces
from commontrace_server.moderation import audit, publication
from commontrace_server.moderation.lifecycle import first_status
from commontrace_server.refusals import (
    HeldError,
    NotAnAmendmentError,
    NotReplaceableError,
    TransitionError,
)
from commontrace_server.traces import rows, service
from commontrace_server.traces.access import visible
from commontrace_server.traces.schemas import MAX_SIGNATURES, Amendment, Trace, TraceDraft, TraceList

_MOST = 100


async def check_replaceable(
    connection: AsyncConnection, caller: Caller, place: Place, trace_id: UUID
) -> None:
    """Check that the caller may put another trace of this space in a trace's place.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        NotReplaceableError: It is neither the caller's own nor the caller a moderator, or it lives elsewhere.
    """
    former = await service.seen(connection, caller, trace_id)
    own = former.author == caller.account_id
    if former.space != place.slug or not (own or caller.moderates(place)):
        raise NotReplaceableError


def amended(trace: Trace, amendment: Amendment) -> TraceDraft:
    """Return the draft that an amendment makes of a trace."""
    said = amendment.model_dump(exclude_none=True)
    kept = {name: getattr(trace, name) for name in ("title", "context_text", "solution_text", "tags", "kind")}
    environment = amendment.environment or trace.environment
    return TraceDraft.model_validate(
        kept
        | {"valid_until": trace.valid_until, "supersedes": trace.id, "space": trace.space}
        | {"signatures": trace.signatures[:MAX_SIGNATURES]}
        | said
        | {"environment": environment.model_dump()}
    )


async def proposals(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> TraceList:
    """Return the traces that would replace this one, or have, newest first.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
    """
    former = await service.find(connection, caller, trace_id)
    same = traces.c.space_id == caller.named(former.space).id
    query = rows.query(caller.account_id, visible(caller), traces.c.supersedes == former.id, same)
    found = await connection.execute(query.order_by(traces.c.id.desc()).limit(_MOST))
    return TraceList(items=[rows.trace(row) for row in found.mappings()])


async def apply(connection: AsyncConnection, caller: Caller, trace_id: UUID) -> Trace:
    """Put an amendment in the place of what it amends, as the author of that or as a moderator.

    By a moderator it is published. By the author it becomes what a new contribution of theirs would be: in a
    public space it has to be confirmed anew, since what was confirmed was another text.

    Raises:
        TraceNotFoundError: There is none with this id that the caller may know of.
        NotAnAmendmentError: It amends nothing, or does not wait for a decision.
        HeldError: A moderator has to look at it first.
        TransitionError: What it amends cannot be superseded any more.
    """
    trace = await service.seen(connection, caller, trace_id)
    place = caller.named(trace.space)
    await audit.state(connection, trace.id)  # locked before what it replaces, as everywhere
    former = await _former(connection, place, trace)
    own = former is not None and former.author == caller.account_id
    caller.check(place, own=own)
    if former is None or trace.status != "pending" or former.superseded_by == trace.id:
        raise NotAnAmendmentError
    moderator = caller.moderates(place)
    if not caller.approved:
        raise HeldError("not approved by the person")
    if trace.held_for and not moderator:
        raise HeldError(", ".join(trace.held_for))
    status = first_status(space_kind=place.kind, moderator=moderator, held=False, proposal=False)
    if status == "published":
        await audit.move(connection, trace.id, "published", act="apply", actor=caller.account_id, held_for=[])
    if not await publication.replace_former(connection, trace.id, actor=caller.account_id):
        raise TransitionError(former.status, "superseded")
    return await service.get(connection, trace.id, caller.account_id)


async def _former(connection: AsyncConnection, place: Place, trace: Trace) -> Trace | None:
    if trace.supersedes is None:
        return None
    locked = select(traces.c.id).where(traces.c.id == trace.supersedes, traces.c.space_id == place.id)
    if await connection.scalar(locked.with_for_update(key_share=True)) is None:
        return None
    return await service.get(connection, trace.supersedes)
