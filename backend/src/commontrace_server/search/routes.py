"""Searching."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import EmbedderDep, EngineDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.search import service
from commontrace_server.search.schemas import SearchRequest, SearchResponse
from commontrace_server.search.service import Asker

router = APIRouter(prefix="/v1", tags=["search"], responses=problems(*USUAL))


async def _query_cache(request: Request) -> QueryCache:
    """The app's one cache of query vectors, made when the first search asks for it."""
    state = request.app.state
    if not hasattr(state, "query_cache"):
        state.query_cache = QueryCache()
    cache: QueryCache = state.query_cache
    return cache


QueryCacheDep = Annotated[QueryCache, Depends(_query_cache)]


@router.post("/search")
async def search(
    request: SearchRequest, caller: CallerDep, engine: EngineDep, embedder: EmbedderDep, cache: QueryCacheDep
) -> SearchResponse:
    """Find the traces that answer a query, or say that there is none."""
    places = [caller.check(place) for place in caller.readable(request.spaces)]
    return await service.search(engine, embedder, request, cache, asker=Asker(caller.account_id, places))
