"""Where things are: one data folder of our own, a config file, and a private folder for sockets."""

import hashlib
import os
import stat
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from commontrace import brief_file, environment, system

SOCKET_PATH_LIMIT = 100
"""Bytes; the kernel's limit for socket addresses is 107 on Linux and 103 on macOS."""


class RuntimeFolderUnsafeError(Exception):
    """The folder for sockets belongs to someone else or is open to others."""


@dataclass(frozen=True)
class Paths:
    """All places that the client writes to. Nothing is created before it is needed."""

    data: Path
    config: Path
    runtime: Path
    plugin_data: Path | None = None

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> "Paths":
        """The user's folders, or everything below `COMMONTRACE_HOME` where that is set."""
        data = Path(environment.data_dir(environ))
        home = environ.get("COMMONTRACE_HOME")
        if home:
            return cls(data, data / "config.toml", _runtime(data, data / "run"), _plugin_data(environ))
        import platformdirs

        config = Path(platformdirs.user_config_dir("commontrace", appauthor=False)) / "config.toml"
        return cls(data, config, _runtime(data, _user_runtime(data)), _plugin_data(environ))

    @property
    def store(self) -> Path:
        """The local store's database and lock."""
        return self.data / "store"

    @property
    def socket(self) -> Path:
        """The unix socket of the local store."""
        return self.runtime / "store.sock"

    @property
    def memory(self) -> Path:
        """What this machine's sessions have seen and shown (SQLite)."""
        return self.data / "memory.sqlite3"

    @property
    def briefs(self) -> Path:
        """What sessions are told when they start, by repository; `brief_file.folder` finds the same place."""
        return (self.plugin_data or self.data) / brief_file.FOLDER

    @property
    def logs(self) -> Path:
        """Bounded logs that name what went wrong; they hold no user text."""
        return self.data / "logs"


def _plugin_data(environ: Mapping[str, str]) -> Path | None:
    """Claude Code's folder for the plugin's data; only what it starts itself is told."""
    given = Path(environ.get("CLAUDE_PLUGIN_DATA", ""))
    return given if given.is_absolute() else None


def _runtime(data: Path, preferred: Path) -> Path:
    """The preferred folder, or a short one where a socket in it would exceed the kernel's limit."""
    if len(os.fsencode(preferred / "store.sock")) <= SOCKET_PATH_LIMIT:
        return preferred
    return _temporary(data)


def _user_runtime(data: Path) -> Path:
    """Follows from user and data folder alone: all sessions with one store arrive at its socket."""
    if sys.platform == "linux":
        session = Path(f"/run/user/{system.user()}")
        if session.is_dir() and session.stat().st_uid == system.user():
            return session / f"commontrace-{_name(data)}"
        return _temporary(data)
    return data / "run"


def _temporary(data: Path) -> Path:
    # private_folder refuses a folder that is not ours alone
    return Path("/tmp") / f"commontrace-{system.user()}-{_name(data)}"  # noqa: S108


def _name(data: Path) -> str:
    return hashlib.sha256(os.fsencode(data)).hexdigest()[:12]


def private_folder(path: Path) -> Path:
    """Create `path` for this user alone, or check that it is.

    Raises:
        RuntimeFolderUnsafeError: another user owns it, others can enter it, or it is a link.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != system.user() or found.st_mode & 0o077:
        raise RuntimeFolderUnsafeError(
            f"{path} must be a folder that only you can enter: remove it or make it yours (chmod 700)"
        )
    return path
