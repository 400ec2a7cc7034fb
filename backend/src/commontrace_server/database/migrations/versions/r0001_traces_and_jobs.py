"""Traces, their embeddings, idempotency keys and jobs."""

from typing import Final

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql as pg

revision: Final = "0001"
down_revision: Final = None

# With a body in standard SQL the names are bound at creation: no search_path can change what it means.
# array_to_string() is only stable because of types whose output depends on settings; text has none.
_TRACE_LEXEMES: Final = """
CREATE FUNCTION trace_lexemes(title text, tags text[], context_text text, solution_text text)
RETURNS tsvector
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN setweight(to_tsvector('english'::regconfig, title), 'A')
    || setweight(to_tsvector('english'::regconfig, array_to_string(tags, ' ')), 'A')
    || setweight(to_tsvector('english'::regconfig, context_text), 'B')
    || setweight(to_tsvector('english'::regconfig, solution_text), 'C')
"""


def upgrade() -> None:
    """Create the first tables."""
    op.execute("CREATE EXTENSION IF NOT EXISTS vector")
    op.execute(_TRACE_LEXEMES)
    _create_traces()
    _create_trace_embeddings()
    _create_idempotency_keys()
    _create_jobs()


def _moment(name: str, *, nullable: bool = False) -> sa.Column[object]:
    default = None if nullable else sa.func.now()
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, server_default=default)


def _array(name: str) -> sa.Column[object]:
    return sa.Column(name, pg.ARRAY(sa.Text()), nullable=False, server_default=sa.text("'{}'::text[]"))


def _object(name: str) -> sa.Column[object]:
    return sa.Column(name, pg.JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb"))


def _create_traces() -> None:
    op.create_table(
        "traces",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("context_text", sa.Text(), nullable=False),
        sa.Column("solution_text", sa.Text(), nullable=False),
        _array("tags"),
        sa.Column("kind", sa.Text(), nullable=False, server_default="fix"),
        sa.Column("status", sa.Text(), nullable=False, server_default="published"),
        sa.Column("origin", sa.Text(), nullable=False, server_default="person"),
        _array("signatures"),
        _object("environment"),
        _object("provenance"),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "lexemes",
            pg.TSVECTOR(),
            sa.Computed("trace_lexemes(title, tags, context_text, solution_text)", persisted=True),
        ),
        _moment("created_at"),
        _moment("updated_at"),
        _moment("last_verified_at", nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_traces"),
        sa.UniqueConstraint("content_hash", name="uq_traces_content_hash"),
        sa.CheckConstraint("kind IN ('fix', 'pattern', 'dead_end')", name=op.f("ck_traces_kind")),
        sa.CheckConstraint(
            "status IN ('pending', 'published', 'superseded', 'retracted', 'expired', 'quarantined')",
            name=op.f("ck_traces_status"),
        ),
        sa.CheckConstraint("origin IN ('starter', 'person')", name=op.f("ck_traces_origin")),
    )
    op.create_index("ix_traces_lexemes", "traces", ["lexemes"], postgresql_using="gin")
    op.create_index("ix_traces_signatures", "traces", ["signatures"], postgresql_using="gin")


def _create_trace_embeddings() -> None:
    op.create_table(
        "trace_embeddings",
        sa.Column("trace_id", sa.Uuid(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("view", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("embedding", HALFVEC(), nullable=False),
        sa.PrimaryKeyConstraint("trace_id", "model", "view", name="pk_trace_embeddings"),
        sa.ForeignKeyConstraint(
            ["trace_id"], ["traces.id"], ondelete="CASCADE", name="fk_trace_embeddings_trace_id"
        ),
    )


def _create_idempotency_keys() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("trace_id", sa.Uuid(), nullable=False),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("key", name="pk_idempotency_keys"),
        sa.ForeignKeyConstraint(
            ["trace_id"], ["traces.id"], ondelete="CASCADE", name="fk_idempotency_keys_trace_id"
        ),
    )
    op.create_index("ix_idempotency_keys_trace_id", "idempotency_keys", ["trace_id"])


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        _object("payload"),
        sa.Column("state", sa.Text(), nullable=False, server_default="queued"),
        sa.Column("attempts", sa.Integer(), nullable=False, server_default="0"),
        _moment("run_at"),
        _moment("locked_until", nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        _moment("created_at"),
        sa.PrimaryKeyConstraint("id", name="pk_jobs"),
        sa.CheckConstraint("state IN ('queued', 'running', 'failed')", name=op.f("ck_jobs_state")),
    )
    op.create_index("ix_jobs_due", "jobs", ["run_at", "id"], postgresql_where=sa.text("state = 'queued'"))
    op.create_index("ix_jobs_locked", "jobs", ["locked_until"], postgresql_where=sa.text("state = 'running'"))
