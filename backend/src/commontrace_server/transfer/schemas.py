"""A trace as a line of an export, and what became of a line of an import."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from commontrace_server.moderation.lifecycle import Status
from commontrace_server.traces.schemas import (
    Environment,
    Kind,
    Moment,
    Name,
    Origin,
    Prose,
    Signature,
    Storable,
    Tag,
    Title,
)


def _distinct(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


_Count = Annotated[float, Field(ge=0, le=1e12, allow_inf_nan=False)]
_Value = Annotated[str, StringConstraints(max_length=200), Storable]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", from_attributes=True)


class CarriedTallies(_Strict):
    """The evidence that a trace had where it was exported, all stores that it went through together."""

    votes_up: _Count = 0.0
    votes_down: _Count = 0.0
    outcomes_worked: _Count = 0.0
    outcomes_failed: _Count = 0.0

    def plus(self, other: "CarriedTallies") -> Self:
        """Return the sums."""
        return self.model_copy(
            update={name: value + getattr(other, name) for name, value in self.model_dump().items()}
        )


class Line(_Strict):
    """A trace as an export writes it. An import needs the three texts only."""

    id: UUID | None = None
    title: Title
    context_text: Prose
    solution_text: Prose
    tags: Annotated[list[Tag], Field(max_length=20), AfterValidator(_distinct)] = []
    kind: Kind = "fix"
    status: Status = "published"
    origin: Origin = "person"
    signatures: Annotated[list[Signature], Field(max_length=32), AfterValidator(_distinct)] = []
    environment: Environment = Environment()
    created_at: Moment | None = None
    updated_at: Moment | None = None
    last_verified_at: Moment | None = None
    valid_until: Moment | None = None
    author: Annotated[UUID | None, Field(description="Account in the store that it was written in.")] = None
    supersedes: UUID | None = None
    superseded_by: UUID | None = None
    held_for: Annotated[list[Name], Field(max_length=50), AfterValidator(_distinct)] = []
    provenance: Annotated[dict[Name, _Value], Field(max_length=32)] = {}
    content_hash: Annotated[
        str, Field(description="For whoever reads an export; an import derives it anew.")
    ] = ""
    tallies: CarriedTallies = CarriedTallies()


class RefusedLine(BaseModel):
    """A line that was not taken."""

    line: int = Field(description="Its number in the request, from 1.")
    detail: str = Field(description="Why.")


class ImportStatus(BaseModel):
    """How far an import is that was accepted as a job."""

    id: UUID
    space: str
    status: Annotated[
        Literal["queued", "running", "done", "failed"],
        Field(description="failed: given up after several attempts; the store's operator can try it again."),
    ]
    lines: int = Field(description="That are not blank.")
    done: int = Field(description="Lines so far: created, existing and refused together.")
    created: int
    existing: int
    refused: int
    refusals: list[RefusedLine] = Field(description="The first 100 after the line that was asked for.")
    created_at: datetime
    finished_at: datetime | None


class Imported(BaseModel):
    """What became of a line; the counts are of all lines so far, so that the last one has the totals."""

    line: int = Field(description="Its number in the request, from 1.")
    status: Literal["created", "existing", "refused"]
    detail: str | None = Field(None, description="Why it was refused.")
    id: UUID | None = Field(None, description="Of the trace in this store.")
    created: int
    existing: int
    refused: int
