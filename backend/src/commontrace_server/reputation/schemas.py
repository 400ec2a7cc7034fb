"""What is told about the evidence for a trace."""

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field


class Tallies(BaseModel):
    """The weighted evidence for and against a trace; accounts of one root are one voice."""

    model_config = ConfigDict(from_attributes=True)

    wilson: float = Field(description="Share of good evidence that there is at least (95 %); 0 without any.")
    votes_up: float
    votes_down: float
    outcomes_worked: float
    outcomes_failed: float
    last_verified_at: datetime | None = Field(description="When it was last seen to work.")
