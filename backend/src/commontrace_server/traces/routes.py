"""Contributing and reading traces."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response, status

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import ReadDep, WriteDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.traces import service
from commontrace_server.traces.schemas import IdempotencyKey, Trace, TraceDraft, TracePage, TraceQuery

router = APIRouter(prefix="/v1/traces", tags=["traces"], responses=problems(*USUAL))


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": Trace, "description": "The store had this trace already."}},
)
async def create_trace(
    draft: TraceDraft,
    caller: CallerDep,
    connection: WriteDep,
    response: Response,
    idempotency_key: Annotated[IdempotencyKey | None, Header()] = None,
) -> Trace:
    """Contribute a trace; it is found by its words at once, and by its meaning soon after."""
    place = caller.check(caller.named(draft.space))
    trace, created = await service.create(
        connection, draft, key=idempotency_key, author=caller.account_id, place=place
    )
    if not created:
        response.status_code = status.HTTP_200_OK
    return trace


@router.get("/{trace_id}")
async def get_trace(trace_id: UUID, caller: CallerDep, connection: ReadDep) -> Trace:
    """Return one trace."""
    return await service.find(connection, caller, trace_id)


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
