"""Voices instead of single votes, standing, reports, the audit log and what a trace's life is told by.

The evidence of before is counted anew from the votes and outcomes that are there. Public traces that nobody
has confirmed yet stay published.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: Final = "0003"
down_revision: Final = "0002"

_COUNTERS: Final = [
    f"{side}_{voice}" for side in ("known", "other") for voice in ("up", "down", "worked", "failed")
]
_TALLIES: Final = ("votes_up", "votes_down", "outcomes_worked", "outcomes_failed")

# What one voice of a root that is not known weighs. All of them together weigh one vote, or half of one where
# there are votes only; an outcome weighs two votes, so half of an outcome is a vote.
_POOL_UNIT: Final = """
CREATE FUNCTION pool_unit(votes integer, outcomes integer)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN outcomes > 0 THEN 0.5 / (0.5 * votes + outcomes) WHEN votes > 0 THEN 0.5 / votes ELSE 0 END
"""
# A root is known in a space where an owner has let one of its accounts in, and everywhere when one of its
# accounts is trusted or when it has earned that.
_KNOWN: Final = """
CREATE FUNCTION root_is_known(asked uuid, space uuid)
RETURNS boolean
LANGUAGE sql STABLE PARALLEL SAFE
RETURN EXISTS (SELECT FROM standing WHERE root = asked) OR EXISTS (
    SELECT FROM accounts WHERE root = asked AND (tier = 'trusted' OR EXISTS (
        SELECT FROM members WHERE account_id = accounts.id AND space_id = space AND role <> 'reader'
    ))
)
"""
_FILL_VOICES: Final = """
INSERT INTO voices (trace_id, root, votes, outcomes, known)
SELECT trace_id, accounts.root, sum(vote), sum(outcome), root_is_known(accounts.root, space_id)
FROM (
    SELECT trace_id, account_id, value AS vote, 0 AS outcome, false AS observed FROM votes
    UNION ALL
    SELECT trace_id, account_id, 0, CASE WHEN worked THEN 1 ELSE -1 END, true FROM outcomes
) AS said
JOIN accounts ON accounts.id = said.account_id
JOIN traces ON traces.id = trace_id
JOIN spaces ON spaces.id = space_id
LEFT JOIN accounts AS authors ON authors.id = author_id
WHERE accounts.root IS DISTINCT FROM authors.root OR (observed AND spaces.kind = 'personal')
GROUP BY trace_id, accounts.root, space_id
"""
_FILL_COUNTERS: Final = """
UPDATE traces SET
    known_up = counted.known_up, known_down = counted.known_down,
    known_worked = counted.known_worked, known_failed = counted.known_failed,
    other_up = counted.other_up, other_down = counted.other_down,
    other_worked = counted.other_worked, other_failed = counted.other_failed,
    confirmations = counted.confirmations
FROM (
    SELECT trace_id,
        count(*) FILTER (WHERE known AND votes > 0) AS known_up,
        count(*) FILTER (WHERE known AND votes < 0) AS known_down,
        count(*) FILTER (WHERE known AND outcomes > 0) AS known_worked,
        count(*) FILTER (WHERE known AND outcomes < 0) AS known_failed,
        count(*) FILTER (WHERE NOT known AND votes > 0) AS other_up,
        count(*) FILTER (WHERE NOT known AND votes < 0) AS other_down,
        count(*) FILTER (WHERE NOT known AND outcomes > 0) AS other_worked,
        count(*) FILTER (WHERE NOT known AND outcomes < 0) AS other_failed,
        count(*) FILTER (
            WHERE known AND greatest(votes, outcomes) > 0 AND least(votes, outcomes) >= 0
        ) AS confirmations
    FROM voices GROUP BY trace_id
) AS counted
WHERE counted.trace_id = traces.id
"""
_REFUSE_CHANGE: Final = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'rows of % are added and never changed', tg_table_name; END $$
"""
_APPEND_ONLY: Final = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()
"""
# Per author, space and tag ('' for all of it). A root is one voice on an author however many traces it
# judges: it weighs one vote, or one outcome where it has observed, divided as it speaks. The roots that are
# not known are one voice together and weigh half of that. Personal spaces are nobody else's opinion.
_REPUTATION: Final = """
CREATE MATERIALIZED VIEW reputation AS
WITH said AS (
    SELECT author_id, space_id, tag, CASE WHEN known THEN voices.root END AS root,
        sum(greatest(sign(votes), 0) + 2 * greatest(sign(outcomes), 0)) AS up,
        sum(greatest(-sign(votes), 0) + 2 * greatest(-sign(outcomes), 0)) AS down,
        bool_or(outcomes <> 0) AS observed
    FROM voices
    JOIN traces ON traces.id = trace_id
    JOIN spaces ON spaces.id = space_id
    CROSS JOIN LATERAL unnest(array_append(tags, '')) AS tag
    WHERE author_id IS NOT NULL AND spaces.kind <> 'personal' AND (votes <> 0 OR outcomes <> 0)
    GROUP BY author_id, space_id, tag, CASE WHEN known THEN voices.root END
),
weighed AS (
    SELECT author_id, space_id, tag, root, up / (up + down) AS share,
        CASE WHEN observed THEN 2.0 ELSE 1.0 END * CASE WHEN root IS NULL THEN 0.5 ELSE 1.0 END AS weight
    FROM said
)
SELECT author_id, space_id, tag,
    CAST(sum(weight * share) AS double precision) AS positive,
    CAST(sum(weight * (1 - share)) AS double precision) AS negative,
    count(root) AS roots
