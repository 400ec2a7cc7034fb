"""What is said to moderators, and by them."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from commontrace_server.moderation.lifecycle import Status
from commontrace_server.traces.schemas import SpaceSlug, Storable, Trace

Note = Annotated[str, StringConstraints(min_length=1, max_length=2000, strip_whitespace=True), Storable]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Complaint(_Strict):
    """Why moderators should look at a trace."""

    reason: Note


class Report(BaseModel):
    """A report that nobody has answered yet."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    trace_id: UUID
    account_id: UUID
    reason: str
    created_at: datetime


class Decision(_Strict):
    """What a moderator decides about a trace.

    `publish` lets it stand, or be found again, clears what held it back and answers its reports; `quarantine`
    takes it out of sight of all but its author and the moderators.
    """

    decision: Literal["publish", "quarantine"]
    note: Note | None = None


class Reasoned(_Strict):
    """Why something is undone."""

    note: Note | None = None


class State(BaseModel):
    """What an entry of the audit log tells of a trace."""

    status: Status
    held_for: list[str]
    superseded_by: UUID | None


class Entry(BaseModel):
    """An entry of the audit log."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    space: str
    trace_id: UUID
    actor: UUID | None = Field(description="Null: the store, by a rule.")
    act: str
    note: str | None
    before: State
    after: State
    undoes: UUID | None = Field(description="The entry that this one has undone.")
    created_at: datetime


class EntryPage(BaseModel):
    """A page of the audit log, newest first; `next_cursor` is null on the last."""

    items: list[Entry]
    next_cursor: str | None


class Waiting(BaseModel):
    """A trace that waits for a decision, and the reports about it."""

    trace: Trace
    reports: list[Report]


class Queue(BaseModel):
    """A page of what waits, newest first; `next_cursor` is null on the last."""

    items: list[Waiting]
    next_cursor: str | None


class _Page(_Strict):
    cursor: Annotated[str | None, Field(max_length=100)] = None
    limit: Annotated[int, Field(ge=1, le=100)] = 20
    space: SpaceSlug | None = Field(default=None, description="One space instead of all that you moderate.")


class QueueQuery(_Page):
    """Which part of the queue."""


class AuditQuery(_Page):
    """Which part of the audit log."""

    trace_id: UUID | None = Field(default=None, description="Only what was done to this trace.")
