"""What each tool does over HTTP: the plugin's tools without a machine behind them, on the caller's store."""

import json
from collections.abc import Sequence
from typing import Any, Literal

from commontrace import catalogue, drafts, recognition, references, render
from commontrace.config import LOCAL
from commontrace.gateway.access import NAME, Callers
from commontrace.references import Reference
from commontrace.stores import Contribution, Query, StoreRefusedError
from commontrace.tools import text

Reason = Literal["outdated", "wrong", "harmful", "spam"]


class RemoteToolbox:
    """The tools of whoever calls.

    Args:
        callers: lead to the store with the caller's own credential.

    Raises:
        StoreError: the store cannot do it or refuses it, and why.
        DraftInvalidError: a trace cannot be contributed as it is.
        ReferenceInvalidError: an id is none.
        TraceWithheldError: a trace fails the screening.
    """

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def query(self, query: str, tags: Sequence[str], limit: int) -> str:
        """The best traces for an error or a question; it is redacted before anything is cut or asked."""
        if not query.strip():
            raise StoreRefusedError(text.QUERY_EMPTY)
        question = recognition.question(query, catalogue.QUERY_LIMIT)
        asked = Query(query=question.query, kind=question.kind, signature=question.signature)
        found = self._callers.calling().search(catalogue.explicit(asked, tags, limit))
        return text.results(catalogue.gathered({LOCAL: found}, {}, limit), NAME)

    def read(self, identifier: str) -> str:
        """One trace in full."""
        reference = references.parse(identifier)
        return text.whole(Reference(None, reference.id), self._callers.calling().trace(reference.id))

    def tags(self) -> str:
        """The tags in use."""
        return text.tags(self._callers.calling().tags())

    def vote(self, identifier: str, vote: Literal["up", "down"], reason: Reason | None) -> str:
        """The model's vote, marked as one."""
        if vote == "down" and reason is None:
            raise StoreRefusedError("a vote down needs a reason: outdated, wrong, harmful or spam")
        identity = references.parse(identifier).id
        because = reason if vote == "down" else None
        self._callers.calling().vote(identity, 1 if vote == "up" else -1, because, "agent")
        return f"Voted {vote} on {identity}."

    def contribute(self, trace: dict[str, Any], space: str) -> str:
        """Give a trace to the store, redacted; what becomes of it is up to the rules of the space."""
        prepared = drafts.prepare(drafts.read(json.dumps(trace), "the trace"))
        body = prepared.draft.fields() | ({"space": space} if space else {})
        return _contributed(self._callers.calling().contribute(body, prepared.draft.key()))


def _contributed(made: Contribution) -> str:
    lines = [f"The store has it as trace {made.id}, {render.word(made.status)}."]
    if made.held_for:
        lines.append(f"A moderator looks at it first: {', '.join(made.held_for)}.")
    elif made.status == "pending":
        lines.append("It is shown unasked when others have confirmed it.")
    lines += [f"Trace {other.id} says nearly the same: vote for the better one." for other in made.similar]
    return "\n".join(lines)
