"""Evidence in the database: one statement per change moves a trace's tallies by what the change means.

A root has one voice on a trace (`votes/weights.py`), so a change depends on what the root's other accounts
said. `claim` takes the trace's row lock first: the statement that follows sees everything said before it,
and changes of one trace happen one after the other. Readers do not wait for that lock.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.tables import accounts, traces
from commontrace_server.problems import TraceNotFoundError
from commontrace_server.reputation.schemas import Tallies
from commontrace_server.traces.service import visible
from commontrace_server.votes.weights import WEIGHT

_TALLIES: Final = tuple(Tallies.model_fields)
_AUTHORS: Final = accounts.alias("authors")
_CLAIM: Final = (
    select(traces.c.space_id, _AUTHORS.c.root.label("author_root"), *(traces.c[name] for name in _TALLIES))
    .outerjoin(_AUTHORS, _AUTHORS.c.id == traces.c.author_id)
    .with_for_update(key_share=True, of=traces)
)

# `said`: what the accounts of this root have said before; `own` marks what this change replaces.
_CHANGE: Final = """
    WITH said AS (
        SELECT {value} AS value, {own} AS own
        FROM {table} JOIN accounts ON accounts.id = account_id
        WHERE trace_id = :trace AND root = :root
    ),
    voice AS (
        SELECT sign(coalesce(sum(value), 0)) * CAST(:weight AS float8) AS before,
               sign(coalesce(sum(value) FILTER (WHERE NOT own), 0) + CAST(:value AS int))
                   * CAST(:weight AS float8) AS after,
               coalesce(bool_or(own), false) AS replaced
        FROM said
    ),
    written AS ({write}),
    moved AS (
        UPDATE traces
        SET {up} = {up} + greatest(after, 0) - greatest(before, 0),
            {down} = {down} + greatest(-after, 0) - greatest(-before, 0),
            last_verified_at = CASE WHEN CAST(:verified AS bool) THEN now() ELSE last_verified_at END
        FROM voice
        WHERE id = :trace AND CAST(:counted AS bool)
          AND (after <> before OR (CAST(:verified AS bool) AND EXISTS (SELECT FROM written)))
        RETURNING {tallies}
    )
    SELECT replaced, written.*, moved.* FROM voice LEFT JOIN written ON true LEFT JOIN moved ON true
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """A trace whose evidence is about to change, and who changes it.

    Attributes:
        trace_id: The trace.
        caller: The account that speaks.
        author_root: Root of the trace's author, None when nobody here wrote it.
        space_kind: Kind of the space that the trace lives in.
        tallies: The evidence so far.
    """

    trace_id: UUID
    caller: Caller
    author_root: UUID | None
    space_kind: str
    tallies: Tallies


async def claim(connection: AsyncConnection, trace_id: UUID, caller: Caller) -> Claim:
    """Lock a trace's evidence until the transaction ends.

    Raises:
        TraceNotFoundError: There is none with this id that the caller can see.
        ScopeMissingError: The caller's key does not reach.
        RoleMissingError: The caller's role in the trace's space does not.
    """
    # Only what the caller can see: nobody else's lock, and nobody else's trace.
    statement = _CLAIM.where(traces.c.id == trace_id, visible(caller))
    row = (await connection.execute(statement)).one_or_none()
    if row is None:
        raise TraceNotFoundError
    place = caller.check(caller.places[row.space_id])
    return Claim(trace_id, caller, row.author_root, place.kind, Tallies.model_validate(row))


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A kind of change to what an account says, and to the tallies with it; everything in it is SQL.

    Attributes:
        table: Where it is kept.
        value: A row's value, +1 or -1.
        own: True for the rows that the change replaces.
        write: The statement that changes them; it returns what it wrote, if anything.
        up: Tally of what speaks for the trace.
        down: Tally of what speaks against it.
    """

    table: str
    value: str
    own: str
    write: str
    up: str
    down: str

    def statement(self) -> TextClause:
        """Return the one statement that does it."""
        return text(_CHANGE.format(**asdict(self), tallies=", ".join(_TALLIES)))


async def apply(
    connection: AsyncConnection, statement: TextClause, claimed: Claim, **said: Any
) -> tuple[Row[Any], Tallies]:
    """Execute the statement of a `Change`.

    Args:
        connection: In the transaction of `claimed`.
        statement: The change.
        claimed: Trace and account.
        said: `value`, what the account says from now on (0 for nothing); `counted`, whether the tallies move;
            `verified`, whether the trace was seen to work, if that is news; and the parameters of `write`.

    Returns:
        `replaced` (whether the account had said something before) and what `write` returned, nulls where that
        is no row; and the evidence afterwards.
    """
    caller = claimed.caller
    who = {"trace": claimed.trace_id, "account": caller.account_id, "root": caller.root, "weight": WEIGHT}
    row = (await connection.execute(statement, who | said)).one()
    moved = row.wilson is not None
    return row, Tallies.model_validate(row) if moved else claimed.tallies
