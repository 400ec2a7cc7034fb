"""The store's commands, `serve`, `worker`, `migrate` and `admin`: what they take, and how they fail."""

import argparse
import asyncio
import logging
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any, Final

from commontrace_server import admin, location
from commontrace_server.location import REDIS_VARIABLE, UsageError
from commontrace_server.observability.repeats import Repeats
from commontrace_server.progress import progress
from commontrace_server.said import Said
from commontrace_server.settings import MINILM, Settings

if TYPE_CHECKING:
    from commontrace_server.listeners import InheritedPort, Port

_DEFAULT_PORT: Final = 8765
_MAX_WORKERS: Final = 128
_DRAIN_SECONDS: Final = 5.0
_DONE, _FAILED, _WRONG_USAGE = 0, 1, 2
_METRICS_VARIABLE: Final = "COMMONTRACE_METRICS_TOKEN"
_SENTRY_VARIABLE: Final = "COMMONTRACE_SENTRY_DSN"
_LOG_FORMAT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"

_SERVE: Final = """
Run the store until it is told to stop: the API, and its documentation at /docs. Without --database-url it
brings its own PostgreSQL. Prints `ready ADDRESS` when it answers.
"""
_WORKER: Final = """
Do the jobs of a store until told to stop: embedding, reputation, expiry. With --redis-url the store's
processes leave them to the workers as long as one is alive, and announce them through Redis. Prints `ready`.
"""
_MIGRATE: Final = "Bring the tables of a database to what this program needs. Safe to run at any time."


def main(argv: Sequence[str]) -> int:
    """Run one command.

    Returns:
        0 done, 1 refused or failed, 2 wrong usage; the reason is one line on stderr.
    """
    try:
        options = _parser().parse_args(argv)
    except SystemExit as said:
        return int(said.code or _DONE)
    _log_for_people()
    run: Callable[[argparse.Namespace], None] = options.run
    try:
        with _ended_by_sigterm():
            run(options)
    except UsageError as error:
        return _say(error, _WRONG_USAGE)
    except KeyboardInterrupt:
        return _DONE
    except Exception as error:  # noqa: BLE001 - the edge: a command says why it failed
        from commontrace_server import failures

        return _say(failures.explain(error), _FAILED)
    return _DONE


def _log_for_people() -> None:
    handler = logging.StreamHandler()
    handler.addFilter(Repeats())
    logging.basicConfig(level=logging.WARNING, format=_LOG_FORMAT, handlers=[handler])


