"""What is observed of a trace that was shown."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StringConstraints

from commontrace_server.reputation.schemas import Tallies
from commontrace_server.traces.schemas import Name, Signature, Storable

Session = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True), Storable]


class Observation(BaseModel):
    """Whether a trace worked in one session; a later observation of the session replaces the earlier."""

    model_config = ConfigDict(extra="forbid")

    session: Session
    worked: StrictBool
    signature: Signature | None = Field(None, description="Of the error that it was shown for.")
    packages: Annotated[dict[Name, Name], Field(max_length=100)] = Field(
        {}, description="Versions in use, by name."
    )


class Outcome(BaseModel):
    """An outcome as it is stored, and what all evidence adds up to with it."""

    trace_id: UUID
    session: str
    worked: bool
    signature: str | None
    packages: dict[str, str]
    counted: bool = Field(description="False for a trace of one's own in a shared space.")
    tallies: Tallies
