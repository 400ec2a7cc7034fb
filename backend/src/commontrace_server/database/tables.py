"""The store's tables, as SQLAlchemy Core. The migrations create them; a test holds the two together."""

from collections.abc import Mapping
from typing import Any, Final

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Computed,
    Double,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from commontrace_server.database.columns import (
    EMPTY_ARRAY,
    EMPTY_OBJECT,
    account,
    counter,
    derived,
    moment,
    trace,
)
from commontrace_server.database.columns import metadata as metadata  # noqa: PLC0414 - it is theirs
from commontrace_server.database.tallies import COUNTERS, SIDES, TALLIES, VOICES

# What is pending in an index, in kilobytes, is read by every search for a word.
_GIN: Final[Mapping[str, Any]] = {
    "postgresql_using": "gin",
    "postgresql_with": {"gin_pending_list_limit": 128},
}

accounts: Final = Table(
    "accounts",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("tier", Text, nullable=False, server_default="standard"),
    # The group of accounts that counts as one voice; an account's own id until something else is known.
    Column("root", Uuid, ForeignKey("accounts.id"), nullable=False, index=True),
    moment("created_at"),
    CheckConstraint("tier IN ('standard', 'trusted')", name="tier"),
)

api_keys: Final = Table(
    "api_keys",
    metadata,
    Column("id", Uuid, primary_key=True),
    account(nullable=False, index=True),
    # 64 hex digits, HMAC-SHA256 of the key under the store's pepper: the key itself is nowhere.
    Column("hash", Text, nullable=False, unique=True),
    Column("hint", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    moment("created_at"),
    moment("expires_at", nullable=True),
    moment("revoked_at", nullable=True),
    CheckConstraint("scopes <@ ARRAY['read', 'contribute', 'moderate', 'admin']", name="scopes"),
)

spaces: Final = Table(
    "spaces",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("kind", Text, nullable=False),
    moment("created_at"),
    CheckConstraint("kind IN ('personal', 'team', 'public')", name="kind"),
    # Every request looks for the public spaces; they are few among many.
    Index("ix_spaces_public", "id", postgresql_where=text("kind = 'public'")),
)

members: Final = Table(
    "members",
    metadata,
    Column("space_id", Uuid, ForeignKey("spaces.id", ondelete="CASCADE"), primary_key=True),
    account(primary_key=True, index=True),
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
    Column("tags", ARRAY(Text), nullable=False, server_default=EMPTY_ARRAY),
    Column("kind", Text, nullable=False, server_default="fix"),
    Column("status", Text, nullable=False, server_default="published"),
    Column("origin", Text, nullable=False, server_default="person"),
    Column("signatures", ARRAY(Text), nullable=False, server_default=EMPTY_ARRAY),
    Column("environment", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("provenance", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("content_hash", Text, nullable=False),
    # trace_lexemes() is created by the migration: a generated column takes immutable functions only,
    # and array_to_string(), which the tags need, is merely stable.
    Column(
        "lexemes",
        TSVECTOR,
        Computed("trace_lexemes(title, tags, context_text, solution_text)", persisted=True),
        nullable=True,
    ),
    moment("created_at"),
    moment("updated_at"),
    moment("last_verified_at", nullable=True),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False),
    # Null: nobody's. Starter traces come with the program.
    Column("author_id", Uuid, ForeignKey("accounts.id"), nullable=True, index=True),
    # The trace that this one replaces, or would: what was imported may name one that is not here.
    Column("supersedes", Uuid, nullable=True),
    Column("superseded_by", Uuid, nullable=True),
    moment("valid_until", nullable=True),
    # Why a person should look at it before anybody is shown it unasked; empty when nothing was found.
    Column("held_for", ARRAY(Text), nullable=False, server_default=EMPTY_ARRAY),
    # Roots that speak for or against it by votes and by outcomes: known ones, and all others.
    *(counter(f"{side}_{voice}") for side in SIDES for voice in VOICES),
    # Known roots that speak for it and in nothing against it.
    counter("confirmations"),
    *(derived(name, expression) for name, expression in TALLIES.items()),
    CheckConstraint("kind IN ('fix', 'pattern', 'dead_end')", name="kind"),
    CheckConstraint(
        "status IN ('pending', 'published', 'superseded', 'retracted', 'expired', 'quarantined')",
        name="status",
    ),
    CheckConstraint("origin IN ('starter', 'person')", name="origin"),
    CheckConstraint(
        f"least({', '.join(COUNTERS)}, confirmations) >= 0",
        name="counters",
    ),
    UniqueConstraint("space_id", "content_hash", name="uq_traces_space_content"),
    Index("ix_traces_lexemes", "lexemes", **_GIN),
    Index("ix_traces_signatures", "signatures", **_GIN),
    Index("ix_traces_tags", "tags", **_GIN),
    Index("ix_traces_space", "space_id", "id"),
    Index("ix_traces_supersedes", "supersedes", postgresql_where=text("supersedes IS NOT NULL")),
    # What waits for a decision, and what may have run out: few among many.
    Index(
        "ix_traces_waiting", "space_id", "id", postgresql_where=text("status IN ('pending', 'quarantined')")
    ),
    Index("ix_traces_valid_until", "valid_until", postgresql_where=text("valid_until IS NOT NULL")),
)

embedding_models: Final = Table(
    "embedding_models",
    metadata,
    Column("model", Text, primary_key=True),
    # What `serve --embedder` was given, so that the model can be loaded again.
    Column("choice", Text, nullable=False),
    Column("state", Text, nullable=False),
    # How its cosines compare to those of the model that the ranking was fitted to; NULL until measured.
    Column("slope", Double),
    Column("intercept", Double),
    CheckConstraint("state IN ('serving', 'building', 'retired')", name="state"),
    Index("one_serving_model", "state", unique=True, postgresql_where=text("state = 'serving'")),
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
    account(primary_key=True),
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    trace(nullable=False, index=True),
    moment("created_at"),
)

votes: Final = Table(
    "votes",
    metadata,
    trace(primary_key=True),
    account(primary_key=True, index=True),
    Column("value", SmallInteger, nullable=False),
    Column("reason", Text, nullable=True),
    Column("by", Text, nullable=False, server_default="person"),
    moment("created_at"),
    moment("updated_at"),
    CheckConstraint("value IN (1, -1)", name="value"),
    CheckConstraint("reason IN ('outdated', 'wrong', 'harmful', 'spam')", name="reason"),
    CheckConstraint("(reason IS NOT NULL) = (value = -1)", name="reason_given"),
    CheckConstraint("by IN ('person', 'agent')", name="by"),
)

outcomes: Final = Table(
    "outcomes",
    metadata,
    Column("id", Uuid, primary_key=True),
    trace(nullable=False),
    account(nullable=False, index=True),
    Column("session", Text, nullable=False),
    Column("worked", Boolean, nullable=False),
    Column("signature", Text, nullable=True),
    Column("packages", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    moment("created_at"),
    UniqueConstraint("trace_id", "account_id", "session", name="uq_outcomes_session"),
)

# What the accounts of one root say about a trace, all together; votes on one's own are not in it.
voices: Final = Table(
    "voices",
    metadata,
    trace(primary_key=True),
    Column("root", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("votes", Integer, nullable=False),  # sum of +1 and -1
    Column("outcomes", Integer, nullable=False),  # worked +1, failed -1
    # Whether the root was known in the trace's space when this row was last written.
    Column("known", Boolean, nullable=False),
)

# Roots that are known everywhere because what they wrote has worked for trusted ones. Derived.
standing: Final = Table(
    "standing",
    metadata,
    Column("root", Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
)

reports: Final = Table(
    "reports",
    metadata,
    Column("id", Uuid, primary_key=True),
    trace(nullable=False),
    account(nullable=False, index=True),
    Column("reason", Text, nullable=False),
    moment("created_at"),
    # The audit entry of the decision that answered it.
    Column("settled_by", Uuid, ForeignKey("audit_log.id"), nullable=True, index=True),
    # Open ones: one per account and trace.
    Index(
        "uq_reports_open", "trace_id", "account_id", unique=True, postgresql_where=text("settled_by IS NULL")
    ),
)

# Rows are added and never changed: a trigger of the migration sees to it.
audit_log: Final = Table(
    "audit_log",
    metadata,
    Column("id", Uuid, primary_key=True),
    Column("space_id", Uuid, ForeignKey("spaces.id"), nullable=False),
    # No foreign key: that a trace was deleted outlives it.
    Column("trace_id", Uuid, nullable=False, index=True),
    # Null: the store itself, by a rule.
    Column("actor_id", Uuid, ForeignKey("accounts.id"), nullable=True),
    Column("act", Text, nullable=False),
    Column("note", Text, nullable=True),
    Column("before", JSONB, nullable=False),
    Column("after", JSONB, nullable=False),
    Column("undoes", Uuid, ForeignKey("audit_log.id"), nullable=True, unique=True),
    moment("created_at"),
    Index("ix_audit_log_space", "space_id", "id"),
)

jobs: Final = Table(
    "jobs",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("payload", JSONB, nullable=False, server_default=EMPTY_OBJECT),
    Column("state", Text, nullable=False, server_default="queued"),
    # What is asked for by the piece comes before what came in bulk; see jobs/queue.py.
    Column("priority", SmallInteger, nullable=False, server_default="0"),
    Column("attempts", Integer, nullable=False, server_default="0"),
    moment("run_at"),
    moment("locked_until", nullable=True),
    Column("last_error", Text, nullable=True),
    moment("created_at"),
    CheckConstraint("state IN ('queued', 'running', 'failed')", name="state"),
    # Partial, so that a claim reads only what is due and failed rows cost nothing.
    Index("ix_jobs_due", "priority", "run_at", "id", postgresql_where=text("state = 'queued'")),
    Index("ix_jobs_locked", "locked_until", postgresql_where=text("state = 'running'")),
)

# Whole files that were accepted and are worked off batch by batch; finished ones are kept for a while.
imports: Final = Table(
    "imports",
    metadata,
    Column("id", Uuid, primary_key=True),
    account(nullable=False, index=True),
    Column("space_id", Uuid, ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False, index=True),
    # What the key that sent it was allowed when it did.
    Column("moderates", Boolean, nullable=False),
    Column("approved", Boolean, nullable=False),
    # The job whose turn it is; it may have been given up. NULL until the last line is there, and at the end.
    Column("job_id", BigInteger, nullable=True),
    counter("lines"),
    counter("created"),
    counter("existing"),
    counter("refused"),
    moment("created_at"),
    moment("finished_at", nullable=True),
)

import_batches: Final = Table(
    "import_batches",
    metadata,
    Column("import_id", Uuid, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("first_line", Integer, primary_key=True),
    # Lines as they were sent; blank where there was none to take.
    Column("content", LargeBinary, nullable=False),
)

import_refusals: Final = Table(
    "import_refusals",
    metadata,
    Column("import_id", Uuid, ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("detail", Text, nullable=False),
)
