"""GET /metrics, for whoever has the token of the metrics or an administrator's key."""

import secrets

from fastapi import APIRouter, Depends, Request, Response

from commontrace_server.accounts.authentication import BearerDep, authenticate
from commontrace_server.dependencies import StateDep
from commontrace_server.refusals import NotObservedError

router = APIRouter(tags=["health"])


async def _may_read(request: Request, state: StateDep, bearer: BearerDep) -> None:
    """Let the token pass without the database, which may be what is wrong."""
    given = bearer.credentials.encode() if bearer is not None else b""
    token = state.metrics_token
    if token is None or not secrets.compare_digest(given, token.encode()):
        await authenticate(request, bearer)


@router.get("/metrics", include_in_schema=False, dependencies=[Depends(_may_read)])
async def metrics(state: StateDep) -> Response:
    """Return the metrics in Prometheus' text format."""
    if state.metrics is None:
        raise NotObservedError
    return Response(await state.metrics.rendered(state.engine), media_type="text/plain; version=0.0.4")
