"""Who calls: every request carries a credential of the store, and the store alone says what it allows."""

import re
from typing import Final

import anyio
import httpx
from fastmcp.server.auth import AccessToken, TokenVerifier
from fastmcp.server.dependencies import get_access_token, get_http_request
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from commontrace.stores import (
    Account,
    Breaker,
    Permissions,
    Store,
    StoreBusyError,
    StoreError,
    StoreUnauthorizedError,
)
from commontrace.stores.transport import PLAIN, TIMEOUT

NAME: Final = "CommonTrace"
_TOKEN: Final = re.compile(r"[\x21-\x7e]{8,2000}")
_RETRY_SECONDS: Final = 5
_UNAUTHORIZED: Final = 401
_WHAT_TO_SEND: Final = (
    "Send an API key of the store, or a token that POST /v1/token has made from one, that is neither "
    "expired nor revoked: `Authorization: Bearer ct_...`"
)


class Callers:
    """Makes a client of the store for each call: connections are shared, credentials never.

    Args:
        url: the store's address.
        transport: leads to it; over the network by default.
    """

    def __init__(self, url: str, transport: httpx.BaseTransport | None = None) -> None:
        self._url = url
        self._breaker = Breaker()
        self._transport = transport or httpx.HTTPTransport()

    def store(self, token: str) -> Store:
        """The store as the holder of `token` sees it, who is named to it by their address."""
        headers = {"Accept": "application/json", "Authorization": f"Bearer {token}", **PLAIN}
        client = get_http_request().client
        if client is not None:
            headers["X-Forwarded-For"] = client.host
        connection = httpx.Client(
            base_url=self._url, headers=headers, timeout=TIMEOUT, trust_env=False, transport=self._transport
        )
        return Store(connection, NAME, Permissions.all())

    def calling(self) -> Store:
        """The store as the caller of the present tool sees it."""
        token = get_access_token()
        assert token is not None, "no tool is reached without one"
        return self.store(token.token)

    def account(self, token: str) -> Account:
        """Whose token it is. A store that has failed several times in a row is left alone for a while.

        Raises:
            StoreError: the store does not know the token, cannot say, or asks for patience.
        """
        store = self.store(token)

        def asked() -> Account | StoreBusyError:
            try:
                return store.me()
            except StoreBusyError as busy:  # of one caller; the store is well
                return busy

        answer = self._breaker.call(asked)
        if isinstance(answer, StoreBusyError):
            raise answer
        return answer

    def close(self) -> None:
        """End the connections."""
        self._transport.close()


class StoreVerifier(TokenVerifier):
    """Asks the store whether it knows a bearer token: one of its API keys, or a token made from one."""

    def __init__(self, callers: Callers) -> None:
        super().__init__()
        self._callers = callers

    async def verify_token(self, token: str) -> AccessToken | None:
        """Whom the token belongs to and what it allows; None when the store does not know it.

        Raises:
            StoreError: the store cannot say, or asks for patience.
        """
        if not _TOKEN.fullmatch(token):
            return None
        try:
            account = await anyio.to_thread.run_sync(self._callers.account, token)
        except StoreUnauthorizedError:
            return None
        return AccessToken(token=token, client_id=str(account.id), scopes=account.scopes)

    def get_middleware(self) -> list[Middleware]:
        """What stands in front of the tools; outermost what words its refusals."""
        return [Middleware(Door), *super().get_middleware()]


class Door:
    """ASGI middleware: who is not let in is told why and what to do, in a problem document.

    A store that is away or busy is a 503 or a 429, not a token that is not valid.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer where it is not let in."""
        refused = False

        async def watched(message: Message) -> None:
            nonlocal refused
            refused = refused or message.get("status") == _UNAUTHORIZED
            if not refused:
                await send(message)

        try:
            await self._app(scope, receive, watched)
        except StoreBusyError as error:
            await _problem(429, "Too many requests", str(error), _later(error))(scope, receive, send)
        except StoreError as error:
            await _problem(503, "Store unavailable", str(error), _later(error))(scope, receive, send)
        if refused:
            await _unauthorized(Headers(scope=scope))(scope, receive, send)


def _unauthorized(headers: Headers) -> JSONResponse:
    given = headers.get("authorization", "").lower().startswith("bearer ")
    title = "Token not valid" if given else "Token missing"
    challenge = 'Bearer error="invalid_token"' if given else "Bearer"
    return _problem(_UNAUTHORIZED, title, _WHAT_TO_SEND, {"WWW-Authenticate": challenge})


def _later(error: StoreError) -> dict[str, str]:
    wait = error.retry_after if isinstance(error, StoreBusyError) else None
    return {"Retry-After": f"{wait or _RETRY_SECONDS:.0f}"}


def _problem(status: int, title: str, detail: str, headers: dict[str, str]) -> JSONResponse:
    document = {"title": title, "status": status, "detail": detail}
    return JSONResponse(document, status, headers, "application/problem+json")
