"""Logs as JSON, one document per line on stderr, without a word of what people wrote.

Our own messages name kinds, ids and counts. Those of others may quote anything, so exceptions are written
down by type and place, and what asyncio says of a task is cut after its first line.
"""

import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import MutableMapping
from contextlib import suppress
from typing import Any, Final

import structlog

from commontrace_server.observability.errors import describe
from commontrace_server.observability.repeats import Repeats

ACCESS: Final = "commontrace_server.requests"
_STDERR: Final = 2
_WAITING: Final = 10_000  # lines
_FLUSH_SECONDS: Final = 1.0
_FLUSH_LOOKS: Final = 100
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
    handler = Unblocked(_STDERR)
    handler.setFormatter(formatter)
    handler.addFilter(Repeats())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger(ACCESS).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)


class Unblocked(logging.Handler):
    """Writes in a thread of its own: a reader that stops reading does not stop the store.

    What does not fit meanwhile is dropped, and counted in the next line that does.

    Args:
        descriptor: Where to.
    """

    def __init__(self, descriptor: int) -> None:
        super().__init__()
        self._descriptor = descriptor
        self._lines: queue.Queue[bytes] = queue.Queue(_WAITING)
        self._dropped = 0
        threading.Thread(target=self._write, name="log", daemon=True).start()

    def emit(self, record: logging.LogRecord) -> None:
        """Put a line where the thread finds it."""
        line = self.format(record) + "\n"
        if self._dropped:
            line = json.dumps({"event": "lines were dropped", "lines": self._dropped}) + "\n" + line
        try:
            self._lines.put_nowait(line.encode("utf-8", "backslashreplace"))
            self._dropped = 0
        except queue.Full:
            self._dropped += 1

    def flush(self) -> None:
        """Wait until what was said is written, but not for long."""
        for _ in range(_FLUSH_LOOKS):
            if not self._lines.unfinished_tasks:
                return
            time.sleep(_FLUSH_SECONDS / _FLUSH_LOOKS)

    def close(self) -> None:
        """Write the rest."""
        self.flush()
        super().close()

    def _write(self) -> None:
        while True:
            line = self._lines.get()
            with suppress(OSError):  # nobody is there to read, or to be told
                while line:
                    line = line[os.write(self._descriptor, line) :]
            self._lines.task_done()


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
