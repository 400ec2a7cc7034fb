"""Why the server did not start: a failed system call, or what keeper and server wrote in the log."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from commontrace_server.postgres import keeper
from commontrace_server.postgres.errors import (
    DataDirectoryError,
    DiskFullError,
    IncompatibleDataError,
    PostgresError,
    RootRefusedError,
    StartError,
)

_TAIL_BYTES = 4000

# What the server says (its messages are always the untranslated ones) and what it means.
_MEANINGS: tuple[tuple[str, type[PostgresError]], ...] = (
    ("No space left on device", DiskFullError),
    ("Check free disk space", DiskFullError),
    ("Disk quota exceeded", DiskFullError),
    ("not compatible with this version", IncompatibleDataError),
    ("incompatible with server", IncompatibleDataError),
    ("Permission denied", DataDirectoryError),
    ("Read-only file system", DataDirectoryError),
    ("has wrong ownership", DataDirectoryError),
)


@contextmanager
def translated(data: Path) -> Iterator[None]:
    """Turns failed system calls on the cluster's directory into our errors."""
    try:
        yield
    except OSError as error:
        full = error.errno in {errno.ENOSPC, errno.EDQUOT}
        kind = DiskFullError if full else DataDirectoryError
        raise kind(f"{data}: {error.strerror or error}.") from error


def explained(status: int, log: Path, start: int) -> PostgresError:
    """The error for a keeper that exited with `status`, having written to `log` from byte `start` on."""
    said = _tail(log, start)
    if status == keeper.REFUSED:
        return RootRefusedError(said.removeprefix("refused: "))
    for phrase, kind in _MEANINGS:
        if phrase in said:
            line = next(line for line in said.splitlines() if phrase in line)
            return kind(f"{line.strip()} (log: {log})")
    return StartError(f"The keeper exited with status {status}; {log} ends with:\n{said}")


def _tail(log: Path, start: int) -> str:
    with log.open("rb") as file:
        size = file.seek(0, 2)
        # A log that is shorter than it was has been turned over.
        file.seek(max(start if start <= size else 0, size - _TAIL_BYTES))
        return file.read().decode(errors="replace").strip()
