"""The stores that a session may read, asked together."""

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from commontrace.config import LOCAL
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
from commontrace_rules.errors import error_lines
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signature

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

QUERY_LIMIT = 20_000
"""Characters of a query that a store accepts."""
STARTING_SECONDS = 20
"""How long a call waits for the local store when it has to be started first."""

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class Result:
    """What a search has found in all stores.

    Attributes:
        hits: best first, each with the store that it is from.
        confident: some store has an answer that it stands by; otherwise these are only the nearest traces.
        silent: the stores that gave no answer, and why.
    """

    hits: Sequence[tuple[Reference, Hit]]
    confident: bool
    silent: Mapping[str, StoreError]


class Catalogue:
    """Reads traces from the local store and from those that the person lets be searched."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime

    def search(self, text: str, tags: Sequence[str], limit: int) -> Result:
        """Search everywhere at once; the text is redacted before anything is cut from it or sent.

        Raises:
            StoreError: no store could be asked.
        """
        query = _query(redact(text).text, tags, limit)
        answers, silent = self._ask(lambda store: store.search(query))
        hits = [(Reference(name, hit.id), hit) for name, found in answers.items() for hit in found.hits]
        hits.sort(key=lambda named: named[1].confidence, reverse=True)
        confident = any(_stands_by(found) for found in answers.values())
        return Result(hits[:limit], confident, silent)

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


def _query(text: str, tags: Sequence[str], limit: int) -> Query:
    """An explicit search; text that carries an error is also matched by its signature."""
    lines = error_lines(text, limit=1)
    mark = signature(lines[0].text) if lines else None
    own = [tag.strip().lower() for tag in tags if tag.strip()]
    return Query(query=text[:QUERY_LIMIT], kind="question", signature=mark, tags=own, limit=limit)


def _stands_by(found: Found) -> bool:
    return bool(found.hits) and not found.abstained
