"""Evidence in the database: one statement per change moves a trace's counters by what the change means.

A root has one voice on a trace (`votes/weights.py`); the table `voices` keeps what its accounts say together,
so that a change costs the same however many have spoken. `claim` takes the trace's row lock first: the
statement that follows sees everything said before it, and changes of one trace happen one after the other.
Readers do not wait for that lock. `reputation/recount.py` counts everything anew and comes to the same.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Row, TextualSelect, Uuid, bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from commontrace_server.accounts.standing import Caller
from commontrace_server.database.statements import returning
from commontrace_server.database.tables import accounts, traces
from commontrace_server.database.tallies import SIDES
from commontrace_server.jobs import routine
from commontrace_server.moderation import publication
from commontrace_server.refusals import TraceNotFoundError
from commontrace_server.reputation.schemas import Tallies
from commontrace_server.traces.access import VISIBLE, asking

# Counter -> when a root's row of `voices` counts in it; the same for the roots that are known and the others.
VOICES: Final[Mapping[str, str]] = {
    "up": "votes > 0",
    "down": "votes < 0",
    "worked": "outcomes > 0",
    "failed": "outcomes < 0",
}
CONFIRMS: Final = "known AND greatest(votes, outcomes) > 0 AND least(votes, outcomes) >= 0"
COUNTED: Final[Mapping[str, str]] = {
    f"{side}_{name}": f"{condition} AND {'known' if side == 'known' else 'NOT known'}"
    for side in SIDES
    for name, condition in VOICES.items()
} | {"confirmations": CONFIRMS}

_TALLIES: Final = tuple(Tallies.model_fields)
_AUTHORS: Final = accounts.alias("authors")
CLAIM: Final = (
    select(
        traces.c.space_id,
        traces.c.status,
        _AUTHORS.c.root.label("author_root"),
        *(traces.c[name] for name in _TALLIES),
    )
    .outerjoin(_AUTHORS, _AUTHORS.c.id == traces.c.author_id)
    # Only what the caller can see: nobody else's lock, and nobody else's trace.
    .where(traces.c.id == bindparam("trace", type_=Uuid), VISIBLE)
    .with_for_update(key_share=True, of=traces)
)
_STEPS: Final = ", ".join(
    f"{name} = {name} - CAST((SELECT {rule} FROM before) AS int) + CAST((SELECT {rule} FROM after) AS int)"  # noqa: S608 - constants
    for name, rule in COUNTED.items()
)
# `own` is what this change replaces; `before` and `after` are what the root's accounts say together.
_CHANGE: Final = f"""
    WITH own AS (
        SELECT max({{value}}) AS value FROM {{table}} WHERE trace_id = :trace AND {{own}}
    ),
    before AS (
        SELECT coalesce(sum(votes), 0) AS votes, coalesce(sum(outcomes), 0) AS outcomes,
               coalesce(bool_or(known), false) AS known
        FROM voices WHERE trace_id = :trace AND root = :root
    ),
    after AS (
        SELECT votes + {{votes}} AS votes, outcomes + {{outcomes}} AS outcomes,
               root_is_known(:root, :space) AS known
        FROM before, (SELECT CAST(:value AS int) - coalesce(value, 0) AS step FROM own) AS difference
    ),
    written AS ({{write}}),
    kept AS (
        INSERT INTO voices (trace_id, root, votes, outcomes, known)
        SELECT :trace, :root, votes, outcomes, known FROM after WHERE CAST(:counted AS bool)
        ON CONFLICT (trace_id, root) DO UPDATE
        SET votes = excluded.votes, outcomes = excluded.outcomes, known = excluded.known
    ),
    moved AS (
        UPDATE traces
        SET {_STEPS},
            last_verified_at = CASE WHEN CAST(:verified AS bool) THEN now() ELSE last_verified_at END
        WHERE id = :trace AND CAST(:counted AS bool)
          AND (
              (SELECT value FROM own) IS DISTINCT FROM CAST(:value AS int)
              OR (CAST(:verified AS bool) AND EXISTS (SELECT FROM written))
          )
        RETURNING {", ".join(_TALLIES)}
    )
    SELECT own.value IS NOT NULL AS replaced, written.*, moved.*
    FROM own LEFT JOIN written ON true LEFT JOIN moved ON true
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Claim:
    """A trace whose evidence is about to change, and who changes it.

    Attributes:
        trace_id: The trace.
        caller: The account that speaks.
        author_root: Root of the trace's author, None when nobody here wrote it.
        space_id: The space that the trace lives in.
        space_kind: Kind of that space.
        status: The trace's status.
        tallies: The evidence so far.
    """

    trace_id: UUID
    caller: Caller
    author_root: UUID | None
    space_id: UUID
    space_kind: str
    status: str
    tallies: Tallies


async def claim(connection: AsyncConnection, trace_id: UUID, caller: Caller) -> Claim:
    """Lock a trace's evidence until the transaction ends.

    Raises:
        TraceNotFoundError: There is none with this id that the caller can see.
        ScopeMissingError: The caller's key does not reach.
        RoleMissingError: The caller's role in the trace's space does not.
    """
    row = (await connection.execute(CLAIM, asking(caller) | {"trace": trace_id})).one_or_none()
    if row is None:
        raise TraceNotFoundError
    place = caller.check(caller.places[row.space_id])
    tallies = Tallies.model_validate(row)
    return Claim(trace_id, caller, row.author_root, row.space_id, place.kind, row.status, tallies)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A kind of change to what an account says; everything in it is SQL.

    Attributes:
        table: Where it is kept, `votes` or `outcomes`.
        value: A row's value, +1 or -1.
        own: True for the row that the change replaces.
        write: The statement that changes it; it returns what it wrote, if anything.
        written: The columns that it returns.
    """

    table: str
    value: str
    own: str
    write: str
    written: tuple[str, ...]

    def statement(self) -> TextualSelect:
        """Return the one statement that does it."""
        steps = {"votes": "0", "outcomes": "0"} | {self.table: "step"}
        return returning(_CHANGE.format(**asdict(self), **steps), "replaced", *self.written, *_TALLIES)


async def apply(
    connection: AsyncConnection, statement: TextualSelect, claimed: Claim, **said: Any
) -> tuple[Row[Any], Tallies]:
    """Execute the statement of a `Change`, and what follows from it: a trace may become confirmed.

    Args:
        connection: In the transaction of `claimed`.
        statement: The change.
        claimed: Trace and account.
        said: `value`, what the account says from now on (0 for nothing); `counted`, whether the counters
            move; `verified`, whether the trace was seen to work, if that is news; and the parameters of
            `write`.

    Returns:
        `replaced` (whether the account had said something before) and what `write` returned, nulls where that
        is no row; and the evidence afterwards.
    """
    caller = claimed.caller
    who = {"trace": claimed.trace_id, "account": caller.account_id, "root": caller.root}
    row = (await connection.execute(statement, who | {"space": claimed.space_id} | said)).one()
    if row.wilson is None:  # nothing moved
        return row, claimed.tallies
    if claimed.status == "pending":
        await publication.confirm(connection, claimed.trace_id)
    if claimed.space_kind != "personal":  # what happens there is nobody's reputation
        await routine.soon(connection, routine.REFRESH)
    return row, Tallies.model_validate(row)
