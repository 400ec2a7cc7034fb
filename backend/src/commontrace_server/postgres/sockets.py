"""Where the server's socket is: a directory that only its owner can enter, with a path short enough."""

import contextlib
import hashlib
import os
import stat
import sys
import tempfile
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from commontrace_server.postgres.errors import SocketPathError
from commontrace_server.postgres.settings import PORT

# The longest path that fits into the system's socket address, without its final zero byte.
PATH_BYTES = 107 if sys.platform == "linux" else 103

# The last resort. What is used below it is ours alone, or it is not used.
SHORTEST = "/tmp"  # noqa: S108


def fresh_directory(data: Path, runtime: Path | None) -> Path:
    """The socket directory of the cluster in `data`, without what a killed server left there."""
    made = directory(data, runtime)
    for stale in made.glob(".s.PGSQL.*"):
        stale.unlink()
    return made


def directory(data: Path, runtime: Path | None) -> Path:
    """Makes the socket directory of the cluster in `data` and returns it.

    It is below `runtime` (by default below `data`) if that path is short enough, otherwise below a private
    directory among the temporary files.

    Raises:
        SocketPathError: every candidate is too long, or is in somebody else's hands.
    """
    name = "pg-" + hashlib.sha256(os.fsencode(data)).hexdigest()[:8]
    refused = []
    for parent in chain([runtime or data], _private_parents()):  # none is made that is not needed
        problem = _problem(parent / name)
        if problem is None:
            return parent / name
        refused.append(f"{parent / name}: {problem}.")
    raise SocketPathError(" ".join(refused))


def _private_parents() -> Iterator[Path]:
    """Short directories of our own among the temporary files, where anybody may have been first."""
    for temporary in dict.fromkeys((tempfile.gettempdir(), SHORTEST)):
        parent = Path(temporary, f"commontrace-{os.geteuid()}")
        with contextlib.suppress(OSError):  # said by the attempt to use it
            parent.mkdir(mode=0o700, exist_ok=True)
            if _is_private(parent, {os.geteuid()}):
                yield parent


def _problem(candidate: Path) -> str | None:
    length = len(os.fsencode(candidate / f".s.PGSQL.{PORT}"))
    if length > PATH_BYTES:
        return f"{length} bytes, and a socket's path has {PATH_BYTES} at most"
    if "," in candidate.as_posix():
        return "a comma separates hosts in a connection URL"
    try:
        candidate.mkdir(mode=0o700, parents=True, exist_ok=True)
        # Root may have handed the directory to the user that its server runs as.
        owners = {os.geteuid()} if os.geteuid() else {candidate.lstat().st_uid}
        if not _is_private(candidate, owners):
            return "others may enter it"
    except OSError as error:
        return f"it cannot be made ({error.strerror})"
    return None


def _is_private(path: Path, owners: set[int]) -> bool:
    status = path.lstat()
    return stat.S_ISDIR(status.st_mode) and status.st_uid in owners and not status.st_mode & 0o077
