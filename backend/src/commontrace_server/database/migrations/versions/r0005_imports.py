"""Imports as jobs: what was accepted, lines that wait, lines that were refused; and jobs by priority."""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0005"
down_revision: Final = "0004"

_QUEUED: Final = sa.text("state = 'queued'")


def upgrade() -> None:
    """Create the tables, and let what is asked for by the piece come before what came in bulk."""
    op.add_column("jobs", sa.Column("priority", sa.SmallInteger, nullable=False, server_default="0"))
    op.drop_index("ix_jobs_due", "jobs")
    op.create_index("ix_jobs_due", "jobs", ["priority", "run_at", "id"], postgresql_where=_QUEUED)
    _imports()
    op.create_table(
        "import_batches",
        _import(),
        sa.Column("first_line", sa.Integer, primary_key=True),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "import_refusals",
        _import(),
        sa.Column("line", sa.Integer, primary_key=True),
        sa.Column("detail", sa.Text, nullable=False),
    )


def _imports() -> None:
    op.create_table(
        "imports",
        sa.Column("id", sa.Uuid, primary_key=True),
        sa.Column("account_id", sa.Uuid, sa.ForeignKey("accounts.id", ondelete="CASCADE"), nullable=False),
        sa.Column("space_id", sa.Uuid, sa.ForeignKey("spaces.id", ondelete="CASCADE"), nullable=False),
        sa.Column("moderates", sa.Boolean, nullable=False),
        sa.Column("approved", sa.Boolean, nullable=False),
        sa.Column("job_id", sa.BigInteger),
        *(
            sa.Column(name, sa.Integer, nullable=False, server_default="0")
            for name in ("lines", "created", "existing", "refused")
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
    )
    op.create_index("ix_imports_account_id", "imports", ["account_id"])
    op.create_index("ix_imports_space_id", "imports", ["space_id"])


def _import() -> sa.Column[object]:
    return sa.Column("import_id", sa.Uuid, sa.ForeignKey("imports.id", ondelete="CASCADE"), primary_key=True)
