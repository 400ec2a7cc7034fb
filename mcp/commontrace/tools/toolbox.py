"""What each tool does; every answer is a text for the model."""

import json
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from commontrace import drafts, duplicates, preparation, publishing, recall, references, repository
from commontrace.catalogue import Catalogue, Result
from commontrace.config import LOCAL
from commontrace.drafts import DraftRecord
from commontrace.memory import Shown, repos
from commontrace.stores import StoreRefusedError
from commontrace.tools import text

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

Reason = Literal["outdated", "wrong", "harmful", "spam"]


class Toolbox:
    """The tools of one session.

    Args:
        runtime: leads to stores and memory.
        session: Claude Code's id of the session.

    Raises:
        StoreError: the store cannot do it or refuses it, and why.
        DraftInvalidError: a trace cannot be drafted as it is.
        ReferenceInvalidError: an id is none.
        TraceWithheldError: a trace fails the screening.
    """

    def __init__(self, runtime: "Runtime", session: str) -> None:
        self.runtime = runtime
        self.session = session
        self._catalogue = Catalogue(runtime)

    def query(self, query: str, tags: Sequence[str], limit: int) -> str:
        """The best traces for an error or a question."""
        if not query.strip():
            raise StoreRefusedError(text.QUERY_EMPTY)
        found = self._catalogue.search(query, tags, limit)
        self._remember(found)
        return text.results(found)

    def read(self, identifier: str) -> str:
        """One trace in full."""
        return text.whole(*self._catalogue.trace(references.parse(identifier)))

    def tags(self) -> str:
        """The tags in use."""
        return text.tags(self._catalogue.tags())

    def draft(self, trace: dict[str, Any], store: str) -> DraftRecord:
        """Keep a trace as a draft on this machine; nothing is sent."""
        config = self.runtime.config
        name = store or config.default_store
        draft = drafts.read(json.dumps(trace), "the trace")
        record = drafts.create(self.runtime.memory, self.session, draft, name, config.space(name))
        repos.drafted(self.runtime.memory, repository.root(Path.cwd()), record.id)
        return duplicates.mark(self.runtime, record)

    def vote(self, identifier: str, vote: Literal["up", "down"], reason: Reason | None) -> str:
        """The model's vote, where the person lets it vote."""
        if vote == "down" and reason is None:
            raise StoreRefusedError("a vote down needs a reason: outdated, wrong, harmful or spam")
        reference, store = self._catalogue.holder(references.parse(identifier))
        store.require("votes")
        if self.runtime.outbox.persons_vote(store.name, str(reference.id)):
            raise StoreRefusedError("the person has voted on this trace; their vote stands")
        body: dict[str, Any] = {"trace": str(reference.id), "value": 1 if vote == "up" else -1, "by": "agent"}
        if vote == "down":
            body["reason"] = reason
        row = self.runtime.outbox.put("vote", store.name, body)
        receipt = self.runtime.outbox.flush(row, publishing.TURN_SECONDS)
        if receipt.state == "refused":
            refused = f"the store {store.name!r} did not take the vote"
            raise StoreRefusedError(text.told(store.name, refused, receipt.error or ""))
        return (
            f"Voted {vote} on {reference}."
            if receipt.state == "sent"
            else f"The vote on {reference} is kept and will be sent."
        )

    def _remember(self, found: Result) -> None:
        """Note what the model has seen, so that no hook offers the same again."""
        if not found.confident:
            return
        try:
            for reference, hit in found.hits:
                store, digest = reference.store or LOCAL, recall.content(hit)
                shown = Shown(self.session, "", str(hit.id), None, hit.confidence, 0, store, digest)
                self.runtime.memory.claim([shown])
                repos.checked(self.runtime.memory, [preparation.known(store, hit)], [])
        except sqlite3.Error as error:
            self.runtime.record("memory", error)
