"""`admin embedding`: which embedder search asks, and how far the one that comes next is."""

import argparse
import asyncio
import sys
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from commontrace_server.progress import progress
from commontrace_server.said import Said, one_line

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_LOOK_SECONDS: Final = 1.0
_STILL_SECONDS: Final = 60.0  # without a change, after which somebody should look


class RenewalGivenUpError(Exception):
    """Embedding anew was given up: `admin jobs` tells why, `admin jobs --retry` goes on where it stopped."""

    def __str__(self) -> str:
        return str(self.__doc__)


class Standing(NamedTuple):
    """What the vectors of a store are.

    Attributes:
        serving: `{model, choice}` of the embedder that search asks; None before the first one was loaded.
        building: `{model, choice, done, of}` of the one that comes next, in traces; None when none does.
        waiting: Traces that wait for vectors of their present text.
        failed: Traces whose vectors could not be made.
        given_up: Whether nobody goes on with `building`.
    """

    serving: dict[str, Any] | None
    building: dict[str, Any] | None
    waiting: int
    failed: int
    given_up: bool

    def is_served_by(self, name: str) -> bool:
        """Whether search asks the embedder of this name, as `--embedder` was given it."""
        return self.serving is not None and self.serving["choice"] == name


async def embedding(engine: "AsyncEngine", options: argparse.Namespace) -> Said:
    """Tell it; with --wait as soon as search asks the embedder that is waited for.

    Raises:
        RenewalGivenUpError: Nobody goes on with it.
    """
    standing = await _now(engine)
    if options.wait is not None and not standing.is_served_by(options.wait):
        standing = await _followed(engine, options.wait)
    return Said(_words(standing), standing._asdict())


async def _followed(engine: "AsyncEngine", name: str) -> Standing:
    still_since, before = time.monotonic(), None
    with progress(f"Embedding anew by {name}") as reach:
        while True:
            standing = await _now(engine)
            if standing.is_served_by(name):
                return standing
            if standing.given_up:
                raise RenewalGivenUpError
            if standing.building is not None:
                reach(standing.building["done"], standing.building["of"])
            if standing != before:
                still_since, before = time.monotonic(), standing
            elif time.monotonic() - still_since > _STILL_SECONDS:
                still_since = time.monotonic()
                why = f"is the store served with --embedder {name}, and does the embedder answer?"
                sys.stderr.write(f"commontrace: nothing has changed for a minute: {why}\n")
            await asyncio.sleep(_LOOK_SECONDS)


async def _now(engine: "AsyncEngine") -> Standing:
    async with engine.connect() as connection:
        return await standing(connection)


async def standing(connection: "AsyncConnection") -> Standing:
    """Return how the vectors of a store stand."""
    from sqlalchemy import func, select

    from commontrace_server.database.tables import embedding_models, jobs
    from commontrace_server.embeddings import renewal
    from commontrace_server.traces.insertion import EMBED_JOB

    reached = await renewal.progress(connection)  # first: its model is written down before it has a job
    models = embedding_models.c
    known = list(await connection.execute(select(models.model, models.choice, models.state)))
    choices = {row.model: row.choice for row in known}
    counted = select(jobs.c.kind, jobs.c.state, func.count()).group_by(jobs.c.kind, jobs.c.state)
    depth = {(kind, state): count for kind, state, count in await connection.execute(counted)}
    failed = depth.get((EMBED_JOB, "failed"), 0)
    return Standing(
        serving=next(
            ({"model": m, "choice": choices[m]} for m, _, state in known if state == "serving"), None
        ),
        building=None if reached is None else reached._asdict() | {"choice": choices[reached.model]},
        waiting=sum(count for (kind, _), count in depth.items() if kind == EMBED_JOB) - failed,
        failed=failed,
        given_up=depth.get((renewal.RENEW_JOB, "failed"), 0) > 0,
    )


def _words(standing: Standing) -> str:
    serving, building = standing.serving, standing.building
    lines = [f"search asks {_named(serving)}" if serving else "no embedder has been loaded yet"]
    if building is not None:
        given_up = ", given up: see `admin jobs`" if standing.given_up else ""
        lines.append(
            f"{_named(building)} comes next: {building['done']} of {building['of']} traces{given_up}"
        )
    if standing.waiting:
        lines.append(f"{standing.waiting} traces wait for their vectors")
    if standing.failed:
        lines.append(f"{standing.failed} traces have none, after five attempts: see `admin jobs`")
    return "\n".join(lines)


def _named(model: dict[str, Any]) -> str:
    return one_line(f"{model['model']} (--embedder {model['choice']})")
