"""Files of a repository, read within bounds: regular, small enough, and in time, or not at all."""

import os
import stat
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TypeVar

from commontrace import system

MANIFEST_BYTES = 512 * 1024
LOCK_BYTES = 8 * 1024 * 1024
"""Lock files of large applications have a few megabytes; to read more takes longer than it is worth."""
TOTAL_BYTES = 16 * 1024 * 1024
FILES_MOST = 120
SECONDS = 0.25
ENTRIES_MOST = 400
"""Of one folder."""
KEPT_MOST = 128
"""Files whose content this process remembers in the form that was asked for."""

Parsed = TypeVar("Parsed")
_READ = os.O_RDONLY | system.NO_LINK | getattr(os, "O_BINARY", 0)
_lock = threading.Lock()
_kept: OrderedDict[tuple[str, object], tuple[tuple[int, ...], object]] = OrderedDict()


class Files:
    """Reads for one question; once its budget is spent, every further file is as good as absent."""

    def __init__(self, seconds: float = SECONDS) -> None:
        self._until = time.monotonic() + seconds
        self._files = FILES_MOST
        self._bytes = TOTAL_BYTES

    def parsed(self, path: str, limit: int, parse: Callable[[str], Parsed]) -> Parsed | None:
        """What `parse` makes of a file's text; remembered until the file changes.

        Args:
            path: of the file; its last part may not be a link.
            limit: bytes; a larger file is passed over.
            parse: may raise ValueError, TypeError, AttributeError, KeyError or RecursionError: the file is
                then not what its name says.

        Returns:
            None where there is no such file, it cannot be understood, or the budget is spent.
        """
        if self._files <= 0 or time.monotonic() > self._until:
            return None
        try:
            descriptor = os.open(path, _READ)
        except (OSError, ValueError):
            return None
        self._files -= 1
        with os.fdopen(descriptor, "rb") as file:
            found = os.fstat(descriptor)
            if not stat.S_ISREG(found.st_mode) or found.st_size > min(limit, self._bytes):
                return None
            state = (found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev)
            known = _recalled((path, parse), state)  # by the same function, so of the same type
            if known is not None:
                return known[0]  # type: ignore[return-value]
            self._bytes -= found.st_size
            try:
                text = file.read(limit).decode("utf-8", "replace")
            except OSError:
                return None
        result = _understood(text, parse)
        _remember((path, parse), state, result)
        return result

    def is_regular(self, path: str) -> bool:
        """Whether a file is there that is no link; looking costs nothing of the budget but time."""
        if time.monotonic() > self._until:
            return False
        try:
            return stat.S_ISREG(os.lstat(path).st_mode)
        except (OSError, ValueError):  # a path with a null character is a ValueError
            return False

    def entries(self, folder: str) -> list[tuple[str, bool]]:
        """Entries of a folder with whether each is a folder itself; links are neither."""
        if self._files <= 0 or time.monotonic() > self._until:
            return []
        self._files -= 1
        entries: list[tuple[str, bool]] = []
        try:
            with os.scandir(folder) as found:
                for entry in found:
                    if not entry.is_symlink():
                        entries.append((entry.name, entry.is_dir(follow_symlinks=False)))
                    if len(entries) >= ENTRIES_MOST:
                        break
        except (OSError, ValueError):
            return []
        return sorted(entries)


def _understood(text: str, parse: Callable[[str], Parsed]) -> Parsed | None:
    try:
        return parse(text)
    except (ValueError, TypeError, AttributeError, KeyError, RecursionError):
        return None


def _recalled(key: tuple[str, object], state: tuple[int, ...]) -> tuple[object] | None:
    with _lock:
        known = _kept.get(key)
        if known is None or known[0] != state:
            return None
        _kept.move_to_end(key)
        return (known[1],)


def _remember(key: tuple[str, object], state: tuple[int, ...], result: object) -> None:
    with _lock:
        _kept[key] = (state, result)
        while len(_kept) > KEPT_MOST:
            _kept.popitem(last=False)
