"""Accounts, API keys, spaces and members; votes, outcomes and what they add up to on a trace.

Everything there is so far was written on one machine by one person: it becomes the built-in account's, in its
personal space. Starter traces have no author.
"""

from typing import Any, Final

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql as pg

revision: Final = "0002"
down_revision: Final = "0001"

# The built-in account and its personal space; never to be changed (accounts/builtin.py names them too).
_ACCOUNT: Final = "00000000-0000-7000-8000-000000000001"
_SPACE: Final = "00000000-0000-7000-8000-000000000002"

# The lower end of Wilson's score interval for z = 1.96 (z*z = 3.8416), fraction and root multiplied out by n.
# Without anything positive it is 0, which rounding would miss by a hair.
_WILSON: Final = """
CREATE FUNCTION wilson_lower_bound(positive double precision, negative double precision)
RETURNS double precision
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN positive > 0 THEN greatest(0, (
    positive + 3.8416 / 2 - 1.96 * sqrt(positive * negative / (positive + negative) + 3.8416 / 4)
) / (positive + negative + 3.8416)) ELSE 0 END
"""


def upgrade() -> None:
    """Add the tables, and give what exists an owner and a place."""
    op.execute(_WILSON)
    _create_accounts()
    _create_api_keys()
    _create_spaces()
    _insert_builtin()
    _place_traces()
    _add_tallies()
    _own_idempotency_keys()
    _create_votes()
    _create_outcomes()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    default = None if nullable else sa.func.now()
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _uuid(name: str, **options: Any) -> sa.Column[object]:
    return sa.Column(name, sa.Uuid(), **({"nullable": False} | options))


def _text(name: str, **options: Any) -> sa.Column[object]:
    return sa.Column(name, sa.Text(), **({"nullable": False} | options))


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        [column], [f"{target}.id"], ondelete="CASCADE", name=f"fk_{table}_{column}"
    )


def _one_of(table: str, column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=op.f(f"ck_{table}_{column}"))


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        _uuid("id"),
        _text("name"),
        _text("tier", server_default="standard"),
        _uuid("root"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name", name="uq_accounts_name"),
        sa.ForeignKeyConstraint(["root"], ["accounts.id"], name="fk_accounts_root"),
        _one_of("accounts", "tier", "standard", "trusted"),
    )
    op.create_index("ix_accounts_root", "accounts", ["root"])


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        _uuid("id"),
        _uuid("account_id"),
        _text("hash"),
        _text("hint"),
        sa.Column("scopes", pg.ARRAY(sa.Text()), nullable=False),
        _moment("created_at"),
        _moment("expires_at", nullable=True),
        _moment("revoked_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_api_keys"),
        sa.UniqueConstraint("hash", name="uq_api_keys_hash"),
        _reference("api_keys", "account_id", "accounts"),
        sa.CheckConstraint(
            "scopes <@ ARRAY['read', 'contribute', 'moderate', 'admin']", name=op.f("ck_api_keys_scopes")
        ),
    )
    op.create_index("ix_api_keys_account_id", "api_keys", ["account_id"])


def _create_spaces() -> None:
    op.create_table(
        "spaces",
        _uuid("id"),
        _text("slug"),
        _text("kind"),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_spaces"),
        sa.UniqueConstraint("slug", name="uq_spaces_slug"),
        _one_of("spaces", "kind", "personal", "team", "public"),
    )
    op.create_index("ix_spaces_public", "spaces", ["id"], postgresql_where=sa.text("kind = 'public'"))
    op.create_table(
        "members",
        _uuid("space_id"),
        _uuid("account_id"),
        _text("role"),
        sa.PrimaryKeyConstraint("space_id", "account_id", name="pk_members"),
        _reference("members", "space_id", "spaces"),
        _reference("members", "account_id", "accounts"),
        _one_of("members", "role", "reader", "contributor", "moderator", "owner"),
    )
    op.create_index("ix_members_account_id", "members", ["account_id"])


def _insert_builtin() -> None:
    account, space = {"id": _ACCOUNT, "name": "local", "root": _ACCOUNT}, {"id": _SPACE, "slug": "local"}
    member = {"space_id": _SPACE, "account_id": _ACCOUNT, "role": "owner"}
    for table, row in (("accounts", account), ("spaces", space | {"kind": "personal"}), ("members", member)):
        op.bulk_insert(sa.table(table, *(sa.column(name) for name in row)), [row])


