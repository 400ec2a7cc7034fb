"""The server process as its `postmaster.pid` describes it, and what is left of one that was killed."""

import contextlib
import os
import signal
import socket
import struct
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from commontrace_server.postgres.errors import StartError

# How long the remains of a killed server may take to leave by themselves, and after they were told to.
GRACE_SECONDS = 1.0
LEAVE_SECONDS = 10.0
SHUTDOWN_SECONDS = 60.0

# The first message of a client that asks for TLS: any server that is alive answers with one byte.
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


@dataclass(frozen=True)
class Postmaster:
    """One server process; `sockets` is the directory of its socket."""

    pgdata: Path
    pid: int
    port: int
    sockets: Path
    ready: bool

    @classmethod
    def read(cls, pgdata: Path) -> "Postmaster | None":
        """What `pgdata`/postmaster.pid says, alive or not; None if it says nothing yet."""
        try:
            lines = (pgdata / "postmaster.pid").read_text(encoding="utf-8").split("\n")
        except FileNotFoundError:
            return None
        if len(lines) < 5 or not lines[0].isdigit() or not lines[3].isdigit():
            return None
        ready = len(lines) > 7 and lines[7].strip() == "ready"
        return cls(pgdata, int(lines[0]), int(lines[3]), Path(lines[4]), ready)

    def lives(self) -> bool:
        """Whether the process runs and is this server: its number may have been given to another since."""
        return _pids(self.pgdata, [self.pid]) == [self.pid]

    def answers(self, seconds: float = 1.0) -> bool:
        """Whether the server accepts a connection and says something within `seconds`."""
        path = self.sockets / f".s.PGSQL.{self.port}"
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(seconds)
            try:
                client.connect(os.fspath(path))
                client.sendall(_SSL_REQUEST)
                return client.recv(1) != b""
            except OSError:
                return False


def clear(pgdata: Path) -> None:
    """Waits until no server process uses `pgdata`, ends those without a master, removes its lock file.

    Two servers on one data directory would destroy it, so nothing is removed while a process is left.

    Raises:
        StartError: processes are left that do not end.
    """
    server = Postmaster.read(pgdata)
    if server is not None and server.lives():
        _signal([server.pid], signal.SIGINT)
        _wait_gone(pgdata, SHUTDOWN_SECONDS)
    if left := _wait_gone(pgdata, GRACE_SECONDS):
        _signal(left, signal.SIGQUIT)
        left = _wait_gone(pgdata, LEAVE_SECONDS)
        if left:
            raise StartError(f"Processes {left} of an earlier server still use {pgdata}; end them.")
    (pgdata / "postmaster.pid").unlink(missing_ok=True)


def _wait_gone(pgdata: Path, seconds: float) -> list[int]:
    """The server processes in `pgdata` that are left when all are gone or `seconds` have passed."""
    deadline = time.monotonic() + seconds
    left = _pids(pgdata, psutil.pids())
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = _pids(pgdata, left)
    return left


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _pids(pgdata: Path, among: list[int]) -> list[int]:
    """Those processes that are PostgreSQL working in `pgdata`; zombies do not work anywhere.

    A server whose directory was deleted still counts: when it ends, it would remove its successor's socket.
    """
    found = []
    for pid in among:
        # Processes that are gone or another user's are not ours.
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            process = psutil.Process(pid)
            if process.name() == "postgres" and process.cwd() == os.fspath(pgdata):
                found.append(pid)
    return found
