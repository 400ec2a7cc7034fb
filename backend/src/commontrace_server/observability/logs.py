"""Logs as JSON, one document per line on stderr, without a word of what people wrote.

Our own messages name kinds, ids and counts. Those of others may quote anything, so exceptions are written
down by type and place, and what asyncio says of a task is cut after its first line.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, Final

import structlog

from commontrace_server.observability.errors import describe

ACCESS: Final = "commontrace_server.requests"
_Event = MutableMapping[str, Any]


def configure() -> None:
    """Write every record of this process as JSON; requests at INFO, all else from WARNING on."""
    chain: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _described,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=chain,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(ACCESS).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


def _described(_logger: Any, _method: str, event: _Event) -> _Event:
    """Exceptions by type and place; their messages may quote what people wrote."""
    raised = event.pop("exc_info", None)
    if raised is True:
        raised = sys.exc_info()
    error = raised[1] if isinstance(raised, tuple) else raised
    if isinstance(error, BaseException):
        event["error"] = describe(error)
    record: logging.LogRecord | None = event.get("_record")
    if record is not None and record.exc_info:
        record.exc_info = record.exc_text = None
    if event.get("logger") == "asyncio":
        event["event"] = str(event["event"]).partition("\n")[0]
    return event
