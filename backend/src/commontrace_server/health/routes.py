"""healthz, readyz and the lease."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from commontrace_server.database.migrate import HEAD, current_revision
from commontrace_server.dependencies import ReadDep, StateDep
from commontrace_server.documented import problems
from commontrace_server.health.lease import Lease
from commontrace_server.refusals import NotMigratedError

router = APIRouter(tags=["health"])
lease_router = APIRouter(tags=["health"], responses=problems(401, 503))


class Health(BaseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"


class Readiness(Health):
    """The store can do its work; `embedder` says whether search by meaning can, too."""

    embedder: Literal["ready", "loading", "off", "failed"]


@router.get("/healthz")
async def healthz() -> Health:
    """Return 200 as long as the process answers at all."""
    return Health()


@router.get("/readyz", responses=problems(503))
async def readyz(connection: ReadDep, state: StateDep) -> Readiness:
    """Return 200 when the database answers and its migrations are current."""
    if await current_revision(connection) != HEAD:
        raise NotMigratedError
    return Readiness(embedder=state.embedder_status)


@lease_router.get("/v1/lease", response_class=Response)
async def lease(state: StateDep) -> Lease:
    """Hold the local store open: it does not end while this response is being read."""
    return Lease(state.stopping)
