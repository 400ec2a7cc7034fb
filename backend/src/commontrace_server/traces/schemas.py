"""What callers send and get. Every text is bounded, and storable: no NUL, no lone surrogate."""

from datetime import UTC, datetime
from typing import Annotated, Final, Literal, Self
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from commontrace_server.moderation.lifecycle import Status
from commontrace_server.reputation.schemas import Tallies, Trust

MAX_SIGNATURES: Final = 16  # that a contributor declares; more are found in the text
MOST_LISTED: Final = 100  # traces on a page, and ids that one asks for

Kind = Literal["fix", "pattern", "dead_end"]
Origin = Literal["starter", "person"]


def _storable(text: str) -> str:
    if "\0" in text:
        raise ValueError("must not contain NUL characters")
    return text


def _one_line(text: str) -> str:
    if len(text.splitlines()) > 1:
        raise ValueError("must be one line")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("must not be blank")
    return text


def _written(value: object) -> object:
    """Moments are written out: numbers would be taken for seconds, or for milliseconds."""
    if isinstance(value, datetime) or (isinstance(value, str) and "-" in value):
        return value
    raise ValueError("must be a date and time with its zone, such as 2026-01-31T12:00:00Z")


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("must be within the years 1 to 9999, in UTC") from error


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


Storable = AfterValidator(_storable)
Moment = Annotated[AwareDatetime, BeforeValidator(_written), AfterValidator(_in_utc)]
Prose = Annotated[
    str, StringConstraints(min_length=1, max_length=20_000), Storable, AfterValidator(_not_blank)
]
Title = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200, strip_whitespace=True),
    Storable,
    AfterValidator(_one_line),
]
Name = Annotated[str, StringConstraints(min_length=1, max_length=100, strip_whitespace=True), Storable]
Tag = Annotated[
    str,
    StringConstraints(min_length=1, max_length=50, strip_whitespace=True, to_lower=True),
    Storable,
]
# One that is looked for: bounded, otherwise any.
SpaceSlug = Annotated[str, StringConstraints(min_length=1, max_length=100), Storable]
Signature = Annotated[str, StringConstraints(pattern=r"^[1-9]:[0-9a-f]{16}$")]
Names = Annotated[list[Name], Field(max_length=20), AfterValidator(_distinct)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Environment(_Strict):
    """Where the problem was seen; `packages` maps a name to a version or a range of versions."""

    languages: Names = []
    frameworks: Names = []
    packages: Annotated[dict[Name, Name], Field(max_length=100)] = {}
    os: Names = []


class Provenance(_Strict):
    """What wrote the trace, as far as the writer says."""

    agent_model: Name | None = None
    client_version: Name | None = None


class TraceDraft(_Strict):
    """A trace as it is contributed."""

    title: Title
    context_text: Prose
    solution_text: Prose
    tags: Annotated[list[Tag], Field(max_length=20), AfterValidator(_distinct)] = []
    kind: Kind = "fix"
    signatures: Annotated[list[Signature], Field(max_length=MAX_SIGNATURES), AfterValidator(_distinct)] = []
    environment: Environment = Environment()
    provenance: Provenance = Provenance()
    space: SpaceSlug | None = Field(default=None, description="Slug; by default the account's own space.")
    supersedes: UUID | None = Field(
        default=None,
        description="A trace of yours in the same space that this one replaces, as soon as it is published.",
    )
    valid_until: Moment | None = Field(default=None, description="When it expires, if that is known.")


class Amendment(_Strict):
    """What of a trace should read otherwise; what is left out stays as it is."""

    title: Title | None = None
    context_text: Prose | None = None
    solution_text: Prose | None = None
    tags: Annotated[list[Tag], Field(max_length=20), AfterValidator(_distinct)] | None = None
    environment: Environment | None = None

    @model_validator(mode="after")
    def _changing(self) -> Self:
        if not self.model_dump(exclude_none=True):
            raise ValueError("an amendment changes something: name a field")
        return self


class Trace(Tallies):
    """A trace as it is stored."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    space: str = Field(description="Slug of the space that it lives in.")
    author: UUID | None = Field(description="The account that contributed it; null for starter traces.")
    title: str
    context_text: str
    solution_text: str
    tags: list[str]
    kind: Kind
    status: Status
    origin: Origin
    signatures: list[str]
    environment: Environment
    created_at: datetime
    updated_at: datetime
    provenance: dict[str, str]
    content_hash: str
    embedded: bool = Field(description="Whether vector search knows the trace yet.")
    supersedes: UUID | None = Field(description="The trace that it replaces, or is meant to.")
    superseded_by: UUID | None = Field(description="The trace that has replaced it.")
    valid_until: datetime | None
    held_for: list[str] = Field(description="What screening found: a moderator should look at it.")
    trust: Trust
    automatic: bool = Field(description="Trusted enough to be shown without being asked for.")


class Related(BaseModel):
    """Another trace, as far as it matters to this one."""

    id: UUID
    title: str
    status: Status
    kind: Kind
    similarity: float = Field(description="Share of their phrases that both have, 0 to 1.")


class WholeTrace(Trace):
    """A trace and its surroundings."""

    similar: list[Related] = Field(description="Traces that say nearly the same, the nearest first.")
    contradictions: list[Related] = Field(
        description="Traces about the same error, one a dead end and the other a fix: not both are right."
    )


class TraceQuery(_Strict):
    """Which traces to list."""

    cursor: Annotated[str | None, Field(max_length=100)] = None
    limit: Annotated[int, Field(ge=1, le=MOST_LISTED)] = 20
    space: SpaceSlug | None = Field(default=None, description="Slug of the only space to look in.")
    tag: Tag | None = Field(default=None, description="Carried by every trace.")
    id: Annotated[list[UUID], Field(max_length=MOST_LISTED)] = Field(
        default=[],
        description="Only these traces; those that the account cannot see are left out.",
    )


class TraceList(BaseModel):
    """Traces, newest first."""

    items: list[Trace]


class TracePage(BaseModel):
    """A page of traces, newest first; `next_cursor` is null on the last."""

    items: list[Trace]
    next_cursor: str | None


IdempotencyKey = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,200}$")]
