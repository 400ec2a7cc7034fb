"""What a vote says, and what is answered to it."""

from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from commontrace_server.reputation.schemas import Tallies

Reason = Literal["outdated", "wrong", "harmful", "spam"]
By = Literal["person", "agent"]


def _number(value: object) -> object:
    if isinstance(value, bool):  # equal to 1, for Python
        raise ValueError("must be 1 or -1")  # noqa: TRY004 - pydantic reports ValueErrors
    return value


Value = Annotated[
    Literal[1, -1], BeforeValidator(_number), Field(description="For the trace, or against it.")
]


class Ballot(BaseModel):
    """An account's vote on a trace, in place of its earlier one; a vote against needs a reason."""

    model_config = ConfigDict(extra="forbid")

    value: Value
    reason: Reason | None = Field(None, description="Why not; required with -1 and only there.")
    by: By = Field("person", description="Who judged: the person, or their agent.")

    @model_validator(mode="after")
    def _reasoned(self) -> Self:
        if (self.value == -1) != (self.reason is not None):
            raise ValueError(
                "a vote against needs a reason: outdated, wrong, harmful or spam"
                if self.value == -1
                else "a vote for a trace takes no reason: leave it out"
            )
        return self


class Vote(BaseModel):
    """An account's vote as it is stored, and what all evidence adds up to with it."""

    model_config = ConfigDict(from_attributes=True)

    trace_id: UUID
    value: Value
    reason: Reason | None
    by: By
    created_at: datetime
    updated_at: datetime
    counted: bool = Field(description="False for a trace of one's own: the vote is a mark for oneself.")
    tallies: Tallies
