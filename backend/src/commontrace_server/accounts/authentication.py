"""Who is asking: the dependency in front of every route that is not open to all."""

import hmac
from typing import Annotated, Final, cast

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from fastapi.security.base import SecurityBase

from commontrace_server.accounts import callers, keys, tokens
from commontrace_server.accounts.authorisation import TABLE
from commontrace_server.accounts.standing import Caller, Need
from commontrace_server.dependencies import state_of
from commontrace_server.refusals import KeyInvalidError, KeyMissingError
from commontrace_server.state import State

_BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    description="The first one is made with `commontrace admin create-admin --name NAME`.",
)
APPROVAL_HEADER: Final = "CommonTrace-Approval"
BearerDep = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


async def authenticate(request: Request, bearer: BearerDep) -> None:
    """Find out who the caller is, whose key reaches what the route needs; `CallerDep` is that caller.

    Nothing is held afterwards: the route's own connection is taken only when this one is back.

    Raises:
        KeyMissingError: There is no key, and without one nobody is known here.
        KeyInvalidError: What was given is no key, or one that is unknown, expired or revoked.
        ScopeMissingError: The key does not reach.
        TooManyRequestsError: The account or the address has asked too often.
    """
    state = state_of(request)
    path = request.scope["route"].path
    need = TABLE[f"{request.method} {path}"]
    limiter = state.limiter
    address = request.client.host if request.client is not None else None
    if limiter is not None:
        await limiter.admit_address(address)
    if "authorization" in request.headers:
        caller = await _by_bearer(state, bearer.credentials if bearer is not None else "", need)
        if caller is None:
            if limiter is not None:
                await limiter.admit_failure(address)
            raise KeyInvalidError
    elif state.builtin_account:
        caller = await callers.builtin(state.engine, need)
    else:
        raise KeyMissingError
    if not _is_approved(state, request):
        caller = caller.unapproved()
    if limiter is not None:
        await limiter.admit(caller, request.method, path)
    caller.check_scope()
    request.state.caller = caller


class _Authentication(SecurityBase):
    """`authenticate` and the header that it looks at, as the one dependency in front of a route."""

    model = _BEARER.model
    scheme_name = _BEARER.scheme_name

    async def __call__(self, request: Request) -> None:
        await authenticate(request, await _BEARER(request))


AUTHENTICATED: Final = _Authentication()


def _is_approved(state: State, request: Request) -> bool:
    """Tell whether the client says that a person has approved this, where the store asks for that."""
    expected = state.approval.read() if state.approval is not None else None
    given = request.headers.get(APPROVAL_HEADER, "")
    return expected is None or hmac.compare_digest(given.encode(), expected.hex().encode())


async def _by_bearer(state: State, bearer: str, need: Need) -> Caller | None:
    """Return who brings this key, or a token that stands for one."""
    pepper = state.pepper.read()
    if pepper is None:
        return None
    if keys.is_key(bearer):
        return await callers.by_key(state.engine, bearer, pepper, need)
    token = tokens.read(pepper, bearer) if tokens.is_token(bearer) else None
    return None if token is None else await callers.by_key_id(state.engine, *token, need)


async def _caller(request: Request) -> Caller:
    return cast("Caller", request.state.caller)  # there is none where nobody was authenticated


CallerDep = Annotated[Caller, Depends(_caller)]


async def known(request: Request, bearer: BearerDep) -> None:
    """Let pass who has a key, and whoever reaches a store that needs none; the latter asks no database.

    Raises:
        KeyMissingError: There is no key, and without one nobody is known here.
        KeyInvalidError: What was given is no valid key.
    """
    if "authorization" in request.headers or not state_of(request).builtin_account:
        await authenticate(request, bearer)
