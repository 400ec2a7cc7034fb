"""Searching."""

from collections.abc import Mapping
from typing import Final

from fastapi import APIRouter

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import EmbedderDep, EngineDep, StateDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.search import service
from commontrace_server.search.schemas import SearchRequest, SearchResponse
from commontrace_server.search.service import NO_MODEL, Asker, Kept
from commontrace_server.state import EmbedderStatus

router = APIRouter(prefix="/v1", tags=["search"], responses=problems(*USUAL))

_WHY_NOT: Final[Mapping[EmbedderStatus, str]] = {
    "off": NO_MODEL,
    "loading": "its model is still loading",
    "failed": "its model cannot be loaded, the store's log says why",
    "renewing": "its former model cannot be loaded, and the new one is not done yet",
}


@router.post("/search")
async def search(
    request: SearchRequest, caller: CallerDep, engine: EngineDep, embedder: EmbedderDep, state: StateDep
) -> SearchResponse:
    """Find the traces that answer a query, or say that there is none."""
    places = [caller.check(place) for place in caller.readable(request.spaces)]
    kept = Kept(state.query_cache, state.lexicon, state.rankings)
    asker = Asker(caller.account_id, places, caller.snapshot)
    why_not = _WHY_NOT.get(state.embedder_status, NO_MODEL)
    return await service.search(engine, embedder, request, kept, asker=asker, why_not=why_not)
