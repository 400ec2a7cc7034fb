"""Errors as RFC 9457 problem documents: one tree, one table, one way out.

Refusal
├── KeyMissingError
├── KeyInvalidError
├── ScopeMissingError
├── RoleMissingError
├── KeyNotFoundError
├── KeyEndedError
├── KeyReachError
├── TooManyKeysError
├── AccountNotFoundError
├── NameTakenError
├── SpaceNotFoundError
├── SlugTakenError
├── PersonalSpaceError
├── LastOwnerError
├── TraceNotFoundError
├── CursorError
├── IdempotencyKeyReusedError
└── NotMigratedError
"""

import inspect
import logging
import traceback
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, ClassVar, Final

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commontrace_server.database.errors import UNAVAILABLE, is_unavailable

_log = logging.getLogger(__name__)

_RETRY_SECONDS: Final = "1"
_MAX_ERRORS: Final = 20
_MAX_NAME: Final = 80
_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_HOW_TO_GET_A_KEY: Final = (
    "ask the store's administrator for one, or, on the store's machine, "
    "create the first administrator with `commontrace admin create-admin --name NAME`"
)


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The request cannot be done. A subclass's docstring is its message; {0} is its first argument."""

    headers: ClassVar[Mapping[str, str]] = {}

    def __str__(self) -> str:
        return " ".join(inspect.cleandoc(self.__doc__ or "").split()).format(*self.args)


class KeyMissingError(Refusal):
    """This store needs an API key, sent as `Authorization: Bearer ct_...`: {0}."""

    headers = _CHALLENGE

    def __init__(self) -> None:
        super().__init__(_HOW_TO_GET_A_KEY)


class KeyInvalidError(Refusal):
    """This API key is unknown, expired or revoked: {0}."""

    headers = _CHALLENGE

    def __init__(self) -> None:
        super().__init__(_HOW_TO_GET_A_KEY)


class ScopeMissingError(Refusal):
    """This key lacks the scope `{0}`. Use one that has it, or ask the store's administrator for one."""


class RoleMissingError(Refusal):
    """This takes the role {0} in the space `{1}`. Ask one of its owners."""


class KeyNotFoundError(Refusal):
    """Your account has no key with this id. List them with GET /v1/keys."""


class KeyEndedError(Refusal):
    """This key has expired or was revoked. Create a new one with POST /v1/keys."""


class KeyReachError(Refusal):
    """A key manages and creates only keys that may do no more, and live no longer, than itself."""


class TooManyKeysError(Refusal):
    """An account has {0} valid keys at most. Revoke one that is not in use: DELETE /v1/keys/ID."""


class AccountNotFoundError(Refusal):
    """There is no such account. Create it with `commontrace admin create-account --name NAME`."""


class NameTakenError(Refusal):
    """There is an account called {0} already. Choose another, or `admin create-key`."""


class SpaceNotFoundError(Refusal):
    """There is no such space, or not for you. List yours with GET /v1/spaces."""


class SlugTakenError(Refusal):
    """There is a space called {0} already. Choose another slug."""


class PersonalSpaceError(Refusal):
    """A personal space belongs to one account for good. Use a team's space to share with others."""


class LastOwnerError(Refusal):
    """A space keeps at least one owner. Make somebody else an owner first."""


class TraceNotFoundError(Refusal):
    """There is no trace with this id. Search for it, or list the traces with GET /v1/traces."""


class CursorError(Refusal):
    """This cursor is not one that this store gave out. Start again without a cursor."""


class IdempotencyKeyReusedError(Refusal):
    """This Idempotency-Key was used with another body. Use a new key for a new trace."""


class NotMigratedError(Refusal):
    """The database is not at this program's revision. Run `commontrace migrate`, then restart the store."""


# Refusal -> (status, slug, title).
_TABLE: Final[Mapping[type[Refusal], tuple[int, str, str]]] = {
    KeyMissingError: (401, "key-missing", "API key missing"),
    KeyInvalidError: (401, "key-invalid", "API key not valid"),
    ScopeMissingError: (403, "scope-missing", "Scope missing"),
    RoleMissingError: (403, "role-missing", "Role missing"),
    KeyNotFoundError: (404, "key-not-found", "No such key"),
    KeyEndedError: (409, "key-ended", "Key expired or revoked"),
    KeyReachError: (403, "key-reach", "Beyond this key"),
    TooManyKeysError: (409, "too-many-keys", "Too many keys"),
    AccountNotFoundError: (404, "account-not-found", "No such account"),
    NameTakenError: (409, "name-taken", "Name taken"),
    SpaceNotFoundError: (404, "space-not-found", "No such space"),
    SlugTakenError: (409, "slug-taken", "Slug taken"),
    PersonalSpaceError: (409, "personal-space", "Personal space"),
    LastOwnerError: (409, "last-owner", "Last owner"),
    TraceNotFoundError: (404, "trace-not-found", "No such trace"),
    CursorError: (422, "malformed-cursor", "Malformed cursor"),
    IdempotencyKeyReusedError: (422, "idempotency-key-reused", "Idempotency-Key reused"),
    NotMigratedError: (503, "not-migrated", "Database not migrated"),
}

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
    return Problem(
        503,
        "database-unavailable",
        "Database unavailable",
        "The store cannot reach its database right now. Try again in a moment.",
        headers={"Retry-After": _RETRY_SECONDS},
    )


async def _refusal(_request: Request, error: Exception) -> Problem:
    status, slug, title = next(_TABLE[kind] for kind in type(error).__mro__ if kind in _TABLE)
    assert isinstance(error, Refusal)
    return Problem(status, slug, title, str(error), headers=error.headers)


async def _http_exception(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, HTTPException)
    title = HTTPStatus(error.status_code).phrase
    slug, detail = _ROUTING.get(error.status_code, ("http", title))
    if error.status_code not in (400, 404, 405) and error.detail:
        detail = error.detail
    return Problem(error.status_code, slug, title, detail, headers=error.headers)


async def _invalid(_request: Request, error: Exception) -> Problem:
    assert isinstance(error, RequestValidationError)
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
            if started or scope["type"] != "http":
                return
            await _fault()(scope, receive, send)


def describe(error: BaseException) -> str:
    """Return an error's type and where it was raised; never its message, which may quote user text."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__module__}.{type(error).__qualname__} at {places}"


def _fault() -> Problem:
    return Problem(
        500,
        "internal-error",
        "Internal error",
        "The store failed on this request. It was written to the store's log; please report it.",
    )
