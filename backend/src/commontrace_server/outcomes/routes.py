"""Telling how a trace turned out."""

from uuid import UUID

from fastapi import APIRouter, Response, status

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import WriteDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.moderation import screening
from commontrace_server.outcomes import service
from commontrace_server.outcomes.schemas import Observation, Outcome
from commontrace_server.reputation import voices

router = APIRouter(prefix="/v1/traces", tags=["outcomes"], responses=problems(*USUAL))


@router.post(
    "/{trace_id}/outcomes",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {"model": Outcome, "description": "The session had an outcome; this one is in its place."}
    },
)
async def post_outcome(
    trace_id: UUID, seen: Observation, caller: CallerDep, connection: WriteDep, response: Response
) -> Outcome:
    """Tell whether a trace worked; one outcome per session, the same again changes nothing."""
    screening.check_note(
        "packages", "\n".join(f"{name} {version}" for name, version in seen.packages.items())
    )
    claimed = await voices.claim(connection, trace_id, caller)
    outcome, created = await service.record(connection, claimed, seen)
    if not created:
        response.status_code = status.HTTP_200_OK
    return outcome
