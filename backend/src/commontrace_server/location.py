"""Where the store of a command is: the options that say it, and what they mean."""

import argparse
import os
from pathlib import Path
from typing import Final

DATABASE_VARIABLE: Final = "COMMONTRACE_DATABASE_URL"
REDIS_VARIABLE: Final = "COMMONTRACE_REDIS_URL"
PEPPER_VARIABLE: Final = "COMMONTRACE_PEPPER"


class UsageError(Exception):
    """The options do not go together; the message says which."""


def add_database_url(command: argparse.ArgumentParser) -> None:
    """Add the option that names an external database."""
    explanation = f"postgresql://user:password@host:5432/database; or in {DATABASE_VARIABLE}"
    command.add_argument("--database-url", metavar="URL", help=explanation)


def external(options: argparse.Namespace) -> str | None:
    """Return the external database, if there is to be one, for the driver.

    Raises:
        DatabaseUrlError: It is not a URL of PostgreSQL.
    """
    from commontrace_server.database import address

    url = options.database_url or os.environ.get(DATABASE_VARIABLE)
    return address.normalised(url) if url else None


def redis_url(options: argparse.Namespace) -> str | None:
    """Return where Redis is, if there is one.

    Raises:
        UsageError: It is not a URL of Redis.
    """
    url: str | None = options.redis_url or os.environ.get(REDIS_VARIABLE) or None
    if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
        raise UsageError(f"--redis-url, or {REDIS_VARIABLE}, looks like redis://:password@host:6379/0")
    return url


def embedded_or_external(options: argparse.Namespace) -> str | None:
    """Return the external database, or None when `data` says where the embedded one is.

    Raises:
        DatabaseUrlError: It is not a URL of PostgreSQL.
        UsageError: Both were asked for.
    """
    url = external(options)
    if url is not None and options.data is not None:
        raise UsageError("--data is for the embedded PostgreSQL: give it or --database-url")
    return url


def data(options: argparse.Namespace) -> Path:
    """Return the folder of the store."""
    chosen: Path = options.data or _default_data()
    return chosen.absolute()


def pepper_of_external() -> str | Path:
    """Return what the keys of a store with an external database are hashed with, or the folder of its file.

    Several processes that serve one database on several machines need to be given the same one.
    """
    return os.environ.get(PEPPER_VARIABLE) or _default_data()


def _default_data() -> Path:
    """Return the folder of a store that was given none; not the one that the plugin's own store uses."""
    home = os.environ.get("COMMONTRACE_HOME")
    if home:
        return Path(home) / "server"
    import platformdirs

    return platformdirs.user_data_path("commontrace", appauthor=False) / "server"
