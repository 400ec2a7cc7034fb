"""The store of one machine: one per data directory, on a private socket, gone when nobody uses it."""

import asyncio
from contextlib import closing
from pathlib import Path

from commontrace_server.local.claim import claim


def serve(data: Path, socket: Path, *, idle_exit: float | None, embedder: str) -> None:
    """Be the store of `data`, or return at once when another process is.

    Args:
        data: Holds the lock and the database.
        socket: Where clients connect; appears when the store is ready.
        idle_exit: Seconds without a lease and a request after which the store ends; None to stay.
        embedder: See `settings.checked_embedder`.

    Raises:
        StoreSilentError: Another process is the store, but it does not answer.
        ListenError: The socket cannot be made.
        PostgresError: The embedded PostgreSQL cannot run here.
        OSError: `data` cannot be written.
    """
    lock = claim(data, socket)
    if lock is None:
        return
    try:
        _serve(data, socket, idle_exit=idle_exit, embedder=embedder)
    finally:
        lock.release()


def _serve(data: Path, socket: Path, *, idle_exit: float | None, embedder: str) -> None:
    # Imported with the lock held: a starter that comes second need not pay for any of it.
    from commontrace_server import launch
    from commontrace_server.listeners import UnixSocket
    from commontrace_server.settings import Settings

    with closing(UnixSocket(socket)) as listener, launch.embedded_database(data, socket.parent) as cluster:
        # Nobody but the owner of this machine's account gets to the socket: no key is asked for.
        settings = Settings(
            database_url=cluster.url,
            pepper=data,
            builtin_account=True,
            approval=data,
            embedder=embedder,
            starter=True,
        )
        asyncio.run(launch.run(settings, listener, cluster=cluster, idle_exit=idle_exit))
