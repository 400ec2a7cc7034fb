"""Reading the reputation of contributors."""

from uuid import UUID

from fastapi import APIRouter

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import ReadDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.reputation import contributors
from commontrace_server.reputation.schemas import Contributor

router = APIRouter(prefix="/v1/contributors", tags=["reputation"], responses=problems(*USUAL))


@router.get("/{account_id}")
async def get_contributor(account_id: UUID, caller: CallerDep, connection: ReadDep) -> Contributor:
    """Return an account's reputation, overall and per tag, from what you can see of it.

    It is derived from weighted votes and outcomes and brought up to date soon after they change.
    """
    return await contributors.find(connection, caller, account_id)
