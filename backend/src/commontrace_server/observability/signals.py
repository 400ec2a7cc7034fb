"""What the store says of itself while it works; where nobody listens it costs next to nothing.

The parts that have something to say know nothing of metrics: they call these functions.
"""

import time
from types import TracebackType


class Listener:
    """Takes what is said; does something with what it overrides."""

    def stage(self, name: str, seconds: float) -> None:
        """A part of a request took this long."""

    def searched(self, kind: str, *, abstained: bool, injectable: bool, degraded: bool) -> None:
        """A search was answered."""

    def refused(self, slug: str) -> None:
        """A request ended in the problem of this slug."""

    def embedded(self, model: str, texts: int, seconds: float, failure: str | None) -> None:
        """The provider answered, or failed with an error of this name."""

    def worked(self, kind: str, seconds: float, failure: str | None) -> None:
        """A job was done, or failed with an error of this name."""

    def redis_away(self, use: str) -> None:
        """Redis could not be used, for `limits`, `jobs` or `vectors`."""

    def failed(self, error: BaseException) -> None:
        """Nothing foresaw this error."""


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Tell this listener everything from now on."""
    _listeners.append(listener)


def forget(listener: Listener) -> None:
    """Tell it no more."""
    _listeners.remove(listener)


class Stage:
    """Times a part of a request."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._since = time.perf_counter() if _listeners else 0.0

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for listener in _listeners:
            listener.stage(self._name, time.perf_counter() - self._since)


def searched(kind: str, *, abstained: bool, injectable: bool, degraded: bool) -> None:
    """Say that a search was answered; `injectable`: with a trace that may be shown unasked."""
    for listener in _listeners:
        listener.searched(kind, abstained=abstained, injectable=injectable, degraded=degraded)


def refused(slug: str) -> None:
    """Say that a request was refused."""
    for listener in _listeners:
        listener.refused(slug)


def embedded(model: str, texts: int, seconds: float, failure: str | None = None) -> None:
    """Say that texts were embedded, or not."""
    for listener in _listeners:
        listener.embedded(model, texts, seconds, failure)


def worked(kind: str, seconds: float, failure: str | None = None) -> None:
    """Say that a job was done, or not."""
    for listener in _listeners:
        listener.worked(kind, seconds, failure)


def redis_away(use: str) -> None:
    """Say that Redis could not be used."""
    for listener in _listeners:
        listener.redis_away(use)


def failed(error: BaseException) -> None:
    """Say that something failed that nobody foresaw."""
    for listener in _listeners:
        listener.failed(error)
