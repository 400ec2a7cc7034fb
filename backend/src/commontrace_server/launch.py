"""From nothing to a running store: its database, what it knows at the start, and the server in front."""

import asyncio
import importlib
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from commontrace_server.listeners import Listener
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.progress import progress
from commontrace_server.settings import Settings

_HEAVY: Final = ("commontrace_server.app", "commontrace_server.serving")


class StoreNotStartedError(Exception):
    """The store did not start; the lines above say why."""

    def __str__(self) -> str:
        return str(self.__doc__)


@contextmanager
def embedded_database(
    data: Path, runtime: Path | None = None, *, meanwhile: Sequence[str] = _HEAVY
) -> Iterator[Cluster]:
    """Use the embedded PostgreSQL below `data`; at the end stop using it, which stops it if nobody else does.

    Args:
        data: The store's folder.
        runtime: Where sockets belong; `data` by default.
        meanwhile: Modules to import while it starts.

    Raises:
        PostgresError: It cannot run here.
    """
    cluster = Cluster(data / "postgres", runtime)
    try:
        with ThreadPoolExecutor(max_workers=1) as starter, progress("Starting PostgreSQL"):
            started = starter.submit(cluster.start)
            # The start is mostly waiting; the server's imports are not.
            for module in meanwhile:
                importlib.import_module(module)
            started.result()
        yield cluster
    finally:
        cluster.stop()


async def run(  # noqa: PLR0913 - what `Server` takes goes through
    settings: Settings,
    listener: Listener,
    *,
    cluster: Cluster | None = None,
    idle_exit: float | None = None,
    drain: float = 0.0,
    alive: Callable[[], None] = lambda: None,
) -> None:
    """Migrate, then serve until told to stop or idle for long enough.

    Args:
        settings: How to run.
        listener: Where.
        cluster: The embedded PostgreSQL behind the database, if it is one.
        idle_exit: See `Server`.
        drain: See `Server`.
        alive: See `Server`.

    Raises:
        DatabaseTooNewError: The database belongs to a newer program.
        VectorMissingError: The database has no pgvector.
        StoreNotStartedError: The app did not start.
        DBAPIError: The database refuses.
        UnreachableError: The database cannot be reached.
    """
    from commontrace_server.app import create_app
    from commontrace_server.database import migrate
    from commontrace_server.serving import Server

    await migrate(settings.database_url)
    app = create_app(settings, cluster)
    try:
        await Server(app, listener, idle_exit=idle_exit, drain=drain, alive=alive).run_until_stopped()
    except SystemExit as error:
        raise StoreNotStartedError from error


async def work(settings: Settings) -> None:
    """Migrate, then do jobs until SIGTERM or SIGINT.

    Raises:
        DatabaseTooNewError: The database belongs to a newer program.
        VectorMissingError: The database has no pgvector.
        DBAPIError: The database refuses.
        UnreachableError: The database cannot be reached.
    """
    from commontrace_server.database import migrate
    from commontrace_server.jobs import worker

    await migrate(settings.database_url)
    loop, stopping = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
    sys.stdout.write("ready for jobs\n")
    sys.stdout.flush()
    await worker.run(settings, stopping)
