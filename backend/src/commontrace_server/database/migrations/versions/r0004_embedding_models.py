"""Which embedder search asks, and which one is being made ready.

A store that has vectors of the shipped model goes on with them.
"""

from typing import Final

import sqlalchemy as sa
from alembic import op

revision: Final = "0004"
down_revision: Final = "0003"

_SERVING: Final = """
INSERT INTO embedding_models (model, choice, state)
SELECT 'all-minilm-l6-v2', 'minilm', 'serving'
WHERE EXISTS (SELECT FROM trace_embeddings WHERE model = 'all-minilm-l6-v2')
"""


def upgrade() -> None:
    """Create the table and note the model that is in use."""
    op.create_table(
        "embedding_models",
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("choice", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("slope", sa.Double),
        sa.Column("intercept", sa.Double),
        sa.CheckConstraint("state IN ('serving', 'building', 'retired')", name="state"),
    )
    op.create_index(
        "one_serving_model",
        "embedding_models",
        ["state"],
        unique=True,
        postgresql_where=sa.text("state = 'serving'"),
    )
    op.execute(_SERVING)
