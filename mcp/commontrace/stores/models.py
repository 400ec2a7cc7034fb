"""What stores are asked and what they answer. Fields that a newer store adds are ignored."""

import uuid
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, Field, RootModel, model_validator


class Trust(BaseModel):
    """What speaks for a trace; tallies are weighted, so they need not be whole numbers."""

    status: str
    origin: str
    last_verified_at: str | None = None
    wilson: float | None = None
    votes_up: float = 0
    votes_down: float = 0
    outcomes_worked: float = 0
    outcomes_failed: float = 0
    space: str | None = None


class Trace(BaseModel):
    """A trace as stored."""

    id: uuid.UUID
    title: str
    context_text: str
    solution_text: str
    tags: list[str]
    kind: str
    status: str
    origin: str
    signatures: list[str]


class Related(BaseModel):
    """Another trace that says nearly the same."""

    id: uuid.UUID
    similarity: float


class Contribution(Trace):
    """What became of a contribution; `held_for` is what a moderator has to look at first."""

    held_for: list[str] = []
    similar: list[Related] = []


class TracePage(BaseModel):
    """A page of traces, newest first; `next_cursor` is null on the last."""

    items: list[Trace]
    next_cursor: str | None = None


class Hit(BaseModel):
    """A trace as found by one search.

    Attributes:
        confidence: calibrated probability that this trace answers the query, 0 to 1.
        why: which signals matched.
        automatic: the store allows that it is shown without being asked for.
        held: why it does not, where it says so.
        fetched_at: when this copy was made, seconds since the epoch; None where the store has just said it.
    """

    id: uuid.UUID
    title: str
    context_text: str
    solution_text: str
    tags: list[str]
    kind: str
    confidence: float = Field(ge=0, le=1)
    why: list[str]
    trust: Trust
    automatic: bool
    held: str | None = None
    fetched_at: float | None = None


class Found(BaseModel):
    """Answer to one search; `degraded` names the signals that were not available for it."""

    hits: list[Hit]
    abstained: bool
    degraded: list[str] = []


class Context(BaseModel):
    """Where a search is made from; `packages` maps a name to the version in use."""

    languages: list[str] = []
    frameworks: list[str] = []
    packages: dict[str, str] = {}
    os: str | None = None


class Query(BaseModel):
    """One search, as it leaves the client; what is not set is not sent."""

    query: str
    kind: Literal["error", "question", "session_context"]
    signature: str | None = None
    context: Context | None = None
    tags: list[str] = []
    spaces: list[str] = []
    limit: int = 10
    min_confidence: float = 0.0

    def body(self) -> dict[str, Any]:
        """The JSON document; older stores refuse fields that they do not know, so empty ones stay out."""
        return self.model_dump(exclude_defaults=True) | {
            "query": self.query,
            "kind": self.kind,
            "limit": self.limit,
        }


class Account(BaseModel):
    """Whose key is in use, and what it allows."""

    id: uuid.UUID
    name: str
    scopes: list[str] = []
    spaces: list[dict[str, Any]] = []


class TagCount(BaseModel):
    """A tag and how many traces carry it."""

    tag: str = Field(validation_alias=AliasChoices("tag", "name"))
    count: int = Field(validation_alias=AliasChoices("count", "traces"))


class Tags(RootModel[list[TagCount]]):
    """The tags in use; stores wrap the list in `items`."""

    @model_validator(mode="before")
    @classmethod
    def _unwrapped(cls, value: Any) -> Any:
        return value.get("items", value) if isinstance(value, dict) else value


class ImportedLine(BaseModel):
    """What became of one line of an import."""

    line: int | None = None
    status: Literal["created", "existing", "refused"] = "refused"
    detail: str | None = None


class ImportJob(BaseModel):
    """How far an import is that the store does as a job; `refusals` are some of the refused lines."""

    id: uuid.UUID
    status: Literal["queued", "running", "done", "failed"]
    lines: int
    done: int
    created: int
    existing: int
    refused: int
    refusals: list[ImportedLine] = []

    @property
    def has_ended(self) -> bool:
        """Whether nothing more is done."""
        return self.status in ("done", "failed")


class Imported(BaseModel):
    """How an import went; `refused` names the lines that were not taken, each with its reason."""

    created: int = 0
    existing: int = 0
    refused: list[ImportedLine] = []

    @classmethod
    def of(cls, lines: Iterable[ImportedLine]) -> "Imported":
        """The sum of some lines."""
        total = cls()
        for line in lines:
            if line.status == "refused":
                total.refused.append(line)
            elif line.status == "created":
                total.created += 1
            else:
                total.existing += 1
        return total
