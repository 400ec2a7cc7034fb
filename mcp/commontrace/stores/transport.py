"""Requests to a store, with every answer bounded, checked and translated."""

import threading
import time
from collections.abc import Callable, Generator, Iterator
from functools import partial
from http.cookiejar import CookieJar, DefaultCookiePolicy
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

import httpx
from pydantic import BaseModel, ValidationError

from commontrace.config import LOCAL, ConfigInvalidError, StoreConfig
from commontrace.config_values import is_loopback
from commontrace.stores import errors

MAX_ANSWER_BYTES = 4_000_000
MAX_LINE_BYTES = 1_000_000
ANSWER_SECONDS = 15.0
"""Of a whole answer: one that trickles never meets a timeout between two bytes."""
WHOLE_SECONDS = 30.0
"""Of a request and its answer: headers can trickle as well, and what is sent next waits for it."""
TIMEOUT = httpx.Timeout(10.0, connect=5.0)
PLAIN = {"Accept-Encoding": "identity"}
"""Headers of every request: what is packed may be a thousand times as large as what was counted."""

Model = TypeVar("Model", bound=BaseModel)


class KeyAuth(httpx.Auth):
    """Sends the key that is configured when the request is made, so that a key file may be rotated."""

    def __init__(self, config: StoreConfig) -> None:
        self._config = config

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        """Add the header."""
        request.headers["Authorization"] = f"Bearer {self._config.key()}"
        yield request


def connect(config: StoreConfig) -> httpx.Client:
    """A client of a connected store; redirects are not followed, and cookies not kept.

    On this machine no proxy is used: it would be given the key.
    """
    return httpx.Client(
        base_url=config.url,
        auth=KeyAuth(config),
        headers={"Accept": "application/json", **PLAIN},
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=TIMEOUT,
        trust_env=not is_loopback(httpx.URL(config.url).host),
    )


class Transport:
    """Asks one store.

    Raises:
        StoreError: see `commontrace.stores.errors`; every method raises these only.
    """

    def __init__(self, client: httpx.Client, name: str) -> None:
        self.client = client
        self.name = name

    def ask(self, model: type[Model], method: str, path: str, **parts: Any) -> Model:
        """Send a request and read its answer as `model`."""
        return self.understand(model, self.send(method, path, **parts))

    def send(self, method: str, path: str, **parts: Any) -> bytes:
        """Send a request and return the body of its answer."""
        asked = partial(self.answer, method, path, **parts)
        return (asked() if self.name == LOCAL else _within(WHOLE_SECONDS, self.name, asked))[1]

    def answer(self, method: str, path: str, **parts: Any) -> tuple[int, bytes]:
        """Send a request, which may be large, and return the status and the body of its answer."""
        try:
            with self.client.stream(method, path, **parts) as response:
                body = _bounded(self.name, response)
        except httpx.HTTPError as error:
            raise errors.unreachable(self.name, error) from error
        except ConfigInvalidError as error:
            raise errors.StoreUnauthorizedError(str(error)) from error
        if not response.is_success:
            raise errors.refusal(self.name, response, body)
        return response.status_code, body

    def lines(self, method: str, path: str, **parts: Any) -> Iterator[bytes]:
        """Send a request and yield the lines of its answer, without line ends, as they arrive."""
        try:
            with self.client.stream(method, path, **parts) as response:
                if not response.is_success:
                    raise errors.refusal(self.name, response, _bounded(self.name, response))
                yield from _lines(self.name, response)
        except httpx.HTTPError as error:
            raise errors.unreachable(self.name, error) from error
        except ConfigInvalidError as error:
            raise errors.StoreUnauthorizedError(str(error)) from error

    def understand(self, model: type[Model], body: bytes) -> Model:
        """Read JSON as `model`."""
        try:
            return model.model_validate_json(body)
        except ValidationError as error:
            raise errors.StoreUnavailableError(
                f"the answer of the store {self.name!r} is not what this client understands: "
                "update the older of the two"
            ) from error


def _within(seconds: float, store: str, work: Callable[[], tuple[int, bytes]]) -> tuple[int, bytes]:
    """The result of some work on a connected store, which is left to itself when it takes too long."""
    done: SimpleQueue[tuple[int, bytes] | Exception] = SimpleQueue()

    def run() -> None:
        try:
            done.put(work())
        except Exception as error:  # noqa: BLE001  raised by the thread that waits for it
            done.put(error)

    threading.Thread(target=run, name=f"request {store}", daemon=True).start()
    try:
        result = done.get(timeout=seconds)
    except Empty:
        raise errors.StoreUnavailableError(f"the store {store!r} takes too long for one answer") from None
    if isinstance(result, Exception):
        raise result
    return result


def _bounded(store: str, response: httpx.Response) -> bytes:
    body = bytearray()
    until = time.monotonic() + ANSWER_SECONDS
    for chunk in _plain(store, response):
        body += chunk
        if time.monotonic() > until:
            raise errors.StoreUnavailableError(f"the store {store!r} takes too long for one answer")
        if len(body) > MAX_ANSWER_BYTES:
            raise errors.StoreUnavailableError(
                f"the answer of the store {store!r} exceeds {MAX_ANSWER_BYTES} bytes"
            )
    return bytes(body)


def _lines(store: str, response: httpx.Response) -> Iterator[bytes]:
    rest = b""
    for chunk in _plain(store, response):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > MAX_LINE_BYTES:
            raise errors.StoreUnavailableError(
                f"a line in the answer of the store {store!r} exceeds {MAX_LINE_BYTES} bytes"
            )
        yield from filter(None, whole)
    if rest:
        yield rest


def _plain(store: str, response: httpx.Response) -> Iterator[bytes]:
    """The answer as it came, which is not to be packed."""
    if response.headers.get("Content-Encoding", "identity") != "identity":
        raise errors.StoreUnavailableError(f"the store {store!r} packs its answer, which it was told not to")
    return response.iter_bytes()
