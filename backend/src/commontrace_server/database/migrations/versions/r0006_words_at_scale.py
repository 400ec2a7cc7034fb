"""Words in a large store that is written to: better known by the statistics, sooner in the index."""

from typing import Final

from alembic import op

revision: Final = "0006"
down_revision: Final = "0005"

# A search reads the traces of every word that ANALYZE does not list. Ten are listed for each: 4,000.
_STATISTICS: Final = 400
# What has been written last is in no tree yet, and read whole by every search for a word.
_PENDING_KILOBYTES: Final = 128
_INDEXES: Final = ("ix_traces_lexemes", "ix_traces_signatures", "ix_traces_tags")


def upgrade() -> None:
    """Tell ANALYZE, and bound what is pending."""
    op.execute(f"ALTER TABLE traces ALTER COLUMN lexemes SET STATISTICS {_STATISTICS}")
    for name in _INDEXES:
        op.execute(f"ALTER INDEX {name} SET (gin_pending_list_limit = {_PENDING_KILOBYTES})")
