"""healthz, readyz and the lease."""

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel, Field

from commontrace_server.database.migrate import HEAD, current_revision
from commontrace_server.dependencies import ReadDep, StateDep
from commontrace_server.documented import problems
from commontrace_server.embeddings import renewal
from commontrace_server.health.lease import Lease
from commontrace_server.refusals import NotMigratedError
from commontrace_server.state import EmbedderStatus

router = APIRouter(tags=["health"])
lease_router = APIRouter(tags=["health"], responses=problems(401, 503))


class Health(BaseModel):
    """The process is up."""

    status: Literal["ok"] = "ok"


class Renewal(BaseModel):
    """Traces that have vectors of the next model, of those that there were when it began."""

    model: str
    done: int
    of: int


class Readiness(Health):
    """The store can do its work; `embedder` says whether search by meaning can, too."""

    embedder: EmbedderStatus
    renewal: Renewal | None = Field(
        default=None, description="How far the traces are with the embedder that comes next."
    )


@router.get("/healthz")
async def healthz() -> Health:
    """Return 200 as long as the process answers at all."""
    return Health()


@router.get("/readyz", responses=problems(503), response_model_exclude_none=True)
async def readyz(connection: ReadDep, state: StateDep) -> Readiness:
    """Return 200 when the database answers and its migrations are current."""
    if await current_revision(connection) != HEAD:
        raise NotMigratedError
    if state.embedder_status != "renewing":
        return Readiness(embedder=state.embedder_status)
    found = await renewal.progress(connection)
    return Readiness(embedder="renewing", renewal=None if found is None else Renewal(**found._asdict()))


@lease_router.get("/v1/lease", response_class=Response)
async def lease(state: StateDep) -> Lease:
    """Hold the local store open: it does not end while this response is being read."""
    return Lease(state.stopping)
