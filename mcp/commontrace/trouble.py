"""What keeps the plugin from its work on this machine until the person mends it."""

import sqlite3

from commontrace import environment
from commontrace.config import ConfigInvalidError
from commontrace.memory import MemoryNewerError
from commontrace.paths import Paths, RuntimeFolderUnsafeError

DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
LASTING = DAMAGED | {
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_READONLY,
}
"""What SQLite does not get over by itself; that another process writes just now, it does."""


def told(error: BaseException, folders: Paths) -> str:
    """The trouble behind an error, in words for the person; empty where it passes or is somebody else's.

    Args:
        error: what a hook or a thread beside it has met.
        folders: where this user's files are.
    """
    if isinstance(error, ConfigInvalidError | MemoryNewerError | RuntimeFolderUnsafeError):
        return str(error)
    if isinstance(error, sqlite3.Error) and code(error) in LASTING:
        return f"its memory {folders.memory} cannot be used: {error}"
    ours = isinstance(error, OSError) and str(error.filename or "").startswith(str(folders.data))
    return environment.unwritable(error, str(folders.data)) if isinstance(error, OSError) and ours else ""


def code(error: sqlite3.Error) -> int:
    """SQLite's primary result code, 0 for an error of the module itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
