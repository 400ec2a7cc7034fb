"""What the tables are made of: their metadata and the columns that repeat."""

from typing import Any, Final

from sqlalchemy import Column, Computed, DateTime, Double, ForeignKey, Integer, MetaData, Uuid, func, text

metadata: Final = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "ix": "ix_%(table_name)s_%(column_0_name)s",
    }
)

EMPTY_ARRAY: Final = text("'{}'::text[]")
EMPTY_OBJECT: Final = text("'{}'::jsonb")


def moment(name: str, *, nullable: bool = False) -> Column[object]:
    """Return a point in time, by default the present."""
    default = None if nullable else func.now()
    return Column(name, DateTime(timezone=True), nullable=nullable, server_default=default)


def account(name: str = "account_id", **options: Any) -> Column[object]:
    """Return a reference to an account, gone with it."""
    return Column(name, Uuid, ForeignKey("accounts.id", ondelete="CASCADE"), **options)


def trace(**options: Any) -> Column[object]:
    """Return a reference to a trace, gone with it."""
    return Column("trace_id", Uuid, ForeignKey("traces.id", ondelete="CASCADE"), **options)


def counter(name: str) -> Column[object]:
    """Return a whole number that begins at 0."""
    return Column(name, Integer, nullable=False, server_default="0")


def derived(name: str, expression: str) -> Column[object]:
    """Return a number that the database computes of the row's others."""
    return Column(name, Double, Computed(expression, persisted=True), nullable=True)
