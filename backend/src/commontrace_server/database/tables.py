"""The store's tables, as SQLAlchemy Core. The migrations create them; a test holds the two together."""

from typing import Final

from pgvector.sqlalchemy import HALFVEC
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Computed,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
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
    Column("content_hash", Text, nullable=False, unique=True),
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
    CheckConstraint("kind IN ('fix', 'pattern', 'dead_end')", name="kind"),
    CheckConstraint(
        "status IN ('pending', 'published', 'superseded', 'retracted', 'expired', 'quarantined')",
        name="status",
    ),
    CheckConstraint("origin IN ('starter', 'person')", name="origin"),
    Index("ix_traces_lexemes", "lexemes", postgresql_using="gin"),
    Index("ix_traces_signatures", "signatures", postgresql_using="gin"),
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
    Column("key", Text, primary_key=True),
    Column("request_hash", Text, nullable=False),
    Column("trace_id", Uuid, ForeignKey(traces.c.id, ondelete="CASCADE"), nullable=False, index=True),
    _moment("created_at"),
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
