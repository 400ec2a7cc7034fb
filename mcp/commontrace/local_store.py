"""The store on this machine: started on demand, shared by all sessions, reached through a unix socket."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx

from commontrace import environment, journal, newest, paths, standby, stores, system
from commontrace.paths import Paths
from commontrace.settings import Settings
from commontrace.stores import StoreError
from commontrace.stores.transport import PLAIN

BASE_URL = "http://commontrace"
"""Only a name for the Host header: the transport goes to the socket."""
TIMEOUT = httpx.Timeout(5.0, connect=1.0)
APPROVAL_FILE = "approval"
"""In the store's folder, made by the store."""
LEASE_RETRY_SECONDS = 0.2
START_TRIES = 5
"""In a row, each after twice the pause of the last; none counts whose store stayed `STEADY_SECONDS`."""
STEADY_SECONDS = 60.0
REST_SECONDS = 300.0
"""How long a store that does not start is left alone: what was wrong with it may be mended meanwhile."""
STARTING_SECONDS = 60
STOP_SECONDS = 15


class StoreNotStartedError(StoreError):
    """The local store did not become ready in time."""


class _SocketTransport(httpx.HTTPTransport):
    """Leads to a unix socket. Where there is none it says so at once; httpcore would leave one open."""

    def __init__(self, path: Path) -> None:
        super().__init__(uds=str(path))
        self._path = path

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request, if there is anything to send it to."""
        if not self._path.exists():
            raise httpx.ConnectError(f"there is no {self._path}", request=request)
        return super().handle_request(request)


class LocalStore:
    """Starts the store's process where needed and leads to it.

    Args:
        paths: where this user's data and sockets are.
        settings: how long the store stays when nobody uses it.
        root: the plugin's folder, which holds the store's code.

    Attributes:
        connected: set while `hold` has its request open, or once `wait_ready` has succeeded.
        away: set from the moment that nothing listens on the socket until something does.
        trouble: why `hold` has given up starting it, empty while it has not.
    """

    def __init__(self, paths: Paths, settings: Settings, root: Path) -> None:
        self._paths = paths
        self._settings = settings
        self._root = root
        self.client = httpx.Client(
            base_url=BASE_URL,
            transport=_SocketTransport(paths.socket),
            timeout=TIMEOUT,
            trust_env=False,
            headers={"Accept": "*/*", **PLAIN},
        )
        self.store = stores.Store(self.client, approval=paths.store / APPROVAL_FILE)
        self.connected = threading.Event()
        self.away = threading.Event()
        self.trouble = ""
        self._gave_up = threading.Event()
        self._closed = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Make sure that a store is running or starting; returns at once.

        Two starters do no harm: the second process finds the first one's lock and ends.

        Raises:
            StoreNotStartedError: a newer version does that, or a folder of ours cannot be written.
        """
        if self._failed():
            self._process = None  # that was told; what was wrong may be mended
        if not self.store.ready():
            self._spawn()

    def _spawn(self) -> None:
        """Start the process unless ours is still there, or has ended with an error."""
        if self._process is not None and (self._process.poll() is None or self._failed()):
            return
        try:
            self._paths.data.mkdir(mode=0o700, parents=True, exist_ok=True)
            paths.private_folder(self._paths.runtime)
            newest.claim(self._paths.data, self._code)
            with self._log().open("ab") as output:
                output.truncate(0)
                self._process = subprocess.Popen(  # noqa: S603  our own code, our own paths
                    self._command(),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    cwd=self._paths.data,
                    env=_own_environment(),
                    **system.detached(),
                )
        except newest.NewerInstalledError as error:
            raise StoreNotStartedError(str(error)) from error
        except OSError as error:
            raise StoreNotStartedError(environment.unwritable(error, str(self._paths.data))) from error

    def wait_ready(self, seconds: float) -> None:
        """Start the store if need be and wait until it answers.

        Raises:
            StoreNotStartedError: it did not within `seconds`; its own words are part of the message.
        """
        self.start()
        until = time.monotonic() + seconds
        while not self.store.ready():
            if time.monotonic() > until or self._failed():
                raise StoreNotStartedError(self._last_words())
            # also one that went before it was asked: idle, or because another was there that is gone by now
            self._spawn()
            time.sleep(0.05)
        self.connected.set()

    def wait_connected(self, seconds: float) -> None:
        """Wait until `hold` has reached the store.

        Raises:
            StoreNotStartedError: it is not there yet, or does not start at all.
        """
        if self._gave_up.is_set() or not self.connected.wait(seconds):
            raise StoreNotStartedError(self._last_words())

    def hold(self) -> None:
        """Keep the store running while this process lives: in a thread that starts it again if it dies."""
        threading.Thread(target=self._hold, name="lease", daemon=True).start()

    def close(self) -> None:
        """Give back the connections, and leave a running store to others."""
        self._closed.set()
        self.client.close()

    def stop(self) -> None:
        """End the store that this process started, and wait until it is gone; another's is left alone."""
        self.close()
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _hold(self) -> None:
        while not self._closed.is_set():
            try:
                self._hold_while_it_starts()
            except RuntimeError:
                if not self._closed.is_set():  # what httpx says of a client that was closed meanwhile
                    raise
            self._gave_up.set()
            self._closed.wait(REST_SECONDS)
            self._gave_up.clear()

    def _hold_while_it_starts(self) -> None:
        tries = 0
        while tries < START_TRIES and not self._closed.is_set():
            began = time.monotonic()
            try:
                self.start()
                self._lease()
            except (OSError, StoreNotStartedError, paths.RuntimeFolderUnsafeError) as error:
                journal.record(self._paths.logs, f"store start {tries + 1}", error)
                self.trouble = str(error)
            if self._failed():
                journal.record(self._paths.logs, "store start", StoreNotStartedError())
                self.trouble = self._last_words()
                return
            if time.monotonic() - began > STEADY_SECONDS:
                tries = 0
            else:
                tries += 1
                self._closed.wait(LEASE_RETRY_SECONDS * 2**tries)  # the one that was met may be just ending

    def _lease(self) -> None:
        """Hold one streaming request open until the store ends it, waiting for the store before that."""
        until = time.monotonic() + STARTING_SECONDS
        while time.monotonic() < until and not self._failed():
            try:
                self._stay_connected()
            except httpx.ConnectError:
                self.away.set()
                time.sleep(LEASE_RETRY_SECONDS)
                self._spawn()
            except httpx.HTTPError:
                return
            else:
                return

    def _stay_connected(self) -> None:
        try:
            with self.client.stream("GET", "/v1/lease", timeout=httpx.Timeout(None, connect=1.0)) as lease:
                self.connected.set()
                self.away.clear()
                self.trouble = ""
                for _ in lease.iter_raw():
                    pass
        finally:
            self.connected.clear()

    def _failed(self) -> bool:
        """Whether the process that we started has ended with an error; one that was killed has none."""
        return self._process is not None and (self._process.poll() or 0) > 0

    def _log(self) -> Path:
        return paths.private_folder(self._paths.logs) / "store.log"

    @property
    def _code(self) -> Path:
        return Path(standby.code(str(self._root)))

    def _command(self) -> list[str]:
        return [
            sys.executable, "-I", str(self._code / "scripts" / "run.py"), "serve", "--local",
            "--data", str(self._paths.store), "--socket", str(self._paths.socket),
            "--idle-exit", str(self._settings.idle_seconds),
        ]  # fmt: skip

    def _last_words(self) -> str:
        log = self._paths.logs / "store.log"
        lines = log.read_text(errors="replace").strip().splitlines() if log.exists() else []
        said = lines[-1].removeprefix("commontrace: ") if lines else self._silence()
        return f"the local store did not become ready: {said} (see {log})"

    def _silence(self) -> str:
        """Why a store said nothing before it ended."""
        if system.free_bytes(str(self._paths.data)) < environment.LEAST_BYTES:
            return f"the disk of {self._paths.data} is full; make room"
        return "it said nothing"


def _own_environment() -> dict[str, str]:
    """What the store needs of the session's environment: no keys, no project settings."""
    kept = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "SYSTEMROOT", "COMMONTRACE_HOME")
    return {name: os.environ[name] for name in kept if name in os.environ}
