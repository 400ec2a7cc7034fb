"""The store's database: tables, engine and migrations."""

from commontrace_server.database.engine import create_engine, without_transaction
from commontrace_server.database.migrate import migrate
from commontrace_server.database.tables import metadata

__all__ = ["create_engine", "metadata", "migrate", "without_transaction"]
