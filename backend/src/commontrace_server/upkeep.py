"""`admin` commands that take many short transactions: counting all evidence anew, and seeding a space."""

import argparse
import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

from commontrace_server.progress import progress
from commontrace_server.said import Said

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncEngine


class SeedError(Exception):
    """A space cannot be seeded with this; the message says why."""


async def rebuild(engine: "AsyncEngine", _options: argparse.Namespace) -> Said:
    """Count voices, counters, standing and reputation anew, from votes and outcomes alone."""
    from commontrace_server.reputation import contributors, recount

    with progress("Counting votes and outcomes") as reach:
        changed = await recount.recount_all(engine, reach=reach)
    with progress("Renewing standing and reputation"):
        changed += await recount.renew_standing(engine)
        await contributors.refresh(engine)
    return Said(f"reputation is counted anew: {changed} traces had other numbers", {"changed": changed})


async def seed(engine: "AsyncEngine", options: argparse.Namespace) -> Said:
    """Publish traces in a space, in the name of one of its moderators; those that it has stay as they are.

    Raises:
        AccountNotFoundError, SpaceNotFoundError: There is none of this name.
        RoleMissingError: The account does not moderate the space.
        SeedError: The file cannot be read, or a line of it is no trace; what came before is in the space.
    """
    from commontrace_server.accounts import callers, service
    from commontrace_server.accounts.standing import Need
    from commontrace_server.transfer import intake

    async with engine.connect() as connection:
        account_id = await service.find(connection, options.author)
    author = await callers.by_id(engine, account_id, Need("moderate", "moderator"))
    place = author.check(author.named(options.space))
    lines = await _lines(options.file)
    created = existing = 0
    with progress(f"Screening and storing in {place.slug}") as reach:
        async for imported in intake.take(engine, author, place, _stream(lines)):
            if imported.status == "refused":
                raise SeedError(f"line {imported.line}: {imported.detail}")
            created, existing = imported.created, imported.existing
            reach(created + existing, len(lines))
    text = f"{options.space} has {created} new traces; {existing} were there"
    return Said(text, {"space": options.space, "created": created, "existing": existing})


async def _lines(file: Path | None) -> list[bytes]:
    """The lines of a file as `export` writes it, or of the pack that ships with the program."""
    if file is None:
        from commontrace_server.starter import loader

        return [json.dumps(dict(starter.draft)).encode() for starter in loader.shipped()]
    try:
        return (await asyncio.to_thread(file.read_bytes)).splitlines()
    except OSError as error:
        raise SeedError(f"cannot read {file}: {error.strerror}") from error


async def _stream(lines: list[bytes]) -> AsyncIterator[bytes]:
    for line in lines:
        yield line + b"\n"
