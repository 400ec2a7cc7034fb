"""Database URLs as people write them."""

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

_DRIVERS = frozenset({"postgres", "postgresql", "postgresql+asyncpg"})


class DatabaseUrlError(Exception):
    """Not a PostgreSQL URL. It looks like postgresql://user:password@host:5432/database."""

    def __str__(self) -> str:
        return str(self.__doc__)


def normalised(url: str) -> str:
    """Return `url` for the asyncpg driver.

    Raises:
        DatabaseUrlError: It is not a URL, or not one of PostgreSQL.
    """
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError) as error:
        raise DatabaseUrlError from error
    if parsed.drivername not in _DRIVERS:
        raise DatabaseUrlError
    query = dict(parsed.query)
    if "sslmode" in query:  # libpq's name for what asyncpg calls ssl
        query["ssl"] = query.pop("sslmode")
    return parsed.set(drivername="postgresql+asyncpg", query=query).render_as_string(hide_password=False)
