"""How a store can fail, and which answer means what.

StoreError
├── StoreUnavailableError       try again later: not reached, too slow, 5xx, or not understood
│   ├── StoreBusyError          429: later, and when
│   └── StoreRestingError       not asked: it was away several times in a row (breaker.py)
├── StorePermissionError        the person has not allowed this store to be sent that
└── StoreRefusedError           the store said no, and why; repeating it changes nothing
    ├── StoreUnauthorizedError  401
    ├── StoreForbiddenError     403
    ├── StoreNotFoundError      404
    ├── StoreConflictError      409
    ├── StoreInvalidError       422
    └── StoreLacksRouteError    404 or 405 for the address itself
"""

from collections.abc import Mapping

import httpx
from pydantic import BaseModel, ValidationError

from commontrace.config import LOCAL

DETAIL_LIMIT = 600
"""Characters of a store's own words that are passed on; they come from another machine."""


class StoreError(Exception):
    """The store did not do what it was asked.

    Attributes:
        said: the words of a connected store, which are foreign text; they are part of the message.
        gist: the message without them; empty where there are none.
    """

    said = ""
    gist = ""


class StoreUnavailableError(StoreError):
    """The store cannot be reached, is too slow, or does not answer in its own language."""


class StoreBusyError(StoreUnavailableError):
    """The store asks for patience.

    Attributes:
        retry_after: seconds, as far as the store says.
    """

    def __init__(self, message: str, retry_after: float | None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class StorePermissionError(StoreError):
    """The person has not allowed that this store is sent this."""


class StoreRefusedError(StoreError):
    """The store refused the request and said why."""


class StoreUnauthorizedError(StoreRefusedError):
    """The store does not accept the key."""


class StoreForbiddenError(StoreRefusedError):
    """The key does not allow this."""


class StoreNotFoundError(StoreRefusedError):
    """The store has nothing of this id, or not for this account."""


class StoreConflictError(StoreRefusedError):
    """What was sent contradicts what the store has."""


class StoreInvalidError(StoreRefusedError):
    """The store finds the request invalid; an older one does so where it does not know a part of it."""


class StoreLacksRouteError(StoreRefusedError):
    """The store is too old for this, or the address is not a store's."""


REFUSALS: Mapping[int, tuple[type[StoreRefusedError], str]] = {
    # status: (error, what to say where the store says nothing itself)
    401: (StoreUnauthorizedError, "it does not accept the key; run `commontrace setup` with a valid one"),
    403: (
        StoreForbiddenError,
        "the key does not allow this; ask the store's administrator for the scope or role",
    ),
    404: (StoreNotFoundError, "it has nothing of this id, or not for this account"),
    409: (StoreConflictError, "it has something else under this name; read it first"),
    422: (StoreInvalidError, "it finds the request invalid"),
}
_ROUTE_MISSING = "urn:commontrace:problem:not-found"
_REMEDIES: Mapping[int, str] = {401: "run `commontrace setup` to give it a valid key"}


class _Problem(BaseModel):
    type: str = ""
    title: str
    detail: str = ""


def unreachable(store: str, error: httpx.HTTPError) -> StoreUnavailableError:
    """The error for a request that got no answer."""
    return StoreUnavailableError(f"the store {store!r} does not answer ({type(error).__name__})")


def refusal(store: str, response: httpx.Response, body: bytes) -> StoreError:
    """The error for an answer that is not a success: one sentence, the store's own words where it has any."""
    problem = _problem(body)
    said = _sentence(problem) if problem else ""
    error, gist = _error(store, response, problem, said), _error(store, response, problem, "")
    if said and store != LOCAL:
        error.said, error.gist = said, str(gist)
    return error


def _error(store: str, response: httpx.Response, problem: _Problem | None, said: str) -> StoreError:
    status = response.status_code
    who = f"the store {store!r}"
    if status == httpx.codes.TOO_MANY_REQUESTS:
        wait = _retry_after(response)
        when = f"try again in {wait:.0f} s" if wait is not None else "try again in a moment"
        return StoreBusyError(f"{who} asks for patience: {said or when}", wait)
    if status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return StoreUnavailableError(f"{who} cannot answer: {said or f'status {status}'}")
    if _route_missing(status, problem):
        return StoreLacksRouteError(
            f"{who} does not know {response.request.method} {response.request.url.path}: "
            "it is older than this client, or its address is wrong"
        )
    kind, silent = REFUSALS.get(status, (StoreRefusedError, f"status {status}"))
    remedy = f"; {_REMEDIES[status]}" if said and status in _REMEDIES else ""
    return kind(f"{who} refused: {(said or silent).rstrip('.')}{remedy}")


def _route_missing(status: int, problem: _Problem | None) -> bool:
    """Whether the address itself is unknown, told apart from an unknown trace at a known address."""
    if status == httpx.codes.METHOD_NOT_ALLOWED:
        return True
    return status == httpx.codes.NOT_FOUND and (problem is None or problem.type == _ROUTE_MISSING)


def _problem(body: bytes) -> _Problem | None:
    try:
        return _Problem.model_validate_json(body)
    except ValidationError:
        return None


def _sentence(problem: _Problem) -> str:
    text = f"{problem.title}: {problem.detail}" if problem.detail else problem.title
    text = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return text if len(text) <= DETAIL_LIMIT else text[:DETAIL_LIMIT] + "..."


def _retry_after(response: httpx.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return float(value) if value.isascii() and value.isdigit() and len(value) < 7 else None
