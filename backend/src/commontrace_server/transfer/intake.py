"""A stream of lines becomes traces, a batch at a time."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator
from dataclasses import dataclass, field
from typing import Any, Final

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts.standing import Caller, Place
from commontrace_server.transfer import reading, service
from commontrace_server.transfer.schemas import Imported, Line

# Three full texts with every character escaped fit.
LINE_BYTES: Final = 1024 * 1024
# A transaction per batch: short enough to be in nobody's way, long enough to be worth a commit.
_BATCH_LINES: Final = 100
_BATCH_BYTES: Final = 2 * LINE_BYTES
_MAX_NAME: Final = 80


@dataclass(slots=True)
class Batch:
    """Numbered lines in order; None for one that was too long to be kept."""

    lines: list[tuple[int, bytes | None]] = field(default_factory=list)
    size: int = 0

    def add(self, number: int, content: bytes | None) -> None:
        """Add a line."""
        self.lines.append((number, content))
        self.size += len(content or b"")

    def is_full(self) -> bool:
        """Whether it is time to store it."""
        return len(self.lines) >= _BATCH_LINES or self.size >= _BATCH_BYTES


@dataclass(slots=True)
class _Counts:
    created: int = 0
    existing: int = 0
    refused: int = 0

    def of(self, number: int, entry: service.Arrived | str) -> Imported:
        """Count a line and say what became of it."""
        said: dict[str, Any] = {"detail": entry} if isinstance(entry, str) else {"id": entry.id}
        status = "refused" if isinstance(entry, str) else "created" if entry.created else "existing"
        setattr(self, status, getattr(self, status) + 1)
        return Imported.model_validate(
            said | {"line": number, "status": status, "created": self.created}
            | {"existing": self.existing, "refused": self.refused}
        )  # fmt: skip


async def take(
    engine: AsyncEngine, caller: Caller, place: Place, chunks: AsyncIterable[bytes]
) -> AsyncIterator[Imported]:
    """Store the traces of a stream and yield what became of each line.

    Args:
        engine: The store's database; a connection is held while a batch is written, not while one arrives.
        caller: Becomes the author.
        place: Where the traces go.
        chunks: JSON documents, one per line.
    """
    counts, sender = _Counts(), service.Sender.of(caller, place)
    async for batch in batches(chunks):
        judged = await prepared(sender, batch)
        rows = [entry for _, entry in judged if not isinstance(entry, str)]
        arrived: list[service.Arrived] = []
        if rows:
            async with engine.begin() as connection:
                arrived = await service.add(connection, place, rows)
        taken = iter(arrived)
        for number, entry in judged:
            yield counts.of(number, entry if isinstance(entry, str) else next(taken))


async def batches(chunks: AsyncIterable[bytes]) -> AsyncIterator[Batch]:
    """Yield the lines of a stream, some at a time."""
    batch = Batch()
    async for number, content in reading.lines(chunks, LINE_BYTES):
        batch.add(number, content)
        if batch.is_full():
            yield batch
            batch = Batch()
    if batch.lines:
        yield batch


async def prepared(sender: service.Sender, batch: Batch) -> list[tuple[int, dict[str, Any] | str]]:
    """Return for each line of a batch its number and the row that it becomes, or why it is refused.

    In a thread: meanwhile others are answered, and no connection waits.
    """
    return await asyncio.to_thread(
        lambda: [(number, _judged(sender, _read(content))) for number, content in batch.lines]
    )


def _judged(sender: service.Sender, entry: Line | str) -> dict[str, Any] | str:
    return service.prepared(sender, entry) if isinstance(entry, Line) else entry


def _read(content: bytes | None) -> Line | str:
    """Return a line's trace, or what is wrong with it."""
    if content is None:
        return f"longer than {LINE_BYTES} bytes"
    try:
        return Line.model_validate_json(content)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    place = ".".join(str(part) for part in first["loc"]).encode("unicode_escape").decode()[:_MAX_NAME]
    rule = str(first["msg"]).removeprefix("Value error, ")
    return f"{place}: {rule}" if place else rule
