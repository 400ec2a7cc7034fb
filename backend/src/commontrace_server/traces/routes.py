"""Contributing, reading, amending and retracting traces."""

from typing import Annotated, Any, Final, NamedTuple
from uuid import UUID

from fastapi import APIRouter, Depends, Header, Query, Response, status

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import EngineDep, ReadDep, WriteDep
from commontrace_server.documented import TRACE_LINKS, USUAL, problems
from commontrace_server.moderation import screening
from commontrace_server.traces import amending, deletion, relations, service
from commontrace_server.traces.schemas import (
    Amendment,
    IdempotencyKey,
    Trace,
    TraceDraft,
    TraceList,
    TracePage,
    TraceQuery,
    WholeTrace,
)

router = APIRouter(prefix="/v1/traces", tags=["traces"], responses=problems(*USUAL))

_KNOWN: Final[dict[int | str, dict[str, Any]]] = {
    200: {"model": WholeTrace, "description": "The store had this trace already.", "links": TRACE_LINKS},
    201: {"links": TRACE_LINKS},
}


class Screened(NamedTuple):
    """A draft, what a person should look at in it, and the columns that it determines."""

    draft: TraceDraft
    held_for: list[str]
    columns: dict[str, Any]


def _screened(draft: TraceDraft) -> Screened:
    return Screened(draft, screening.screened(draft), service.row_values(draft))


# A plain function, so that it is done in a thread; and before a connection is taken, which would wait for it.
ScreenedDep = Annotated[Screened, Depends(_screened)]


async def _amended(trace_id: UUID, amendment: Amendment, caller: CallerDep, engine: EngineDep) -> TraceDraft:
    async with engine.connect() as connection:
        return amending.amended(await service.find(connection, caller, trace_id), amendment)


def _screened_amendment(draft: Annotated[TraceDraft, Depends(_amended)]) -> Screened:
    return _screened(draft)


AmendmentDep = Annotated[Screened, Depends(_screened_amendment)]


@router.post("", status_code=status.HTTP_201_CREATED, responses=_KNOWN)
async def create_trace(
    screened: ScreenedDep,
    caller: CallerDep,
    connection: WriteDep,
    response: Response,
    idempotency_key: Annotated[IdempotencyKey | None, Header()] = None,
) -> WholeTrace:
    """Contribute a trace; it is found by its words at once, and by its meaning soon after.

    `similar` names traces that say nearly the same: vote for one of them instead, or retract this one. What
    holds a secret, or what no honest trace does, is refused; what a person should look at first is held.
    """
    draft = screened.draft
    place = caller.check(caller.named(draft.space))
    if draft.supersedes is not None:
        await amending.check_replaceable(connection, caller, place, draft.supersedes)
    trace, created = await service.create(
        connection,
        draft,
        key=idempotency_key,
        author=caller.account_id,
        place=place,
        moderator=caller.moderates(place),
        held_for=screened.held_for,
        columns=screened.columns,
        proposal=not caller.approved,
    )
    if not created:
        response.status_code = status.HTTP_200_OK
    return await relations.surrounded(connection, caller, trace)


@router.get("/{trace_id}")
async def get_trace(trace_id: UUID, caller: CallerDep, connection: ReadDep) -> WholeTrace:
    """Return one trace, with what is similar to it and what contradicts it."""
    trace = await service.find(connection, caller, trace_id)
    return await relations.surrounded(connection, caller, trace)


@router.get("")
async def list_traces(
    query: Annotated[TraceQuery, Query()], caller: CallerDep, connection: ReadDep
) -> TracePage:
    """Return the traces of every space that this account can read, newest first."""
    return await service.page(connection, caller, query)


@router.post("/{trace_id}/retract")
async def retract_trace(trace_id: UUID, caller: CallerDep, connection: WriteDep) -> Trace:
    """Take a trace back, as its author or a moderator of its space: nobody finds it any more."""
    return await service.retract(connection, caller, trace_id)


@router.delete("/{trace_id}", status_code=status.HTTP_204_NO_CONTENT, responses=problems(409))
async def delete_trace(trace_id: UUID, caller: CallerDep, connection: WriteDep) -> None:
    """Delete a trace of one's own for good, before others have spoken of it. It cannot be undone."""
    await deletion.delete(connection, caller, trace_id)


@router.post("/{trace_id}/amendments", status_code=status.HTTP_201_CREATED, responses=_KNOWN)
async def amend_trace(
    screened: AmendmentDep, caller: CallerDep, connection: WriteDep, response: Response
) -> WholeTrace:
    """Propose that a trace should read otherwise. The amendment is a trace that waits: read it, vote on it.

    It takes the place of the other when that one's author or a moderator applies it, or when enough others
    have confirmed it. Votes on the former text do not count for it.
    """
    draft = screened.draft
    place = caller.check(caller.named(draft.space))
    trace, created = await service.create(
        connection,
        draft,
        author=caller.account_id,
        place=place,
        held_for=screened.held_for,
        columns=screened.columns,
        proposal=True,
    )
    if not created:
        response.status_code = status.HTTP_200_OK
    return await relations.surrounded(connection, caller, trace)


@router.get("/{trace_id}/amendments")
async def list_amendments(trace_id: UUID, caller: CallerDep, connection: ReadDep) -> TraceList:
    """Return the traces that would replace this one, or have, newest first."""
    return await amending.proposals(connection, caller, trace_id)


@router.post("/{trace_id}/apply", responses=problems(409))
async def apply_amendment(trace_id: UUID, caller: CallerDep, connection: WriteDep) -> Trace:
    """Put an amendment in the place of what it amends, as the author of that or a moderator of the space."""
    return await amending.apply(connection, caller, trace_id)