def _say(reason: object, status: int) -> int:
    print(f"commontrace: {reason}", file=sys.stderr)
    return status


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """Make SIGTERM end the program the way SIGINT does, so that everything is put away."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="commontrace", description="The CommonTrace store.")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    serve = commands.add_parser("serve", help="run the store", description=_SERVE)
    _add_serve_options(serve)
    serve.set_defaults(run=_serve)
    worker = commands.add_parser("worker", help="do a store's jobs", description=_WORKER)
    worker.add_argument("--data", metavar="DIR", type=Path, help="the store's folder, as given to serve")
    location.add_database_url(worker)
    _add_shared_options(worker)
    explanation = "answer at this port: /healthz, /readyz, and /metrics for who may read the store's"
    worker.add_argument("--metrics-port", metavar="N", type=_port, help=explanation)
    worker.add_argument("--metrics-host", metavar="H", default="127.0.0.1", help="(%(default)s)")
    worker.set_defaults(run=_work)
    migrate = commands.add_parser("migrate", help="bring a database up to date", description=_MIGRATE)
    location.add_database_url(migrate)
    migrate.add_argument("--json", action="store_true", help="print one JSON document")
    migrate.set_defaults(run=_migrate)
    admin.add_to(commands)
    return parser


def _add_serve_options(serve: argparse.ArgumentParser) -> None:
    add = serve.add_argument
    add("--host", metavar="H", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", metavar="N", type=_port, default=_DEFAULT_PORT, help="0 takes a free one (%(default)s)")
    add("--data", metavar="DIR", type=Path, help="where the embedded PostgreSQL keeps its data")
    location.add_database_url(serve)
    _add_shared_options(serve)
    add("--no-limits", action="store_true", help="do not count requests: for measuring, not for the open")
    add("--workers", metavar="N", type=_count, help="serve with N processes; SIGHUP replaces them one by one")
    local = serve.add_argument_group("the store of one machine", "What the plugin starts on demand.")
    local.add_argument("--local", action="store_true", help="one store per DIR, on a unix socket of its own")
    local.add_argument("--socket", metavar="PATH", type=Path, help="that socket")
    local.add_argument("--idle-exit", metavar="S", type=float, help="end after S seconds without a client")


def _add_shared_options(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    explanation = f"{location.EMBEDDERS} (%(default)s)"
    add("--embedder", metavar="NAME", type=location.embedder, default=MINILM, help=explanation)
    explanation = "redis://host:6379/0: where processes count requests together, and jobs are announced"
    add("--redis-url", metavar="URL", help=f"{explanation}; or in {REDIS_VARIABLE}")


def _count(text: str) -> int:
    count = int(text)
    if count not in range(1, _MAX_WORKERS + 1):
        raise argparse.ArgumentTypeError(f"{count} is not between 1 and {_MAX_WORKERS}")
    return count


def _port(text: str) -> int:
    port = int(text)
    if port not in range(65536):
        raise argparse.ArgumentTypeError(f"{port} is not a port (0 to 65535)")
    return port


def _serve(options: argparse.Namespace) -> None:
    from commontrace_server.workers import worker

    if sys.stderr.isatty() and worker.inherited_socket() is None:
        where = "its database" if location.external(options) else "a PostgreSQL of its own"
        print(f"Starting the store on {where}; `ready` follows", file=sys.stderr)
    if options.local:
        _serve_local(options)
    elif options.socket or options.idle_exit is not None:
        raise UsageError("--socket and --idle-exit belong to --local")
    elif options.workers is not None and worker.inherited_socket() is None:
        _supervise(options)
    else:
        _serve_port(options)


def _serve_local(options: argparse.Namespace) -> None:
    from commontrace_server.local import store

    if options.workers is not None:
        raise UsageError("--workers is for a store with an address: the store of one machine is one process")
    if options.data is None or options.socket is None or options.database_url is not None:
        raise UsageError("--local needs --data DIR and --socket PATH, and brings its own database")
    store.serve(
        options.data.absolute(),
        options.socket.absolute(),
        idle_exit=options.idle_exit,
        embedder=options.embedder,
    )


def _serve_port(options: argparse.Namespace) -> None:
    from commontrace_server import launch
    from commontrace_server.workers import worker

    url, served = location.embedded_or_external(options), _served(options)
    _configure_logs()
    supervised = worker.inherited_socket() is not None
    running: dict[str, Any] = {"drain": _DRAIN_SECONDS} | ({"alive": worker.beat} if supervised else {})
    with closing(_listener(options)) as listener:
        if url is not None:
            settings = Settings(database_url=url, pepper=location.pepper_of_external(), **served)
            asyncio.run(launch.run(settings, listener, **running))
            return
        data = location.data(options)
        with launch.embedded_database(data) as cluster:
            settings = Settings(database_url=cluster.url, pepper=data, **served)
            asyncio.run(launch.run(settings, listener, cluster=cluster, **running))


def _listener(options: argparse.Namespace) -> "Port | InheritedPort":
    from commontrace_server.listeners import InheritedPort, Port
    from commontrace_server.workers import worker

    descriptor = worker.inherited_socket()
    if descriptor is None:
        return Port(options.host, options.port)
    worker.end_with_supervisor()
    return InheritedPort(descriptor)


def _supervise(options: argparse.Namespace) -> None:
    from commontrace_server import launch
    from commontrace_server.listeners import Port
    from commontrace_server.workers.supervisor import Supervisor

    if sys.platform == "win32":
        raise UsageError("--workers needs a system on which processes can share a socket: leave it out")
    url = location.embedded_or_external(options)
    _sentry_dsn()  # what is wrong with it is said here, not by each worker
    _configure_logs()
    with ExitStack() as stack:
        listener = stack.enter_context(closing(Port(options.host, options.port)))
        if url is None:
            # Its first user and its last: it stays while workers come and go.
            stack.enter_context(launch.embedded_database(location.data(options), meanwhile=()))
        command = [sys.executable, *sys.orig_argv[1:]]
        # where the workers count together
        counts = stack.enter_context(tempfile.TemporaryDirectory(prefix="commontrace-metrics-"))
        environment = {"PROMETHEUS_MULTIPROC_DIR": counts}
        asyncio.run(Supervisor(command, listener.socket, options.workers, environment).run())


def _configure_logs() -> None:
    """Write logs for machines, unless a person looks on."""
    if not sys.stderr.isatty():
        from commontrace_server.observability import logs

        logs.configure()


def _served(options: argparse.Namespace) -> dict[str, Any]:
    return {
        "observed": True,
        "metrics_token": location.variable(_METRICS_VARIABLE),
        "sentry_dsn": _sentry_dsn(),
        "embedder": options.embedder,
        "limits": not options.no_limits,
        "redis_url": location.redis_url(options),
    }


def _sentry_dsn() -> str | None:
    from commontrace_server.observability import sentry

    dsn = location.variable(_SENTRY_VARIABLE)
    return None if dsn is None else sentry.checked(dsn)


def _work(options: argparse.Namespace) -> None:
    from commontrace_server import launch

    url = location.embedded_or_external(options)
    redis_url, sentry_dsn = location.redis_url(options), _sentry_dsn()
    _configure_logs()
    with ExitStack() as stack:
        pepper = location.pepper_of_external() if url is not None else location.data(options)
        if url is None:
            data = location.data(options)
            url = stack.enter_context(launch.embedded_database(data, meanwhile=())).url
        settings = Settings(
            database_url=url,
            embedder=options.embedder,
            redis_url=redis_url,
            metrics_port=options.metrics_port,
            metrics_host=options.metrics_host,
            pepper=pepper,
            metrics_token=location.variable(_METRICS_VARIABLE),
            sentry_dsn=sentry_dsn,
        )
        asyncio.run(launch.work(settings))


def _migrate(options: argparse.Namespace) -> None:
    from commontrace_server.database.migrate import HEAD, migrate

    url = location.external(options)
    if url is None:
        raise UsageError(f"migrate needs --database-url URL, or {location.DATABASE_VARIABLE}")
    with progress("Migrating the database"):
        asyncio.run(migrate(url))
    print(Said("the database is up to date", {"revision": HEAD}).printed(as_json=options.json))
