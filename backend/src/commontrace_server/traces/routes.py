"""Contributing and reading traces."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Query, Response, status

from commontrace_server.dependencies import ReadDep, WriteDep
from commontrace_server.traces import service
from commontrace_server.traces.schemas import IdempotencyKey, Trace, TraceDraft, TracePage

router = APIRouter(prefix="/v1/traces", tags=["traces"])


@router.post(
    "",
    status_code=status.HTTP_201_CREATED,
    responses={200: {"model": Trace, "description": "The store had this trace already."}},
)
async def create_trace(
    draft: TraceDraft,
    connection: WriteDep,
    response: Response,
    idempotency_key: Annotated[IdempotencyKey | None, Header()] = None,
) -> Trace:
    """Contribute a trace; it is found by its words at once, and by its meaning soon after."""
    trace, created = await service.create(connection, draft, key=idempotency_key)
    if not created:
        response.status_code = status.HTTP_200_OK
    return trace


@router.get("/{trace_id}")
async def get_trace(trace_id: UUID, connection: ReadDep) -> Trace:
    """Return one trace."""
    return await service.get(connection, trace_id)


@router.get("")
async def list_traces(
    connection: ReadDep,
    cursor: Annotated[str | None, Query(max_length=100)] = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> TracePage:
    """Return traces, newest first."""
    return await service.page(connection, cursor=cursor, limit=limit)
