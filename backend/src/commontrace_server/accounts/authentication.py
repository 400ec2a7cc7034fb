"""Who is asking: the dependency in front of every route that is not open to all."""

from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from commontrace_server.accounts import callers, keys
from commontrace_server.accounts.authorisation import TABLE
from commontrace_server.accounts.standing import Caller, Need
from commontrace_server.dependencies import StateDep
from commontrace_server.problems import KeyInvalidError, KeyMissingError
from commontrace_server.state import State

_BEARER: Final = HTTPBearer(
    auto_error=False,
    scheme_name="API key",
    description="The first one is made with `commontrace admin create-admin --name NAME`.",
)
_BearerDep = Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)]


async def authenticate(request: Request, state: StateDep, bearer: _BearerDep) -> Caller:
    """Return the caller, whose key reaches what the route needs.

    Nothing is held afterwards: the route's own connection is taken only when this one is back.

    Raises:
        KeyMissingError: There is no key, and without one nobody is known here.
        KeyInvalidError: What was given is no key, or one that is unknown, expired or revoked.
        ScopeMissingError: The key does not reach.
    """
    need = TABLE[f"{request.method} {request.scope['route'].path}"]
    if "authorization" in request.headers:
        caller = await _by_key(state, bearer.credentials if bearer is not None else "", need)
    elif state.builtin_account:
        caller = await callers.builtin(state.engine, need)
    else:
        raise KeyMissingError
    caller.check_scope()
    return caller


async def _by_key(state: State, key: str, need: Need) -> Caller:
    pepper = state.pepper.read()
    if pepper is None or not keys.is_key(key):
        raise KeyInvalidError
    caller = await callers.by_key(state.engine, key, pepper, need)
    if caller is None:
        raise KeyInvalidError
    return caller


CallerDep = Annotated[Caller, Depends(authenticate)]


async def known(request: Request, state: StateDep, bearer: _BearerDep) -> None:
    """Let pass who has a key, and whoever reaches a store that needs none; the latter asks no database.

    Raises:
        KeyMissingError: There is no key, and without one nobody is known here.
        KeyInvalidError: What was given is no valid key.
    """
    if "authorization" in request.headers or not state.builtin_account:
        await authenticate(request, state, bearer)
