"""What a store is started with."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

MINILM: Final = "minilm"
OPENAI: Final = "openai"
SENTENCE_TRANSFORMERS: Final = "sentence-transformers"
NO_EMBEDDER: Final = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Settings of one store process.

    Attributes:
        database_url: SQLAlchemy URL of the asyncpg dialect.
        embedder: See `checked_embedder`; "none" means lexical search only.
        pepper: What the hashes of API keys are made with: the secret itself, or the folder of its file.
            Without it there are no keys.
        builtin_account: Whether who brings no key is the built-in account. Only for a listener that nobody
            but its owner can reach.
        approval: Folder of the secret that a client brings when the person has said yes; without it whatever
            the built-in account contributes counts as approved.
        limits: Whether requests are counted and refused when there are too many; never where the
            built-in account is.
        redis_url: Where all processes count them together.
        observed: Whether there are request ids, lines per request, and metrics.
        metrics_token: Who brings it may read the metrics; administrators' keys may always.
        metrics_port: Where a job worker answers whether it is ready, and with its metrics; None for nowhere.
        metrics_host: The address of that port.
        sentry_dsn: Where errors that nobody foresaw are reported, if anywhere.
        starter: Whether the starter pack is loaded at start.
        body_limit: Largest request body, in bytes. Three full texts with every character escaped fit.
        poll_seconds: How often the queue is looked at when nothing wakes the poller.
    """

    database_url: str
    embedder: str = MINILM
    pepper: str | Path | None = field(default=None, repr=False)
    builtin_account: bool = False
    approval: Path | None = None
    limits: bool = True
    redis_url: str | None = field(default=None, repr=False)
    observed: bool = False
    metrics_token: str | None = field(default=None, repr=False)
    metrics_port: int | None = None
    metrics_host: str = "127.0.0.1"
    sentry_dsn: str | None = field(default=None, repr=False)
    starter: bool = False
    body_limit: int = 1024 * 1024
    poll_seconds: float = 30.0


def checked_embedder(choice: str) -> str:
    """Return the choice of an embedder: minilm, openai[:MODEL], sentence-transformers:FOLDER or none.

    Raises:
        ValueError: It is none of these.
    """
    provider, colon, model = choice.partition(":")
    bare = choice in (MINILM, OPENAI, NO_EMBEDDER)
    if not bare and not (colon and model and provider in (OPENAI, SENTENCE_TRANSFORMERS)):
        raise ValueError(f"{choice!r} is no embedder")
    return choice
