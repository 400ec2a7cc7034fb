"""The store's tables, as SQLAlchemy Core. The migrations create them; a test holds the two together."""

from typing import Any, Final

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

_EMPTY_ARRAY: Final = text("'{}'::text[]")
_EMPTY_OBJECT: Final = text("'{}'::jsonb")


def _moment(name: str, *, nullable: bool = False) -> Column[object]:
    default = None if nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def _account(name: str = "account_id", **options: Any) -> Column[object]:
    return Column(name, Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), **options)


def _trace(**options: Any) -> Column[object]:
    return Column("trace_id", Uuid, ForeignKey("traces.id", ondelete="CASCADE"), **options)


def _tally(name: str) -> Column[object]:
    return Column(name, Double, nullable=False, server_default="0")


accounts: Final = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("tier", Text, nullable=False, server_default="standard"),
    # The group of accounts that counts as one voice; an account's own id until something else is known.
    Column("root", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    _moment("created_at"),
    CheckConstraint("tier IN ('standard', 'trusted')", name="tier"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    _account(nullable=False, index=True),
    # 64 hex digits, HMAC-SHA256 of the key under the store's pepper: the key itself is nowhere.
    Column("hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    _moment("created_at"),
    _moment("expires_at", nullable=True),
    _moment("revoked_at", nullable=True),
    CheckConstraint("scopes <@ ARRAY['read', 'contribute', 'moderate', 'admin']", name="scopes"),
)

spaces: Final = Table(
    "spaces",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    _moment("created_at"),
    CheckConstraint("kind IN ('personal', 'team', 'public')", name="kind"),
    # Every request looks for the public spaces; they are few among many.
    Index("ix_spaces_public", "id", postgresql_where=text("kind = 'public'")),
)

members: Final = Table(
    "members",
    metadata,
    Column("space_id", Uuid, ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
    _account(primary_key=True, index=True),
    Column("role", Text, nullable=False),
    CheckConstraint("role IN ('reader', 'contributor', 'moderator', 'owner')", name="role"),
)

traces: Final = Table(
    "traces",
    metadata,
    # UUIDv7: the primary key is also "newest first", so listing needs no index of its own.
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("context_text", Text, nullable=False),
    Column("solution_text", Text, nullable=False),
    Column("tags", ARRAY(Text), nullable=False, server_default=_EMPTY_ARRAY),
    Column("kind", Text, nullable=False, server_default="fix"),
    Column("status", Text, nullable=False, server_default="published"),
    Column("origin", Text, nullable=False, server_default="person"),
    Column("signatures", ARRAY(Text), nullable=False, server_default=_EMPTY_ARRAY),
    Column("environment", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("provenance", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("content_hash", Text, nullable=False),
    # trace_lexemes() is created by the migration: a generated column takes immutable functions only,
    # and array_to_string(), which the tags need, is merely stable.
    Column(
        "lexemes",
        TSVECTOR,
        Computed("trace_lexemes(title, tags, context_text, solution_text)", persisted=True),
        nullable=True,
    ),
    _moment("created_at"),
    _moment("updated_at"),
    _moment("last_verified_at", nullable=True),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False),
    # Null: nobody's. Starter traces come with the program.
    Column("author_id", Uuid, ForeignKey("accounts.id"), nullable=True, index=True),
    # Weighted, so they need not be whole.
    _tally("votes_up"),
    _tally("votes_down"),
    _tally("outcomes_worked"),
    _tally("outcomes_failed"),
    # wilson_lower_bound() is created by the migration; 0 without evidence.
    Column(
        "wilson",
        Double,
        Computed(
            "wilson_lower_bound((votes_up + outcomes_worked), (votes_down + outcomes_failed))",
            persisted=True,
        ),
        nullable=True,
    ),
    CheckConstraint("kind IN ('fix', 'pattern', 'dead_end')", name="kind"),
    CheckConstraint(
        "status IN ('pending', 'published', 'superseded', 'retracted', 'expired', 'quarantined')",
        name="status",
    ),
    CheckConstraint("origin IN ('starter', 'person')", name="origin"),
    CheckConstraint(
        "least(votes_up, votes_down, outcomes_worked, outcomes_failed) >= 0"
        " AND greatest(votes_up, votes_down, outcomes_worked, outcomes_failed) < 'Infinity'",
        name="tallies",
    ),
    UniqueConstraint("space_id", "content_hash", name="uq_traces_space_content"),
    Index("ix_traces_lexemes", "lexemes", postgresql_using="gin"),
    Index("ix_traces_signatures", "signatures", postgresql_using="gin"),
    Index("ix_traces_tags", "tags", postgresql_using="gin"),
    Index("ix_traces_space", "space_id", "id"),
)

trace_embeddings: Final = Table(
    "trace_embeddings",
    metadata,
    Column("trace_id", Uuid, ForeignKey(traces.c.id, ondelete="CASCADE"), primary_key=True),
    Column("model", Text, primary_key=True),
    Column("view", Text, primary_key=True),
    Column("content_hash", Text, nullable=False),
    # No dimension here: models differ. Each model's partial index casts to its own.
    Column("embedding", HALFVEC(), nullable=False),
)

idempotency_keys: Final = Table(
    "idempotency_keys",
    metadata,
    _account(primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    _trace(nullable=False, index=True),
    _moment("created_at"),
)

votes: Final = Table(
    "votes",
    metadata,
    _trace(primary_key=True),
    _account(primary_key=True, index=True),
    Column("value", SmallInteger, nullable=False),
    Column("reason", Text, nullable=True),
    Column("by", Text, nullable=False, server_default="person"),
    _moment("created_at"),
    _moment("updated_at"),
    CheckConstraint("value IN (1, -1)", name="value"),
    CheckConstraint("reason IN ('outdated', 'wrong', 'harmful', 'spam')", name="reason"),
    CheckConstraint("(reason IS NOT NULL) = (value = -1)", name="reason_given"),
    CheckConstraint("by IN ('person', 'agent')", name="by"),
)

outcomes: Final = Table(
    "outcomes",
    metadata,
    Column("id", Uuid, primary_key=True),
    _trace(nullable=False),
    _account(nullable=False, index=True),
    Column("session", Text, nullable=False),
    Column("worked", Boolean, nullable=False),
    Column("signature", Text, nullable=True),
    Column("packages", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    _moment("created_at"),
    UniqueConstraint("trace_id", "account_id", "session", name="uq_outcomes_session"),
)

jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False, server_default=_EMPTY_OBJECT),
    Column("state", Text, nullable=False, server_default="queued"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    _moment("run_at"),
    _moment("locked_until", nullable=True),
    Column("last_error", Text, nullable=True),
    _moment("created_at"),
    CheckConstraint("state IN ('queued', 'running', 'failed')", name="state"),
    # Partial, so that a claim reads only what is due and failed rows cost nothing.
    Index("ix_jobs_due", "run_at", "id", postgresql_where=text("state = 'queued'")),
    Index("ix_jobs_locked", "locked_until", postgresql_where=text("state = 'running'")),
)
