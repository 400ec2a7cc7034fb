"""A PostgreSQL server of our own, started when it is needed and gone with its last user."""

import os
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from filelock import FileLock, Timeout

from commontrace_server.postgres import binaries, failure, keeper, posix, settings, sockets
from commontrace_server.postgres.errors import PostgresError, StartTimeoutError
from commontrace_server.postgres.postmaster import Postmaster, clear

START_SECONDS = 60.0
STOP_SECONDS = 60.0

_POLL_SECONDS = 0.01

# Without site packages: the keeper needs none, and starts and stays small.
_KEEPER = """import sys
sys.path.append(sys.argv.pop(1))
from commontrace_server.postgres.keeper import main
sys.exit(main(sys.argv[1:]))"""
_PACKAGES = Path(__file__).parents[2]


class Cluster:
    """The server of one data directory, as this process uses it.

    Args:
        data: the cluster's own directory; made if missing.
        runtime: where sockets belong; `data` by default. Too long a path gives way to a private short one.
    """

    def __init__(self, data: Path, runtime: Path | None = None) -> None:
        self.data = data.resolve()
        self._runtime = runtime.resolve() if runtime else None
        self._pgdata = self.data / "pgdata"
        self._log = self.data / "postgres.log"
        self._users_lock = self.data / "users.lock"
        self._keeper_lock = self.data / "keeper.lock"
        self._use: int | None = None  # the descriptor that holds users.lock
        self._server: Postmaster | None = None

    def start(self) -> None:
        """Uses the server: adopts the running one, or starts one and makes its data directory.

        It can be called again at any time, and must be when connections fail: if the server was killed, it
        recovers. Blocks (warm about 0.1 s, the first time ever a few seconds at most); call it in a thread.

        Raises:
            PostgresError: it cannot run here; the subclass says why and what to do.
        """
        deadline = time.monotonic() + START_SECONDS
        with failure.translated(self.data):
            self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            try:
                with FileLock(self.data / "start.lock", START_SECONDS, mode=0o600, poll_interval=0.02):
                    self._begin_use(deadline)
            except Timeout as timeout:
                message = f"Another process has been starting it for {START_SECONDS:g} s."
                raise StartTimeoutError(message) from timeout

    def stop(self) -> None:
        """Ends this process's use; the last user's call returns when the server is gone."""
        if self._use is None:
            return
        self._end_use()
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_ending() and time.monotonic() < deadline:
            time.sleep(_POLL_SECONDS)

    def alive(self) -> bool:
        """Whether the server that this process uses still runs (cheap; no connection is made)."""
        return self._server is not None and self._server.lives()

    @property
    def url(self) -> str:
        """The SQLAlchemy URL (asyncpg) of the database, once started."""
        return self.database_url(keeper.DATABASE)

    def database_url(self, database: str) -> str:
        """The SQLAlchemy URL (asyncpg) of `database` in this cluster, once started."""
        if self._server is None:
            message = "start() the cluster before asking for its URL"
            raise RuntimeError(message)
        # The port is named because drivers otherwise take it from PGPORT.
        host = quote(os.fspath(self._server.sockets), safe="")
        return f"postgresql+asyncpg://postgres@/{database}?host={host}&port={self._server.port}"

    def _begin_use(self, deadline: float) -> None:
        if self._use is not None:
            self._server = self._running(deadline)
            return
        self._use = posix.take_shared(self._users_lock, deadline)
        try:
            self._server = self._running(deadline)
        except BaseException:
            self._end_use()
            raise

    def _end_use(self) -> None:
        assert self._use is not None
        os.close(self._use)
        self._use = self._server = None

    def _is_ending(self) -> bool:
        """Whether the server still runs but has no user: the keeper is stopping it, or is about to."""
        if not posix.is_exclusively_locked(self._keeper_lock):
            return False
        return posix.is_exclusively_locked(self._users_lock) or not posix.is_locked(self._users_lock)

    def _running(self, deadline: float) -> Postmaster:
        """A server that has a keeper, is ready, and answers; started if there is none."""
        started: Started | None = None
        while time.monotonic() < deadline:
            server = Postmaster.read(self._pgdata)
            lives = server is not None and server.lives()
            answers = server is not None and lives and server.ready and server.answers()
            # Looked at last: a keeper that is killed lets go of its lock before it takes its server along.
            kept = (started is not None and started.runs()) or posix.is_exclusively_locked(self._keeper_lock)
            if server is not None and answers and kept:
                return server
            if not kept and started is not None:
                raise started.failure()
            if not kept or (server is not None and not lives):
                clear(self._pgdata)
            if not kept:
                started = self._start()
            time.sleep(_POLL_SECONDS)
        raise StartTimeoutError(f"It had {START_SECONDS:g} s. See {self._log}.")

    def _start(self) -> "Started":
        for unfinished in self.data.glob("pgdata.new.*"):  # of keepers that were killed at it
            shutil.rmtree(unfinished, ignore_errors=True)
        folder = os.fspath(sockets.fresh_directory(self.data, self._runtime))
        where = [os.fspath(self.data), os.fspath(binaries.directory()), folder]
        program = [sys.executable, "-I", "-S", "-B", "-c", _KEEPER, os.fspath(_PACKAGES)]
        with os.fdopen(posix.open_log(self._log), "ab") as log:
            begin = log.seek(0, os.SEEK_END)
            process = subprocess.Popen(  # noqa: S603  (a program of this package)
                [*program, *where, *settings.options(folder)],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
            )
        # A keeper may end long after this process has cared for it last; nobody else can take its end.
        threading.Thread(target=process.wait, name="keeper's end", daemon=True).start()
        return Started(process, self._log, begin)


@dataclass(frozen=True)
class Started:
    """A keeper that was just started, and from where on the log is its own."""

    process: "subprocess.Popen[bytes]"
    log: Path
    log_start: int

    def runs(self) -> bool:
        """Whether it has not ended."""
        return self.process.poll() is None

    def failure(self) -> PostgresError:
        """Why it ended."""
        return failure.explained(self.process.returncode, self.log, self.log_start)
