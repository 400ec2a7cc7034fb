"""The stores that a session may read, asked together."""

import sqlite3
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from commontrace.config import LOCAL
from commontrace.recognition import question
from commontrace.references import Reference
from commontrace.stores import (
    Found,
    Hit,
    Query,
    Store,
    StoreError,
    StoreNotFoundError,
    StoreUnavailableError,
    TagCount,
    Trace,
)
from commontrace_rules import screening

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

QUERY_LIMIT = 20_000
"""Characters of a query that a store accepts."""
HITS_MOST = 50
"""Hits that a store gives at most."""
SPARE = 5
"""Hits asked for beyond those wanted: some may fail the screening here."""
STARTING_SECONDS = 20
"""How long a call waits for the local store when it has to be started first."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Result:
    """What a search has found in all stores.

    Attributes:
        hits: best first, each with the store that it is from; what the screening refuses is not among them.
        confident: some store has an answer that it stands by; otherwise these are only the nearest traces.
        silent: the stores that gave no answer, and why.
        doubtful: ids of those that the screening has doubts about.
        withheld: how many were refused that would have been among them.
    """

    hits: Sequence[tuple[Reference, Hit]]
    confident: bool
    silent: Mapping[str, StoreError]
    doubtful: Collection[uuid.UUID] = ()
    withheld: int = 0


class Catalogue:
    """Reads traces from the local store and from those that the person lets be searched."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    def search(self, text: str, tags: Sequence[str], limit: int) -> Result:
        """Search everywhere at once; the text is redacted before anything is cut from it or sent.

        Raises:
            StoreError: no store could be asked.
        """
        query = self._query(text, tags, limit)
        answers, silent = self._ask(lambda store: store.search(query))
        return gathered(answers, silent, limit)

    def trace(self, reference: Reference) -> tuple[Reference, Trace]:
        """One trace, from the store that its reference names or from the first one that has it.

        Raises:
            StoreError: there is no such store or trace, or it cannot be reached.
        """
        if reference.store is not None:
            store = self._reach(reference.store)
            store.require("queries")
            return reference, store.trace(reference.id)
        problem: StoreError = StoreNotFoundError(f"no store has a trace {reference}: search for it")
        for name in self._candidates(reference):
            try:
                return Reference(name, reference.id), self._reach(name).trace(reference.id)
            except StoreNotFoundError:
                continue
            except StoreError as error:
                problem = error
        raise problem

    def tags(self) -> list[TagCount]:
        """The tags of all stores, most used first.

        Raises:
            StoreError: no store could be asked.
        """
        counts: dict[str, int] = {}
        for listed in self._ask(Store.tags)[0].values():
            for tag in listed:
                counts[tag.tag] = counts.get(tag.tag, 0) + tag.count
        ordered = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
        return [TagCount(tag=tag, count=count) for tag, count in ordered]

    def holder(self, reference: Reference) -> tuple[Reference, Store]:
        """The store that has a trace: named, remembered from when it was shown, or found by asking.

        Raises:
            StoreError: no store has it.
        """
        name = reference.store or self._remembered(reference) or self.trace(reference)[0].store
        found = Reference(name, reference.id)
        return found, self._reach(str(name))

    def _query(self, text: str, tags: Sequence[str], limit: int) -> Query:
        """An explicit search from where this process works; an error in the text also goes by signature."""
        asked = self._runtime.recall.query(question(text, QUERY_LIMIT), str(Path.cwd()))
        return explicit(asked, tags, limit)

    def _candidates(self, reference: Reference) -> list[str]:
        """The stores to ask in turn: where the trace was shown from, then this machine's, then the others."""
        remembered = self._remembered(reference)
        return sorted(self._readable(), key=lambda name: (name != remembered, name != LOCAL))

    def _readable(self) -> list[str]:
        return [name for name, store in self._runtime.stores.items() if store.permissions.queries]

    def _remembered(self, reference: Reference) -> str | None:
        try:
            return self._runtime.memory.store_of(str(reference.id))
        except sqlite3.Error as error:
            self._runtime.record("memory", error)
            return None

    def _reach(self, name: str) -> Store:
        """A store that answers: the local one is started if need be."""
        store = self._runtime.stores.get(name)
        if store is None:
            known = ", ".join(self._runtime.stores)
            raise StoreNotFoundError(f"no store is called {name!r}: there are {known}")
        if name == LOCAL and not self._runtime.connected:
            self._runtime.local.wait_ready(STARTING_SECONDS)
        return store

    def _ask(self, question: Callable[[Store], Answer]) -> tuple[dict[str, Answer], dict[str, StoreError]]:
        names = self._readable()
        answers: dict[str, Answer] = {}
        silent: dict[str, StoreError] = {}

        def one(name: str) -> Answer | StoreError:
            try:
                return question(self._reach(name))
            except StoreError as error:
                return error

        with ThreadPoolExecutor(len(names)) as pool:
            for name, answer in zip(names, pool.map(one, names), strict=True):
                if isinstance(answer, StoreError):
                    silent[name] = answer
                else:
                    answers[name] = answer
        if not answers:
            raise next(iter(silent.values()), StoreUnavailableError("no store may be searched"))
        return answers, silent


def explicit(asked: Query, tags: Sequence[str], limit: int) -> Query:
    """A question narrowed to these tags, for a few more hits than are wanted."""
    own = [tag.strip().lower() for tag in tags if tag.strip()]
    return asked.model_copy(update={"tags": own, "limit": min(limit + SPARE, HITS_MOST)})


def gathered(answers: Mapping[str, Found], silent: Mapping[str, StoreError], limit: int) -> Result:
    """What stores have answered to one search, by their names, as one result of `limit` traces at most."""
    hits = [(Reference(name, hit.id), hit) for name, found in answers.items() for hit in found.hits]
    hits.sort(key=lambda named: named[1].confidence, reverse=True)
    confident = any(_stands_by(found) for found in answers.values())
    kept, doubtful, withheld = _screened(hits, limit)
    return Result(kept, confident, silent, doubtful, withheld)


def _screened(
    hits: Iterable[tuple[Reference, Hit]], limit: int
) -> tuple[list[tuple[Reference, Hit]], set[uuid.UUID], int]:
    """The first `limit` that may be shown, the ids of the doubtful, and how many before were refused."""
    kept: list[tuple[Reference, Hit]] = []
    doubtful: set[uuid.UUID] = set()
    withheld = 0
    for reference, hit in hits:
        if len(kept) == limit:
            break
        verdict = screening.screen(hit.model_dump(mode="json")).verdict
        if verdict == "refused":
            withheld += 1
            continue
        kept.append((reference, hit))
        if verdict == "held":
            doubtful.add(hit.id)
    return kept, doubtful, withheld


def _stands_by(found: Found) -> bool:
    return bool(found.hits) and not found.abstained
