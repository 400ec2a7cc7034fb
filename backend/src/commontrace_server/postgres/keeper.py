# ruff: noqa: PTH104, PTH105, PTH106, PTH110  (pathlib is too much for this small, long-lived process)
"""Keeps one PostgreSQL server running for as long as somebody uses it, in a process of its own.

It makes HOME/pgdata if there is none, runs the server as its child, and sleeps. It wakes up when the last
user has let go of HOME/users.lock (the server is stopped), when the server says something (it goes to the
log, which is bounded), or when the server is gone (the keeper exits). If the keeper itself is killed, Linux
stops the server; elsewhere the next user does.

It is small because it lives as long as the server: no site packages, and little of the standard library.
"""

import _thread
import contextlib
import fcntl
import os
import select
import signal

from commontrace_server.postgres import identity
from commontrace_server.postgres.kernel import stop_with_parent

REFUSED, INITDB_FAILED, SERVER_FAILED = 3, 4, 5

# A fast shutdown writes a checkpoint. A server that takes longer is cut off, and recovers at its next start.
SHUTDOWN_SECONDS = 60

LOG_BYTES = 1_000_000

# Nothing of the user's environment: PG* variables and missing locales change what PostgreSQL does.
ENVIRONMENT = {"LC_ALL": "C", "PATH": "/usr/bin:/bin"}

INITDB_OPTIONS = (
    "--username=postgres",
    "--auth-local=trust",  # the socket's directory is private
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",  # the same order and case rules on every machine
    "--builtin-locale=C.UTF-8",
    "--text-search-config=english",
    "--no-instructions",
    "--no-sync",  # everything is synced once, before the directory gets its name
)

DATABASE = "commontrace"

# Renaming the empty database that initdb makes is faster and smaller than adding one.
_NAME_DATABASE = f"ALTER DATABASE postgres RENAME TO {DATABASE}\n"


def main(arguments: list[str]) -> int:
    """Keeps a server; returns the exit status.

    Args:
        arguments: the cluster's directory (HOME), the programs', the socket's, and the server's options.
    """
    home, binaries, sockets, *options = arguments
    os.umask(0o077)
    os.chdir("/")
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # also for children that are not yet another program
    fcntl.flock(_open(f"{home}/keeper.lock"), fcntl.LOCK_EX)  # held until this process ends
    users = _open(f"{home}/users.lock")
    if _is_unused(users):  # who started this keeper was killed, or another keeper came first and had its time
        return 0
    try:
        identity.take(home, binaries, sockets)
    except (identity.RefusedError, PermissionError) as refusal:
        _log(f"refused: {refusal}\n".encode())
        return REFUSED
    pgdata = f"{home}/pgdata"
    if not os.path.exists(pgdata) and not create(home, binaries):
        return INITDB_FAILED
    status = serve([f"{binaries}/postgres", "-D", pgdata, *options], users, f"{home}/postgres.log")
    with contextlib.suppress(OSError):  # not ours to remove, or something else is in it
        os.rmdir(sockets)
    return status


def _open(path: str) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _is_unused(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


# Programs


def spawn(command: list[str], *, stdin: int = 0, output: int = 2) -> int:
    """Starts `command` and returns its process id. It is stopped when this process is killed (Linux)."""
    keeper = os.getpid()
    child = os.fork()
    if child:
        return child
    try:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        stop_with_parent()
        if os.getppid() == keeper:
            os.dup2(stdin, 0)
            os.dup2(output, 1)
            os.dup2(output, 2)
            os.execve(command[0], command, ENVIRONMENT)  # noqa: S606
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    finally:
        os._exit(127)


def _run(command: list[str], text: str = "") -> bool:
    reading, writing = os.pipe()
    child = spawn(command, stdin=reading)
    os.close(reading)
    with contextlib.suppress(BrokenPipeError):  # it failed before it read: its status tells
        os.write(writing, text.encode())
    os.close(writing)
    return os.waitpid(child, 0)[1] == 0


def create(home: str, binaries: str) -> bool:
    """Makes HOME/pgdata with our empty database in it; it appears complete and synced, or not at all."""
    # A name of its own: what a killed keeper started may still be writing into its directory.
    new = f"{home}/pgdata.new.{os.getpid()}"
    options = ["-F", "-c", "log_checkpoints=off", "-c", "exit_on_error=on"]
    made = (
        _run([f"{binaries}/initdb", "-D", new, *INITDB_OPTIONS])
        and _run([f"{binaries}/postgres", "--single", "-D", new, *options, "template1"], _NAME_DATABASE)
        and _run([f"{binaries}/initdb", "-D", new, "--sync-only"])
    )
    if made:
        os.rename(new, f"{home}/pgdata")
        directory = os.open(home, os.O_RDONLY)
        os.fsync(directory)
        os.close(directory)
    return made


# The server's life


def serve(command: list[str], users: int, log: str) -> int:
    """Runs the server until nobody uses it or it ends by itself; returns the exit status.

    Its standard error is a pipe that all its processes hold: at its end, the last of them is gone.
    """
    said, writing = os.pipe()
    server = spawn(command, output=writing)
    os.close(writing)
    unused = _closed_when_unused(users)
    watched = [said, unused]
    patience = None
    while True:
        ready, _, _ = select.select(watched, [], [], patience)
        if not ready:
            os.kill(server, signal.SIGQUIT)
        if unused in ready:
            watched.remove(unused)
            os.kill(server, signal.SIGINT)
            patience = SHUTDOWN_SECONDS
        if said in ready:
            text = os.read(said, 65536)
            if not text:
                break
            _log(text)
            _bound(log)
    _, status = os.waitpid(server, 0)
    return 0 if status == 0 else SERVER_FAILED


def _closed_when_unused(users: int) -> int:
    """A pipe that closes when this process has `users` exclusively: nobody uses the server or can begin to.

    A thread waits, since one cannot wait for a lock and a pipe at once. It starts after the server: until
    then the process must have one thread only (user namespaces, fork).
    """
    reading, writing = os.pipe()

    def wait() -> None:
        try:
            fcntl.flock(users, fcntl.LOCK_EX)
        finally:
            os.close(writing)

    _thread.start_new_thread(wait, ())
    return reading


def _log(text: bytes) -> None:
    with contextlib.suppress(OSError):  # a full disk must not end the keeper: the server would go with it
        os.write(2, text)


def _bound(log: str) -> None:
    with contextlib.suppress(OSError):  # for the same reason
        if os.fstat(2).st_size < LOG_BYTES:
            return
        os.replace(log, f"{log}.1")
        new = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        os.dup2(new, 2, inheritable=False)
        os.close(new)
