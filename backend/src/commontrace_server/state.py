"""What one running app holds; built at start-up, reached through `dependencies`."""

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts.pepper import Pepper
from commontrace_server.embeddings import Embedder
from commontrace_server.embeddings.query_cache import QueryCache
from commontrace_server.jobs.poller import Poller
from commontrace_server.limits.limiter import Limiter
from commontrace_server.search.lexicon import Lexicon
from commontrace_server.search.snapshots import Rankings

if TYPE_CHECKING:
    from commontrace_server.observability.metrics import Metrics

EmbedderStatus = Literal["ready", "loading", "renewing", "off", "failed"]


@dataclass(slots=True)
class State:
    """The parts of a running app.

    Attributes:
        engine: The database.
        poller: Does the jobs.
        pepper: What the hashes of keys are made with.
        limiter: Counts requests; None where nobody but the owner can ask.
        builtin_account: Whether requests without a key are the built-in account's.
        approval: What such a request must bring to be the person's own; None where nothing is asked for.
        embedder: None until the model is loaded, and for good when there is none.
        embedder_status: Why `embedder` is None, if it is; "renewing" while another one is made ready.
        query_cache: Vectors of recent queries.
        lexicon: What is known of the words of recent queries.
        rankings: What was found for recent queries.
        database_lost: Set when the database was found to be away.
        metrics: What is counted; None where nobody reads it.
        metrics_token: Who brings it may read them.
        stopping: Set when the server is about to stop; streams end then.
    """

    engine: AsyncEngine
    poller: Poller
    pepper: Pepper
    builtin_account: bool = False
    approval: Pepper | None = None
    limiter: Limiter | None = None
    embedder: Embedder | None = None
    embedder_status: EmbedderStatus = "off"
    query_cache: QueryCache = field(default_factory=QueryCache)
    lexicon: Lexicon = field(default_factory=Lexicon)
    rankings: Rankings = field(default_factory=Rankings)
    metrics: "Metrics | None" = None
    metrics_token: str | None = None
    database_lost: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
