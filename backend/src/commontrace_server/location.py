"""Where the store of a command is, and its embedder: the options that say it, and what they mean."""

import argparse
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from commontrace_server.settings import checked_embedder

DATABASE_VARIABLE: Final = "COMMONTRACE_DATABASE_URL"
REDIS_VARIABLE: Final = "COMMONTRACE_REDIS_URL"
PEPPER_VARIABLE: Final = "COMMONTRACE_PEPPER"
EMBEDDERS: Final = "minilm, openai[:MODEL], sentence-transformers:FOLDER or none"
_IN_A_FILE: Final = "_FILE"


class UsageError(Exception):
    """The options do not go together; the message says which."""


def variable(name: str, environment: Mapping[str, str] = os.environ) -> str | None:
    """Return what an environment variable says, or the file that `NAME_FILE` names; None where neither does.

    The file is for a secret that is mounted: it is not in the environment, which others may look at.

    Raises:
        UsageError: Both are set, or the file cannot be read or holds nothing.
    """
    value, file = environment.get(name), environment.get(f"{name}{_IN_A_FILE}")
    if not file:
        return value or None
    if value:
        raise UsageError(f"{name} and {name}{_IN_A_FILE} are both set: give one of them")
    try:
        said = Path(file).read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError as error:
        raise UsageError(f"{name}{_IN_A_FILE}: cannot read {file}: {error.strerror}") from error
    if not said:
        raise UsageError(f"{name}{_IN_A_FILE}: {file} is empty")
    return said


def add_database_url(command: argparse.ArgumentParser) -> None:
    """Add the option that names an external database."""
    explanation = f"postgresql://user:password@host:5432/database; or in {DATABASE_VARIABLE}"
    command.add_argument("--database-url", metavar="URL", help=explanation)


def embedder(text: str) -> str:
    """Return the name of an embedder as an option gives it.

    Raises:
        ArgumentTypeError: There is none of this name.
    """
    try:
        return checked_embedder(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{error}: {EMBEDDERS}") from error


def external(options: argparse.Namespace) -> str | None:
    """Return the external database, if there is to be one, for the driver.

    Raises:
        DatabaseUrlError: It is not a URL of PostgreSQL.
        UsageError: The variable cannot be read.
    """
    from commontrace_server.database import address

    url = options.database_url or variable(DATABASE_VARIABLE)
    return address.normalised(url) if url else None


def redis_url(options: argparse.Namespace) -> str | None:
    """Return where Redis is, if there is one.

    Raises:
        UsageError: It is not a URL of Redis, or the variable cannot be read.
    """
    url: str | None = options.redis_url or variable(REDIS_VARIABLE)
    if url is not None and not url.startswith(("redis://", "rediss://", "unix://")):
        raise UsageError(f"--redis-url, or {REDIS_VARIABLE}, looks like redis://:password@host:6379/0")
    return url


def embedded_or_external(options: argparse.Namespace) -> str | None:
    """Return the external database, or None when `data` says where the embedded one is.

    Raises:
        DatabaseUrlError: It is not a URL of PostgreSQL.
        UsageError: Both were asked for, or the variable cannot be read.
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

    Raises:
        UsageError: The variable cannot be read.
    """
    return variable(PEPPER_VARIABLE) or _default_data()


def _default_data() -> Path:
    """Return the folder of a store that was given none; not the one that the plugin's own store uses."""
    home = os.environ.get("COMMONTRACE_HOME")
    if home:
        return Path(home) / "server"
    import platformdirs

    return platformdirs.user_data_path("commontrace", appauthor=False) / "server"
