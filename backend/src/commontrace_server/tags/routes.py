"""Listing tags."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import StringConstraints

from commontrace_server.accounts.authentication import CallerDep
from commontrace_server.dependencies import ReadDep
from commontrace_server.documented import USUAL, problems
from commontrace_server.tags import service
from commontrace_server.tags.schemas import TagList
from commontrace_server.traces.schemas import SpaceSlug, Storable

router = APIRouter(prefix="/v1/tags", tags=["tags"], responses=problems(*USUAL))

Prefix = Annotated[str, StringConstraints(max_length=50, to_lower=True), Storable]


@router.get("")
async def list_tags(
    caller: CallerDep,
    connection: ReadDep,
    space: Annotated[SpaceSlug | None, Query(description="One space instead of all.")] = None,
    prefix: Annotated[Prefix, Query(description="What the tags begin with.")] = "",
    limit: Annotated[int, Query(ge=1, le=1000)] = 200,
) -> TagList:
    """Return the tags of the traces that you can read, the most used first."""
    places = caller.readable(None if space is None else [space])
    spaces = [caller.check(place).id for place in places]
    return await service.count(connection, spaces, prefix=prefix, limit=limit)
