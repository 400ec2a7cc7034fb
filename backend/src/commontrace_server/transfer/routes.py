"""Exporting and importing spaces."""

from collections.abc import AsyncIterator
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse
from starlette.exceptions import HTTPException

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import EngineDep, ReadDep, StateDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.traces.schemas import SpaceSlug
from commontrace_server.transfer import imports, intake, service
from commontrace_server.transfer.schemas import Imported, ImportStatus, Line

router = APIRouter(prefix="/v1", tags=["transfer"], responses=problems(*USUAL))

JSON_LINES: Final = "application/x-ndjson"
MAX_LINES: Final = 100_000
_AS_A_JOB: Final = "respond-async"  # RFC 7240

SpaceQuery = Annotated[
    SpaceSlug | None, Query(description="The space's slug; without it, your personal one.")
]

PreferHeader = Annotated[str | None, Header(description="`respond-async`: as a job.")]


def _lines_of(model: Any, description: str) -> dict[str, Any]:
    """An OpenAPI body of JSON documents, one per line."""
    schema = {"type": "string", "description": f"One JSON document per line: {model.__name__}."}
    return {"description": description, "content": {JSON_LINES: {"schema": schema}}}


@router.get("/export", response_class=Response, responses={200: _lines_of(Line, "The traces, oldest first.")})
async def export_space(caller: CallerDep, engine: EngineDep, space: SpaceQuery = None) -> StreamingResponse:
    """Return the traces of a space, one JSON document per line; an import takes them back."""
    place = caller.check(caller.named(space))

    async def written() -> AsyncIterator[str]:
        async for line in service.export(engine, caller, place):
            yield line.model_dump_json() + "\n"

    return StreamingResponse(written(), media_type=JSON_LINES)


@router.post(
    "/import",
    response_class=Response,
    openapi_extra={"requestBody": {"required": True, **_lines_of(Line, "Traces, as an export writes them.")}},
    responses={
        200: _lines_of(Imported, "What became of each line, in order."),
        202: {
            "description": "Accepted as a job; `Location` tells how far it is.",
            "model": ImportStatus,
        },
    },
)
async def import_space(
    request: Request,
    caller: CallerDep,
    state: StateDep,
    prefer: PreferHeader = None,
    space: SpaceQuery = None,
) -> Response:
    """Add traces, one JSON document per line. Those that the space has already stay as they are.

    The stream is worked off as it arrives; when it breaks off, send it again: nothing is added twice. With
    `Prefer: respond-async` it is kept, and accepted as a job when all of it has arrived.
    """
    place = caller.check(caller.named(space))
    if _AS_A_JOB in (prefer or "").lower():
        accepted = await imports.receive(state.engine, caller, place, request.stream())
        state.poller.wake()
        headers = {"Location": f"/v1/imports/{accepted.id}", "Preference-Applied": _AS_A_JOB}
        return JSONResponse(accepted.model_dump(mode="json"), 202, headers)
    report = bytearray()
    lines = 0
    async for imported in intake.take(state.engine, caller, place, request.stream()):
        report += imported.model_dump_json(exclude_none=True).encode() + b"\n"
        lines += 1
        if lines == MAX_LINES:
            raise HTTPException(413, f"At most {MAX_LINES} lines per request. Send the rest in another one.")
    state.poller.wake()
    return Response(bytes(report), media_type=JSON_LINES)


@router.get("/imports/{import_id}")
async def get_import(
    import_id: UUID,
    caller: CallerDep,
    connection: ReadDep,
    after: Annotated[int, Query(ge=0, le=imports.MAX_LINES, description="Refused lines after this one.")] = 0,
) -> ImportStatus:
    """Tell how far an import is that was accepted as a job; only who sent it may ask."""
    return await imports.status(connection, caller.account_id, import_id, after)
