"""Errors to Sentry, only where the operator gives a DSN; each is rebuilt from what may be told."""

from typing import TYPE_CHECKING, Any, Final, cast

from commontrace_server.observability.signals import Listener

if TYPE_CHECKING:
    from sentry_sdk.types import Event, Hint

_PLAIN: Final = ("event_id", "timestamp", "level", "platform", "release", "environment")
_FRAME: Final = ("module", "function", "lineno", "in_app")


class SentryMissingError(Exception):
    """A Sentry DSN is given, but sentry-sdk is not installed. Install it, or take the variable away."""

    def __str__(self) -> str:
        return str(self.__doc__)


class SentryDsnError(Exception):
    """The Sentry DSN is none: it looks like https://KEY@sentry.example/1. Correct it, or take it away."""

    def __str__(self) -> str:
        return str(self.__doc__)


def checked(dsn: str) -> str:
    """Return a DSN that a reporter can be made for.

    Raises:
        SentryMissingError: The library is not there.
        SentryDsnError: It is no DSN.
    """
    try:
        from sentry_sdk.utils import BadDsn, Dsn
    except ImportError as error:
        raise SentryMissingError from error
    try:
        Dsn(dsn)
    except BadDsn as error:
        raise SentryDsnError from error
    return dsn


class Reporter(Listener):
    """Reports the errors that nobody foresaw.

    Args:
        dsn: Where to; see `checked`.
    """

    def __init__(self, dsn: str) -> None:
        import sentry_sdk

        self._sdk = sentry_sdk
        sentry_sdk.init(
            dsn,
            default_integrations=False,  # nothing is collected on the way: no bodies, breadcrumbs, log lines
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            auto_session_tracking=False,
            before_send=scrubbed,
        )

    def failed(self, error: BaseException) -> None:
        """Report an error."""
        self._sdk.capture_exception(error)

    def close(self) -> None:
        """Send what is waiting, but not for long."""
        self._sdk.flush(2.0)


def scrubbed(event: "Event", _hint: "Hint") -> "Event":
    """Return an event of types and places alone: all else may quote what people wrote."""
    told: dict[str, Any] = {key: event[key] for key in _PLAIN if key in event}
    values = (event.get("exception") or {}).get("values", [])
    told["exception"] = {
        "values": [
            {
                "type": value.get("type"),
                "module": value.get("module"),
                "stacktrace": {
                    "frames": [
                        {key: frame[key] for key in _FRAME if key in frame}
                        for frame in (value.get("stacktrace") or {}).get("frames", [])
                    ]
                },
            }
            for value in values
        ]
    }
    return cast("Event", told)
