"""Errors as RFC 9457 problem documents: one way out for all of them."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commontrace_server.database.errors import UNAVAILABLE, is_unavailable
from commontrace_server.observability import signals
from commontrace_server.observability.errors import describe
from commontrace_server.refusals import TABLE, Refusal

_log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "1"
_MAX_ERRORS: Final = 20
_MAX_NAME: Final = 80

# What the routing itself refuses: status -> (slug, detail).
_ROUTING: Final[Mapping[int, tuple[str, str]]] = {
    400: ("malformed-request", "The request body cannot be read. Send JSON encoded as UTF-8."),
    404: ("not-found", "There is nothing at this address. The API is described at /docs."),
    405: ("method-not-allowed", "This address does not take this method. See the Allow header and /docs."),
    413: ("body-too-large", "The request body is too large."),
}


class Problem(JSONResponse):
    """A problem document."""

    media_type = "application/problem+json"

    def __init__(  # noqa: PLR0913 - one argument per member of the document
        self,
        status: int,
        slug: str,
        title: str,
        detail: str,
        *,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        content: dict[str, Any] = {
            "type": f"urn:commontrace:problem:{slug}",
            "title": title,
            "status": status,
            "detail": detail,
        }
        if errors:
            content["errors"] = list(errors)
        super().__init__(content, status_code=status, headers=dict(headers or {}))


def install(app: FastAPI) -> None:
    """Answer every error of `app` with a problem document."""
    app.add_exception_handler(Refusal, _refusal)
    app.add_exception_handler(HTTPException, _http_exception)
    app.add_exception_handler(RequestValidationError, _invalid)
    for kind in UNAVAILABLE:
        app.add_exception_handler(kind, _database_error)


def unavailable() -> Problem:
    """Return the answer while the database cannot be reached."""
    signals.refused("database-unavailable")
    return Problem(
        503,
        "database-unavailable",
        "Database unavailable",
        "The store cannot reach its database right now. Try again in a moment.",
        headers={"Retry-After": _RETRY_SECONDS},
    )


async def _refusal(_request: Request, error: Exception) -> Problem:
    status, slug, title = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    assert isinstance(error, Refusal)
    signals.refused(slug)
    return Problem(status, slug, title, str(error), errors=error.errors, headers=error.headers)


async def _http_exception(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    slug, detail = _ROUTING.get(error.status_code, ("http", title))
    signals.refused(slug)
    if error.status_code not in (400, 404, 405) and error.detail:
        detail = error.detail
    return Problem(error.status_code, slug, title, detail, headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
    signals.refused("invalid-request")
    errors = [_field_error(item) for item in error.errors()[:_MAX_ERRORS]]
    first = errors[0]
    detail = f"{first['field']}: {first['rule']}."
    if len(error.errors()) > 1:
        detail += f" {len(error.errors())} fields are wrong; `errors` names them."
    return Problem(422, "invalid-request", "Invalid request", detail, errors=errors)


def _field_error(item: Mapping[str, Any]) -> dict[str, str]:
    """Name the field and the rule. Values stay out; names that the caller chose are cut and made plain."""
    place, *names = item["loc"] or ("request",)
    if item["type"] == "json_invalid":
        return {"field": "body", "rule": f"not valid JSON at character {names[0]}: {item['ctx']['error']}"}
    path = ".".join(_plain(name) for name in names)
    if not names and item["type"] == "model_attributes_type":
        return {"field": "body", "rule": "must be a JSON object, sent with Content-Type: application/json"}
    return {"field": path or str(place), "rule": str(item["msg"]).removeprefix("Value error, ")}


def _plain(name: object) -> str:
    text = str(name).encode("unicode_escape").decode()
    return text if len(text) <= _MAX_NAME else text[:_MAX_NAME] + "..."


async def _database_error(request: Request, error: Exception) -> Problem:
    if not is_unavailable(error):
        raise error
    _log.warning("database unavailable: %s", type(error).__name__)
    request.app.state.store.database_lost.set()
    return unavailable()


class LastResort:
    """ASGI middleware: what nothing else caught is written down without its text, and answered with a 500."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for whatever comes back up."""
        started = False

        async def watched_send(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, watched_send)
        except Exception as error:  # noqa: BLE001 - the edge
            # without the message, which may quote what people wrote
            _log.error("%s", describe(error))
            signals.failed(error)
            if started or scope["type"] != "http":
                return
            await _fault()(scope, receive, send)


def _fault() -> Problem:
    return Problem(
        500,
        "internal-error",
        "Internal error",
        "The store failed on this request. It was written to the store's log; please report it.",
    )