FROM weighed GROUP BY author_id, space_id, tag
"""


def upgrade() -> None:
    """Add the tables, and count what has been said so far."""
    op.execute(_POOL_UNIT)
    _create_voices()
    _change_traces()
    op.execute(_KNOWN)
    op.execute(_FILL_VOICES)
    op.execute(_FILL_COUNTERS)
    _create_audit_log()
    _create_reports()
    op.execute(_REPUTATION)
    # The one that a concurrent refresh needs.
    op.execute("CREATE UNIQUE INDEX uq_reputation ON reputation (author_id, space_id, tag)")


def _uuid(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), nullable=nullable)


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), nullable=nullable)


def _created_at() -> sa.Column[object]:
    return sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now())


def _reference(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = f"fk_{table}_{column}"
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], ondelete=ondelete, name=name)


def _create_voices() -> None:
    op.create_table(
        "voices",
        _uuid("trace_id"),
        _uuid("root"),
        sa.Column("votes", sa.Integer(), nullable=False),
        sa.Column("outcomes", sa.Integer(), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "root", name="pk_voices"),
        _reference("voices", "trace_id", "traces", "CASCADE"),
        _reference("voices", "root", "accounts", "CASCADE"),
    )
    op.create_index("ix_voices_root", "voices", ["root"])
    op.create_table(
        "standing",
        _uuid("root"),
        sa.PrimaryKeyConstraint("root", name="pk_standing"),
        _reference("standing", "root", "accounts", "CASCADE"),
    )


def _change_traces() -> None:
    op.drop_column("traces", "wilson")
    op.drop_constraint(op.f("ck_traces_tallies"), "traces")
    for name in _TALLIES:
        op.drop_column("traces", name)
    for name in ("supersedes", "superseded_by"):
        op.add_column("traces", _uuid(name, nullable=True))
    op.add_column("traces", sa.Column("valid_until", sa.DateTime(timezone=True), nullable=True))
    empty = sa.text("'{}'::text[]")
    op.add_column("traces", sa.Column("held_for", pg.ARRAY(sa.Text()), nullable=False, server_default=empty))
    for name in (*_COUNTERS, "confirmations"):
        op.add_column("traces", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
    unit = "pool_unit((other_up + other_down), (other_worked + other_failed))"
    up, down, worked, failed = (
        f"(known_{voice} + (other_{voice} * {unit}))" for voice in ("up", "down", "worked", "failed")
    )
    wilson = f"wilson_lower_bound(({up} + (2 * {worked})), ({down} + (2 * {failed})))"
    for name, expression in zip((*_TALLIES, "wilson"), (up, down, worked, failed, wilson), strict=True):
        op.add_column("traces", sa.Column(name, sa.Double(), sa.Computed(expression, persisted=True)))
    least = f"least({', '.join(_COUNTERS)}, confirmations) >= 0"
    op.create_check_constraint(op.f("ck_traces_counters"), "traces", least)
    _index("ix_traces_supersedes", ["supersedes"], "supersedes IS NOT NULL")
    _index("ix_traces_waiting", ["space_id", "id"], "status IN ('pending', 'quarantined')")
    _index("ix_traces_valid_until", ["valid_until"], "valid_until IS NOT NULL")


def _index(name: str, columns: list[str], where: str) -> None:
    op.create_index(name, "traces", columns, postgresql_where=sa.text(where))


def _create_audit_log() -> None:
    op.create_table(
        "audit_log",
        _uuid("id"),
        _uuid("space_id"),
        _uuid("trace_id"),
        _uuid("actor_id", nullable=True),
        _text("act"),
        _text("note", nullable=True),
        sa.Column("before", pg.JSONB(), nullable=False),
        sa.Column("after", pg.JSONB(), nullable=False),
        _uuid("undoes", nullable=True),
        _created_at(),
        sa.PrimaryKeyConstraint("id", name="pk_audit_log"),
        sa.UniqueConstraint("undoes", name="uq_audit_log_undoes"),
        _reference("audit_log", "space_id", "spaces"),
        _reference("audit_log", "actor_id", "accounts"),
        _reference("audit_log", "undoes", "audit_log"),
    )
    op.create_index("ix_audit_log_trace_id", "audit_log", ["trace_id"])
    op.create_index("ix_audit_log_space", "audit_log", ["space_id", "id"])
    op.execute(_REFUSE_CHANGE)
    op.execute(_APPEND_ONLY)


def _create_reports() -> None:
    op.create_table(
        "reports",
        _uuid("id"),
        _uuid("trace_id"),
        _uuid("account_id"),
        _text("reason"),
        _created_at(),
        _uuid("settled_by", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reports"),
        _reference("reports", "trace_id", "traces", "CASCADE"),
        _reference("reports", "account_id", "accounts", "CASCADE"),
        _reference("reports", "settled_by", "audit_log"),
    )
    op.create_index("ix_reports_account_id", "reports", ["account_id"])
    op.create_index("ix_reports_settled_by", "reports", ["settled_by"])
    op.create_index(
        "uq_reports_open",
        "reports",
        ["trace_id", "account_id"],
        unique=True,
        postgresql_where=sa.text("settled_by IS NULL"),
    )
