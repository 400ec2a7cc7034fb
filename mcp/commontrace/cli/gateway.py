"""`mcp-http`: the tools over HTTP, beside a store."""

import argparse
import logging
import os
from contextlib import closing
from typing import Final
from urllib.parse import urlsplit

from commontrace.cli.output import CommandError
from commontrace.config_values import ConfigInvalidError, checked_url

STORE_VARIABLE: Final = "COMMONTRACE_STORE_URL"
_DEFAULT_STORE: Final = "http://127.0.0.1:8765"
_DEFAULT_PORT: Final = 8766
_DESCRIPTION: Final = """
Serve the tools to any MCP client over streamable HTTP, for a store that runs elsewhere. Each caller sends an
API key of that store, or a token made from one, as `Authorization: Bearer ...`; this process has no key of
its own. Prints `ready ADDRESS` when it answers. TLS is for a proxy in front of it.
"""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "mcp-http", help="serve the tools to any MCP client over HTTP", description=_DESCRIPTION
    )
    add = parser.add_argument
    add("--store", metavar="URL", help=f"the store; or in {STORE_VARIABLE} ({_DEFAULT_STORE})")
    add("--host", metavar="H", default="127.0.0.1", help="address to listen on (%(default)s)")
    add("--port", metavar="N", type=_port, default=_DEFAULT_PORT, help="0 takes a free one (%(default)s)")
    add("--allow-host", metavar="NAME", action="append", default=[], help="a name that it is reached by")
    add("--allow-origin", metavar="ORIGIN", action="append", default=[], help="a page that may call it")
    parser.set_defaults(run=serve)


def serve(arguments: argparse.Namespace) -> int:
    """Serve until told to stop."""
    url = _store_url(arguments.store or os.environ.get(STORE_VARIABLE) or _DEFAULT_STORE)
    # a folder may hold a .env file, and it does not get to configure the server that is started there
    os.environ |= {"FASTMCP_ENV_FILE": os.devnull, "FASTMCP_LOG_LEVEL": "WARNING"}
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    from commontrace.gateway import app, serving
    from commontrace.gateway.access import Callers

    try:
        listener = serving.bound(arguments.host, arguments.port)
    except OSError as error:
        place = f"{arguments.host}, port {arguments.port}"
        raise CommandError(f"cannot listen on {place}: {error.strerror}; check --host and --port") from error
    with closing(listener):
        mcp = app.create(Callers(url))
        hosts, origins = arguments.allow_host, arguments.allow_origin
        serving.Server(app.http_app(mcp, hosts=hosts, origins=origins), listener).run_until_stopped()
    return 0


def _port(text: str) -> int:
    port = int(text)
    if port not in range(65536):
        raise argparse.ArgumentTypeError(f"{port} is not a port (0 to 65535)")
    return port


def _store_url(url: str) -> str:
    """The store's address: https, or http within a machine or a private network of containers.

    Raises:
        CommandError: it is none, or keys would go over it in the clear.
    """
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname and "." not in parts.hostname and ":" not in parts.hostname:
        return url.rstrip("/")
    try:
        return checked_url(url, "--store")
    except ConfigInvalidError as error:
        raise CommandError(str(error)) from error
