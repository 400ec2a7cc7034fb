"""What a search is asked and what it answers."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commontrace_server.reputation.schemas import Trust
from commontrace_server.traces.schemas import Kind, Name, Names, Signature, SpaceSlug, Storable, Tag

QueryKind = Literal["error", "question", "session_context"]
QueryText = Annotated[str, StringConstraints(min_length=1, max_length=20_000), Storable]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SearchContext(_Strict):
    """What the caller works with; `packages` maps a name to the version in use."""

    languages: Names = []
    frameworks: Names = []
    packages: Annotated[dict[Name, Name], Field(max_length=2000)] = {}
    os: Name | None = None

    def labels(self) -> list[str]:
        """Languages and frameworks together."""
        return [*self.languages, *self.frameworks]


class SearchRequest(_Strict):
    """A query as tools print it or people type it, with the fingerprints of its errors."""

    query: QueryText
    signature: Signature | None = None
    signatures: Annotated[list[Signature], Field(max_length=16)] = []
    kind: QueryKind = "question"
    context: SearchContext = SearchContext()
    tags: Annotated[list[Tag], Field(max_length=20)] = []
    spaces: Annotated[list[SpaceSlug], Field(max_length=50)] = Field(
        default=[], description="Slugs of the spaces to search; without any, all that the account can read."
    )
    limit: Annotated[int, Field(ge=1, le=50, strict=True)] = 10
    min_confidence: Annotated[float, Field(ge=0, le=1, strict=True)] = 0.0


class PackageFit(BaseModel):
    """A package that a trace is about, and what the caller has of it."""

    range: str
    version: str | None = Field(description="The caller's; null when it was not told.")
    fits: bool | None = Field(description="Null when it cannot be told.")


class Hit(BaseModel):
    """A trace that may answer the query."""

    id: UUID
    title: str
    context_text: str
    solution_text: str
    tags: list[str]
    kind: Kind
    confidence: float = Field(description="Probability that this trace answers the query, 0 to 1.")
    why: list[str] = Field(description="The signals that matched.")
    trust: Trust
    applies: dict[str, PackageFit] = Field(description="Version ranges of the trace against the caller's.")
    automatic: bool = Field(description="Sure and trusted enough to be shown without being asked for.")
    held: str | None = Field(default=None, description="Why it is not; null when it is.")


class SearchResponse(BaseModel):
    """Hits, best first; `abstained` when none of them is likely enough to be the answer."""

    hits: list[Hit]
    abstained: bool
    degraded: list[str] = Field(description="Signals that were not available, each with the reason.")
