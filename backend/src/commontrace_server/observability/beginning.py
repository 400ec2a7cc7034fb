"""Who listens to `signals` in a process: its metrics, and Sentry where a DSN is given."""

from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from commontrace_server.observability import signals
from commontrace_server.settings import Settings

if TYPE_CHECKING:
    from commontrace_server.observability.metrics import Metrics


def begin(settings: Settings, metrics: "Metrics | None", stack: AsyncExitStack) -> None:
    """Let them listen until the stack ends."""
    if metrics is not None:
        signals.listen(metrics)
        stack.callback(signals.forget, metrics)
    if settings.sentry_dsn is not None:
        from commontrace_server.observability.sentry import Reporter

        reporter = Reporter(settings.sentry_dsn)
        stack.callback(reporter.close)
        signals.listen(reporter)
        stack.callback(signals.forget, reporter)
