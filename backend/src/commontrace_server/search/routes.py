"""Searching."""

from fastapi import APIRouter

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import EmbedderDep, EngineDep, StateDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.search import service
from commontrace_server.search.schemas import SearchRequest, SearchResponse
from commontrace_server.search.service import Asker, Kept

router = APIRouter(prefix="/v1", tags=["search"], responses=problems(*USUAL))


@router.post("/search")
async def search(
    request: SearchRequest, caller: CallerDep, engine: EngineDep, embedder: EmbedderDep, state: StateDep
) -> SearchResponse:
    """Find the traces that answer a query, or say that there is none."""
    places = [caller.check(place) for place in caller.readable(request.spaces)]
    kept = Kept(state.query_cache, state.lexicon)
    return await service.search(engine, embedder, request, kept, asker=Asker(caller.account_id, places))
