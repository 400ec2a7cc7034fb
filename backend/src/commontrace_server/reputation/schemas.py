"""What is told about the evidence for a trace, and for those who write them."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field


class Tallies(BaseModel):
    """The weighted evidence for and against a trace.

    Accounts of one root are one voice. A root is known where an owner made one of its accounts a member, or
    everywhere when it is trusted or has earned it; all others together weigh one vote at most. The bound
    counts an outcome twice.
    """

    model_config = ConfigDict(from_attributes=True)

    wilson: float = Field(description="Share of good evidence that there is at least (95 %); 0 without any.")
    votes_up: float
    votes_down: float
    outcomes_worked: float
    outcomes_failed: float
    last_verified_at: datetime | None = Field(description="When it was last seen to work.")


class Trust(Tallies):
    """What speaks for a trace, whatever was asked."""

    status: str
    origin: str
    space: str = Field(description="Slug of the space that it lives in.")


class Standing(BaseModel):
    """Weighted evidence about what somebody wrote, in votes; a root is one voice however often it speaks."""

    wilson: float = Field(default=0.0, description="Share of good evidence that there is at least (95 %).")
    positive: float = 0.0
    negative: float = 0.0
    roots: int = Field(default=0, description="Known roots that have spoken.")


class TagStanding(Standing):
    """The same about what carries one tag."""

    tag: str


class Contributor(Standing):
    """An account, as far as its traces speak for it where the reader can see them."""

    id: UUID
    name: str
    created_at: datetime
    traces: int = Field(description="Traces of theirs that you can see.")
    tags: list[TagStanding] = Field(description="The best first.")
