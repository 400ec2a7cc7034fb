"""For statements that are built once: what SQLAlchemy would find out at each execution is said beforehand."""

from collections.abc import Iterable

from sqlalchemy import BindParameter, TextualSelect, column, literal, text


def returning(sql: str, *columns: str) -> TextualSelect:
    """Return a statement whose columns have these names, in this order."""
    return text(sql).columns(*(column(name) for name in columns))


def constants(values: Iterable[str]) -> list[BindParameter[str]]:
    """Return what goes into `in_` in place of a plain list, which is expanded at each execution."""
    return [literal(value) for value in values]
