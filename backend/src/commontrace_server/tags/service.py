"""Counting tags."""

from collections.abc import Iterable
from typing import Final
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.database.tables import traces
from commontrace_server.tags.schemas import TagCount, TagList

# What a search finds is what its tags are counted of.
_STATUSES: Final = ("published", "pending")


async def count(connection: AsyncConnection, spaces: Iterable[UUID], *, prefix: str, limit: int) -> TagList:
    """Return the tags that most traces carry.

    Args:
        connection: Only read from.
        spaces: Where traces are counted.
        prefix: What the tags begin with.
        limit: How many tags at most.
    """
    carried = (
        select(func.unnest(traces.c.tags).label("tag"))
        .where(traces.c.space_id.in_(list(spaces)), traces.c.status.in_(_STATUSES))
        .subquery()
    )
    number = func.count().label("count")
    query = select(carried.c.tag, number).group_by(carried.c.tag)
    if prefix:
        query = query.where(carried.c.tag.startswith(prefix, autoescape=True))
    rows = await connection.execute(query.order_by(number.desc(), carried.c.tag).limit(limit))
    return TagList(items=[TagCount.model_validate(row) for row in rows])
