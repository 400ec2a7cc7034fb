"""Reporting traces, and what moderators do about them."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, status

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import ReadDep, WriteDep
from commontrace_server.documented import ENTRY_LINKS, USUAL, problems
from commontrace_server.moderation import reports, screening, service
from commontrace_server.moderation.schemas import (
    AuditQuery,
    Complaint,
    Decision,
    Entry,
    EntryPage,
    Queue,
    QueueQuery,
    Reasoned,
    Report,
)

router = APIRouter(prefix="/v1", tags=["moderation"], responses=problems(*USUAL))


@router.post(
    "/traces/{trace_id}/reports",
    status_code=status.HTTP_201_CREATED,
    responses={
        200: {"model": Report, "description": "Your report was open already; it reads like this now."}
    },
)
async def report_trace(
    trace_id: UUID, complaint: Complaint, caller: CallerDep, connection: WriteDep, response: Response
) -> Report:
    """Ask the moderators of a trace's space to look at it. A report alone hides nothing."""
    screening.check_note("reason", complaint.reason)
    report, created = await reports.file(connection, caller, trace_id, complaint.reason)
    if not created:
        response.status_code = status.HTTP_200_OK
    return report


@router.get("/moderation/queue")
async def list_queue(query: Annotated[QueueQuery, Query()], caller: CallerDep, connection: ReadDep) -> Queue:
    """Return what waits for a decision: pending, quarantined and reported traces where you moderate."""
    return await service.queue(connection, caller, query)


@router.post("/moderation/traces/{trace_id}/decide", responses=problems(409) | {200: {"links": ENTRY_LINKS}})
async def decide(trace_id: UUID, decision: Decision, caller: CallerDep, connection: WriteDep) -> Entry:
    """Publish a trace or put it in quarantine; the answer is the entry in the audit log, to undo it by."""
    if decision.note is not None:
        screening.check_note("note", decision.note)
    return await service.decide(connection, caller, trace_id, decision)


@router.get("/moderation/audit")
async def list_audit(
    query: Annotated[AuditQuery, Query()], caller: CallerDep, connection: ReadDep
) -> EntryPage:
    """Return what was done to traces where you moderate, by whom and why; entries are never changed."""
    return await service.log(connection, caller, query)


@router.post("/moderation/audit/{entry_id}/undo", responses=problems(409))
async def undo(entry_id: UUID, why: Reasoned, caller: CallerDep, connection: WriteDep) -> Entry:
    """Restore what an entry has changed, if the trace is still as the entry left it."""
    if why.note is not None:
        screening.check_note("note", why.note)
    return await service.undo(connection, caller, entry_id, why.note)
