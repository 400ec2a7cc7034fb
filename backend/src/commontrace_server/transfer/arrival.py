"""What an imported line becomes here, and what becomes of it when it leaves again. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from commontrace_server.traces.content import all_signatures, content_hash
from commontrace_server.traces.schemas import Environment
from commontrace_server.transfer.schemas import CarriedTallies, Line

# Evidence and origin of another store are told, but do not count here: anybody can write a file that claims
# them. They are kept under these names in the provenance, and an export puts them back in their places.
_PREFIX: Final = "imported_"
_ORIGIN: Final = "imported_origin"
_AUTHOR: Final = "imported_author"
FORMER_ID: Final = "former_id"


def row_values(line: Line, *, now: datetime) -> dict[str, Any]:
    """Return the columns that a line determines, but for its id and its status.

    Args:
        line: The line.
        now: Times that lie ahead become this one: a clock elsewhere was wrong.
    """
    said = {"title": line.title, "context_text": line.context_text}
    created = min(line.created_at or now, now)
    return said | {
        "solution_text": line.solution_text,
        "tags": line.tags,
        "kind": line.kind,
        "signatures": all_signatures(line.signatures, **said),
        "environment": line.environment.model_dump(),
        "provenance": _provenance(line),
        "content_hash": content_hash(**said, solution_text=line.solution_text, kind=line.kind),
        "created_at": created,
        "updated_at": min(line.updated_at or created, now),
        "last_verified_at": None if line.last_verified_at is None else min(line.last_verified_at, now),
        "valid_until": line.valid_until,
        "supersedes": line.supersedes,
        "superseded_by": line.superseded_by,
    }


def departing(row: Mapping[Any, Any]) -> Line:
    """Return the line of a stored trace; what arrived with it is where it was.

    Args:
        row: The columns that a line has, the author's id, and the four tallies.
    """
    provenance: dict[str, str] = row["provenance"]
    own = {name: row[name] for name in CarriedTallies.model_fields}
    carried = {name: provenance.get(_PREFIX + name, 0) for name in own}
    facts = {name: row[name] for name in Line.model_fields if name in row} | {
        "environment": Environment.model_validate(row["environment"]),
        "provenance": {name: said for name, said in provenance.items() if not name.startswith(_PREFIX)},
        "origin": provenance.get(_ORIGIN, row["origin"]),
        "author": UUID(provenance[_AUTHOR]) if _AUTHOR in provenance else row["author_id"],
        "tallies": CarriedTallies(**own).plus(CarriedTallies.model_validate(carried)),
    }
    return Line.model_construct(**facts)


def _provenance(line: Line) -> dict[str, str]:
    said = {name: value for name, value in line.provenance.items() if not name.startswith(_PREFIX)}
    counts = line.tallies.model_dump()
    told = {_PREFIX + name: repr(count) for name, count in counts.items() if count}
    author = {_AUTHOR: str(line.author)} if line.author is not None else {}
    return said | told | author | ({_ORIGIN: line.origin} if line.origin != "person" else {})