def _place_traces() -> None:
    # A constant default fills the rows without touching them; whoever adds one later has to say.
    op.add_column("traces", _uuid("space_id", server_default=_SPACE))
    op.add_column("traces", _uuid("author_id", nullable=True, server_default=_ACCOUNT))
    op.alter_column("traces", "space_id", server_default=None)
    op.alter_column("traces", "author_id", server_default=None)
    op.execute("UPDATE traces SET author_id = NULL WHERE origin = 'starter'")
    op.create_foreign_key("fk_traces_space_id", "traces", "spaces", ["space_id"], ["id"])
    op.create_foreign_key("fk_traces_author_id", "traces", "accounts", ["author_id"], ["id"])
    op.drop_constraint("uq_traces_content_hash", "traces")
    op.create_unique_constraint("uq_traces_space_content", "traces", ["space_id", "content_hash"])
    op.create_index("ix_traces_space", "traces", ["space_id", "id"])
    op.create_index("ix_traces_author_id", "traces", ["author_id"])
    op.create_index("ix_traces_tags", "traces", ["tags"], postgresql_using="gin")


def _add_tallies() -> None:
    for name in ("votes_up", "votes_down", "outcomes_worked", "outcomes_failed"):
        op.add_column("traces", sa.Column(name, sa.Double(), nullable=False, server_default="0"))
    op.create_check_constraint(
        op.f("ck_traces_tallies"),
        "traces",
        "least(votes_up, votes_down, outcomes_worked, outcomes_failed) >= 0"
        " AND greatest(votes_up, votes_down, outcomes_worked, outcomes_failed) < 'Infinity'",
    )
    generated = "wilson_lower_bound((votes_up + outcomes_worked), (votes_down + outcomes_failed))"
    op.add_column("traces", sa.Column("wilson", sa.Double(), sa.Computed(generated, persisted=True)))


def _own_idempotency_keys() -> None:
    table = "idempotency_keys"
    op.add_column(table, _uuid("account_id", server_default=_ACCOUNT))
    op.alter_column(table, "account_id", server_default=None)
    op.drop_constraint("pk_idempotency_keys", table)
    op.create_primary_key("pk_idempotency_keys", table, ["account_id", "key"])
    name = "fk_idempotency_keys_account_id"
    op.create_foreign_key(name, table, "accounts", ["account_id"], ["id"], ondelete="CASCADE")


def _create_votes() -> None:
    op.create_table(
        "votes",
        _uuid("trace_id"),
        _uuid("account_id"),
        sa.Column("value", sa.SmallInteger(), nullable=False),
        _text("reason", nullable=True),
        _text("by", server_default="person"),
        _moment("created_at"),
        _moment("updated_at"),
        sa.PrimaryKeyConstraint("trace_id", "account_id", name="pk_votes"),
        _reference("votes", "trace_id", "traces"),
        _reference("votes", "account_id", "accounts"),
        sa.CheckConstraint("value IN (1, -1)", name=op.f("ck_votes_value")),
        _one_of("votes", "reason", "outdated", "wrong", "harmful", "spam"),
        sa.CheckConstraint("(reason IS NOT NULL) = (value = -1)", name=op.f("ck_votes_reason_given")),
        _one_of("votes", "by", "person", "agent"),
    )
    op.create_index("ix_votes_account_id", "votes", ["account_id"])


def _create_outcomes() -> None:
    op.create_table(
        "outcomes",
        _uuid("id"),
        _uuid("trace_id"),
        _uuid("account_id"),
        _text("session"),
        sa.Column("worked", sa.Boolean(), nullable=False),
        _text("signature", nullable=True),
        sa.Column("packages", pg.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_outcomes"),
        sa.UniqueConstraint("trace_id", "account_id", "session", name="uq_outcomes_session"),
        _reference("outcomes", "trace_id", "traces"),
        _reference("outcomes", "account_id", "accounts"),
    )
    op.create_index("ix_outcomes_account_id", "outcomes", ["account_id"])
