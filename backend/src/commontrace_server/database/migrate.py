"""Migrations, run by the program itself; any number of starters at once end well."""

from pathlib import Path
from typing import Final

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from commontrace_server.database.engine import create_engine

# The newest revision. Known here, so that a start with nothing to do need not import Alembic.
HEAD: Final = "0006"

_SCRIPTS: Final = Path(__file__).with_name("migrations")
# Any constant works as long as it never changes: the first 8 bytes of sha256("commontrace migrations").
_LOCK: Final = int.from_bytes(bytes.fromhex("4f1d4bde8f1c5a20"), "big", signed=True)
_UNDEFINED_TABLE: Final = "42P01"
_NO_EXTENSION: Final = frozenset({"0A000", "58P01"})
_NO_RIGHT: Final = "42501"


class DatabaseTooNewError(Exception):
    """The database was written by a newer CommonTrace. Update this program, then start it again."""

    def __str__(self) -> str:
        return str(self.__doc__)


class VectorMissingError(Exception):
    """This PostgreSQL has no pgvector extension. Install pgvector 0.8 or newer there, then start again."""

    def __str__(self) -> str:
        return str(self.__doc__)


class VectorRightMissingError(Exception):
    """This user may not create extensions. Run CREATE EXTENSION vector as a superuser, then start again."""

    def __str__(self) -> str:
        return str(self.__doc__)


async def current_revision(connection: AsyncConnection) -> str | None:
    """Return the revision the database is at, or None when it was never migrated."""
    known = await connection.scalar(text("SELECT to_regclass('alembic_version')::text"))
    if known is None:
        return None
    revision: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


async def migrate(url: str) -> None:
    """Bring the database at `url` to HEAD, in one transaction under an advisory lock.

    Raises:
        DatabaseTooNewError: The database is at a revision this program does not know.
        VectorMissingError: The server has no pgvector.
        VectorRightMissingError: The database has not, and the user may not change that.
    """
    engine = create_engine(url, statement_milliseconds=0)
    try:
        await _migrate(engine)
    finally:
        await engine.dispose()


async def _migrate(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        if await current_revision(connection) == HEAD:
            return
    async with engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        await connection.run_sync(_upgrade)


def _upgrade(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        if "Can't locate revision" in str(error):
            raise DatabaseTooNewError from error
        raise
    except (ProgrammingError, DBAPIError) as error:
        state = getattr(error.orig, "sqlstate", None)
        if state in _NO_EXTENSION and "vector" in str(error.orig):
            raise VectorMissingError from error
        if state == _NO_RIGHT and "extension" in str(error.orig):
            raise VectorRightMissingError from error
        raise
