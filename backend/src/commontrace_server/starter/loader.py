"""Loading the starter pack: what a store knows before anybody contributed."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Final

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.builtin import LOCAL_SPACE
from commontrace_server.database.tables import trace_embeddings, traces
from commontrace_server.ids import new_id
from commontrace_server.traces.schemas import TraceDraft
from commontrace_server.traces.service import RETRACTED_BY, queue_embedding, row_values

_PACK: Final = "traces.jsonl"
# Any constant works as long as it never changes.
_LOCK: Final = 7_221_038_514_016_441


@dataclass(frozen=True, slots=True)
class Starter:
    """A line of the pack; `digest` changes with anything that is stored of it."""

    slug: str
    draft: Mapping[str, Any]
    digest: str


def parse(lines: str) -> Iterator[Starter]:
    """Read a pack: one JSON object per line, a trace draft with a `slug`; drafts are checked when stored."""
    rules = _rules()
    for line in lines.splitlines():
        draft = json.loads(line)
        yield Starter(draft.pop("slug"), draft, hashlib.sha256(rules + line.encode()).hexdigest())


def shipped() -> list[Starter]:
    """Return the pack that ships with this program; empty where it was left out of the installation."""
    pack = files(__package__).joinpath(_PACK)
    return list(parse(pack.read_text(encoding="utf-8"))) if pack.is_file() else []


def _rules() -> bytes:
    """Return a digest of the code that derives signatures.

    A new version of it reaches the starter traces of every store, and yet a start with nothing to do
    derives nothing: that would be a tenth of the time that a store takes to get ready.
    """
    sources = sorted((item for item in files("commontrace_rules").iterdir() if item.is_file()), key=_name)
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).digest()


def _name(item: Traversable) -> str:
    return item.name


async def load(connection: AsyncConnection, pack: list[Starter]) -> None:
    """Make the store's starter traces those of `pack`; what people contributed is left alone.

    New ones are added, changed ones replaced under their id, dropped ones retracted; one that a person has
    retracted stays so.

    Raises:
        ValidationError: A new or changed line is not a trace draft.
    """
    await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    said = {name: traces.c.provenance[name].astext.label(name) for name in ("slug", "digest", RETRACTED_BY)}
    rows = await connection.execute(
        select(traces.c.id, traces.c.status, *said.values()).where(
            traces.c.origin == "starter", traces.c.space_id == LOCAL_SPACE.id
        )
    )
    known = {row.slug: row for row in rows}
    for starter in pack:
        row = known.pop(starter.slug, None)
        if row is None:
            await _add(connection, starter)
        elif row.retracted_by is None and (row.digest, row.status) != (starter.digest, "published"):
            await _replace(connection, row.id, starter)
    dropped = [row.id for row in known.values() if row.status == "published"]
    if dropped:
        retract = update(traces).where(traces.c.id.in_(dropped))
        await connection.execute(retract.values(status="retracted", updated_at=func.now()))


def _columns(starter: Starter) -> dict[str, Any]:
    provenance = {"slug": starter.slug, "digest": starter.digest}
    values = row_values(TraceDraft.model_validate(starter.draft))
    place = {"space_id": LOCAL_SPACE.id, "author_id": None}
    return values | place | {"origin": "starter", "status": "published", "provenance": provenance}


async def _add(connection: AsyncConnection, starter: Starter) -> None:
    """Add it, unless a person contributed the same text before."""
    statement = insert(traces).values(_columns(starter) | {"id": new_id()})
    added = await connection.scalar(
        statement.on_conflict_do_nothing(index_elements=[traces.c.space_id, traces.c.content_hash]).returning(
            traces.c.id
        )
    )
    if added is not None:
        await queue_embedding(connection, added)


async def _replace(connection: AsyncConnection, trace_id: Any, starter: Starter) -> None:
    columns = _columns(starter) | {"updated_at": func.now()}
    twin = traces.alias()
    taken = select(twin.c.id).where(
        twin.c.space_id == columns["space_id"],
        twin.c.content_hash == columns["content_hash"],
        twin.c.id != trace_id,
    )
    statement = update(traces).where(traces.c.id == trace_id, ~taken.exists())
    await connection.execute(statement.values(columns))
    await connection.execute(delete(trace_embeddings).where(trace_embeddings.c.trace_id == trace_id))
    await queue_embedding(connection, trace_id)
