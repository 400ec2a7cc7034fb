"""Prometheus metrics of one process, or of all workers together where they share a folder for it."""

import os
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest, multiprocess
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.database.errors import UNAVAILABLE
from commontrace_server.observability.signals import Listener

FOLDER_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"  # read by the library when it is imported
_BUCKETS: Final = (0.002, 0.005, 0.01, 0.02, 0.04, 0.1, 0.2, 0.3, 0.5, 1.0, 2.0, 5.0, 15.0)
_QUEUE: Final = text("""
SELECT kind, state, count(*) AS depth,
       greatest(0, extract(epoch FROM now() - min(run_at)))::float8 AS age
FROM jobs WHERE state <> 'queued' OR run_at <= now() GROUP BY kind, state
""")


class Metrics(Listener):
    """Counts what `signals` says, and requests."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()

        def histogram(name: str, about: str, *labels: str) -> Histogram:
            return Histogram(f"commontrace_{name}", about, labels, buckets=_BUCKETS, registry=registry)

        def counter(name: str, about: str, *labels: str) -> Counter:
            return Counter(f"commontrace_{name}", about, labels, registry=registry)

        self._requests = histogram("http_request_seconds", "Requests", "method", "route", "status")
        self._stages = histogram("stage_seconds", "Parts of a search", "stage")
        self._embeddings = histogram("embedding_seconds", "Calls of the embedder", "model", "result")
        self._texts = counter("embedded_texts", "Texts embedded", "model")
        self._jobs = histogram("job_seconds", "Jobs done", "kind", "result")
        self._searches = counter("searches", "Searches", "kind", "outcome")
        self._injectable = counter("searches_injectable", "With a trace to show unasked", "kind")
        self._degraded = counter("searches_degraded", "Answered without vectors", "kind")
        self._refusals = counter("refusals", "Problem documents, by the end of their type", "problem")
        self._redis_away = counter("redis_failures", "Redis could not be used", "use")
        self._failures = counter("failures", "Errors that nobody foresaw", "type")

    def requested(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(method, route, str(status)).observe(seconds)

    def stage(self, name: str, seconds: float) -> None:
        """Count a part of a request."""
        self._stages.labels(name).observe(seconds)

    def searched(self, kind: str, *, abstained: bool, injectable: bool, degraded: bool) -> None:
        """Count a search."""
        self._searches.labels(kind, "abstained" if abstained else "answered").inc()
        self._injectable.labels(kind).inc(injectable)
        self._degraded.labels(kind).inc(degraded)

    def refused(self, slug: str) -> None:
        """Count a refusal."""
        self._refusals.labels(slug).inc()

    def embedded(self, model: str, texts: int, seconds: float, failure: str | None) -> None:
        """Count a call of the embedder."""
        self._embeddings.labels(model, failure or "ok").observe(seconds)
        self._texts.labels(model).inc(0 if failure else texts)

    def worked(self, kind: str, seconds: float, failure: str | None) -> None:
        """Count a job."""
        self._jobs.labels(kind, failure or "ok").observe(seconds)

    def redis_away(self, use: str) -> None:
        """Count a failure of Redis."""
        self._redis_away.labels(use).inc()

    def failed(self, error: BaseException) -> None:
        """Count an error."""
        self._failures.labels(type(error).__name__).inc()

    def counted(self) -> CollectorRegistry:
        """Return what there is: of this process, or of all that share the folder."""
        if FOLDER_VARIABLE not in os.environ:
            return self._registry
        together = CollectorRegistry()
        multiprocess.MultiProcessCollector(together)  # type: ignore[no-untyped-call]
        return together

    async def rendered(self, engine: AsyncEngine) -> bytes:
        """Return everything in Prometheus' text format, the queue and the database as they are now."""
        return generate_latest(self.counted()) + generate_latest(await _present(engine))


async def _present(engine: AsyncEngine) -> CollectorRegistry:
    registry = CollectorRegistry()
    up = Gauge("commontrace_database_up", "Whether the database answers", registry=registry)
    depth = Gauge(
        "commontrace_jobs", "Jobs that are due, running or given up", ["kind", "state"], registry=registry
    )
    age = Gauge(
        "commontrace_job_age_seconds", "How long the oldest is due", ["kind", "state"], registry=registry
    )
    used = Gauge("commontrace_pool_connections", "In use in the process that answers", registry=registry)
    used.set(engine.pool.checkedout())  # type: ignore[attr-defined]
    try:
        async with engine.connect() as connection:
            for row in await connection.execute(_QUEUE):
                depth.labels(row.kind, row.state).set(row.depth)
                age.labels(row.kind, row.state).set(row.age)
        up.set(1)
    except UNAVAILABLE:
        up.set(0)  # the rest is told all the same
    return registry
