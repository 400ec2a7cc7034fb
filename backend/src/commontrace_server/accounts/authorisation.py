"""What every route takes: all of it in one table. The app does not start with a route that is not here."""

from collections.abc import Iterable, Mapping
from typing import Final

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts

from commontrace_server.accounts.standing import Need

# The documents that the framework serves are open as well.
OPEN: Final = frozenset({"GET /healthz", "GET /readyz"})

_KEY: Final = Need()  # any valid key
_READ: Final = Need("read", "reader")
_WRITE: Final = Need("contribute", "contributor")
_MODERATE: Final = Need("moderate", "moderator")

TABLE: Final[Mapping[str, Need]] = {
    "GET /v1/lease": _KEY,
    "GET /metrics": Need("admin"),
    "GET /v1/me": _KEY,
    # A key manages those keys of its account that may do no more than itself.
    "POST /v1/token": _KEY,
    "GET /v1/keys": _KEY,
    "POST /v1/keys": _KEY,
    "POST /v1/keys/{key_id}/rotate": _KEY,
    "DELETE /v1/keys/{key_id}": _KEY,
    "GET /v1/spaces": Need("read"),
    "POST /v1/spaces": Need("admin"),
    "GET /v1/spaces/{slug}/members": Need("read", "reader"),
    "PUT /v1/spaces/{slug}/members/{account}": Need("moderate", "owner"),
    # Everybody may leave.
    "DELETE /v1/spaces/{slug}/members/{account}": Need("moderate", "owner", own=Need("contribute", "reader")),
    "POST /v1/search": _READ,
    "GET /v1/traces": _READ,
    "GET /v1/traces/{trace_id}": _READ,
    "POST /v1/traces": _WRITE,
    # An author may take back what it wrote even when it may write no more.
    "POST /v1/traces/{trace_id}/retract": Need("moderate", "moderator", own=Need("contribute", "reader")),
    # Another's trace is not deleted by anybody; that depends on what was said of it, not on a role.
    "DELETE /v1/traces/{trace_id}": Need("contribute", "reader"),
    "PUT /v1/traces/{trace_id}/vote": _WRITE,
    "DELETE /v1/traces/{trace_id}/vote": _WRITE,
    "POST /v1/traces/{trace_id}/outcomes": _WRITE,
    "POST /v1/traces/{trace_id}/reports": Need("contribute", "reader"),
    "POST /v1/traces/{trace_id}/amendments": _WRITE,
    "GET /v1/traces/{trace_id}/amendments": _READ,
    # Whose trace is amended may take the amendment.
    "POST /v1/traces/{trace_id}/apply": Need("moderate", "moderator", own=Need("contribute", "contributor")),
    "GET /v1/moderation/queue": _MODERATE,
    "POST /v1/moderation/traces/{trace_id}/decide": _MODERATE,
    "GET /v1/moderation/audit": _MODERATE,
    "POST /v1/moderation/audit/{entry_id}/undo": _MODERATE,
    "GET /v1/contributors/{account_id}": Need("read"),
    "GET /v1/tags": _READ,
    "GET /v1/export": _READ,
    "POST /v1/import": _WRITE,
    # Whoever sent it.
    "GET /v1/imports/{import_id}": Need("contribute"),
}


class RouteWithoutNeedError(Exception):
    """A route is not in the table of authorisation.py; add what it takes."""

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(f"{self.__doc__} Missing: {', '.join(sorted(names))}")


def names(app: FastAPI) -> set[str]:
    """Return every route of `app` as `METHOD /path`."""
    contexts = iter_route_contexts(app.routes)
    routes = [context for context in contexts if isinstance(context.original_route, APIRoute)]
    return {f"{method} {route.path}" for route in routes for method in route.methods or ()}


def complete(app: FastAPI) -> None:
    """Check that the table knows every route.

    Raises:
        RouteWithoutNeedError: It does not.
    """
    missing = names(app) - TABLE.keys() - OPEN
    if missing:
        raise RouteWithoutNeedError(missing)
