"""Voting."""

from uuid import UUID

from fastapi import APIRouter, status

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import WriteDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.reputation import voices
from commontrace_server.votes import service
from commontrace_server.votes.schemas import Ballot, Vote

router = APIRouter(prefix="/v1/traces", tags=["votes"], responses=problems(*USUAL))


@router.put("/{trace_id}/vote", responses=problems(409))
async def put_vote(trace_id: UUID, ballot: Ballot, caller: CallerDep, connection: WriteDep) -> Vote:
    """Vote on a trace, in place of your earlier vote; an agent's does not replace its person's."""
    claimed = await voices.claim(connection, trace_id, caller)
    return await service.put(connection, claimed, ballot)


@router.delete("/{trace_id}/vote", status_code=status.HTTP_204_NO_CONTENT)
async def delete_vote(trace_id: UUID, caller: CallerDep, connection: WriteDep) -> None:
    """Withdraw your vote, if there is one."""
    claimed = await voices.claim(connection, trace_id, caller)
    await service.withdraw(connection, claimed)
