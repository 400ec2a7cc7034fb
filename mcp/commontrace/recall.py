"""From a failure or a prompt to the traces that are put in front of an agent: search, choose, remember."""

import hashlib
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from commontrace import render
from commontrace.absence import Absence
from commontrace.config import LOCAL, ConfigInvalidError
from commontrace.egress import Permission
from commontrace.inquiry import Inquiry
from commontrace.memory import Shown, failures
from commontrace.stores import (
    Breaker,
    Context,
    Found,
    Hit,
    Query,
    Store,
    StoreRefusedError,
    StoreRestingError,
)
from commontrace_rules import screening

if TYPE_CHECKING:
    from commontrace.memory.failures import Solved
    from commontrace.recognition import Failure, Question
    from commontrace.runtime import Runtime

MOST = 2
"""Traces per injection."""
CANDIDATES = 10
"""More than are shown: what fails the screening must not crowd out the rest."""
SESSION_BUDGET = 6000
"""Characters that one session is given at most."""
STARTING_SECONDS = 20
"""How long a search waits for a store that is starting; no hook waits that long for the search."""
LOCAL_MOST = 8
"""Searches of the local store at once; with more of them it is in trouble, and is not asked."""
CONNECTED_MOST = 2
"""The same for each connected store."""

PERMISSIONS: Final[Mapping[str, Permission]] = {"error": "queries", "question": "prompts"}
"""What a connected store must have been allowed to be asked by a hook."""

Answers = Sequence[tuple[str, Found]]


@dataclass(frozen=True)
class Chosen:
    """A trace that may be shown, and the store that it is from."""

    store: str
    hit: Hit


@dataclass(frozen=True)
class Injection:
    """What the model is given, the line that the person sees of it, and the traces that it holds."""

    text: str
    notice: str
    traces: tuple[Chosen, ...] = ()

    def hook_json(self, event: str) -> dict[str, Any]:
        """The answer to a hook event of Claude Code."""
        added = {"hookEventName": event, "additionalContext": self.text}
        return {"hookSpecificOutput": added, "systemMessage": self.notice}


class Recall:
    """Asks the stores and remembers what was shown. Safe to share between threads."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._injecting = threading.Lock()  # what is left of a session's budget is read, then spent
        self._slots: dict[str, threading.BoundedSemaphore] = {}
        self._breakers: dict[str, Breaker] = {}
        self._absence = Absence(runtime)

    def ask(
        self,
        asked: "Failure | Question",
        cwd: str,
        edited: Sequence[str] = (),
        limit: int = CANDIDATES,
    ) -> Inquiry | None:
        """Ask all stores that may be asked, in threads; None where there is none.

        For a store that cannot be asked now, what it offered for the same error before is its answer.

        Args:
            asked: what has failed, or a prompt, which goes to fewer stores.
            cwd: where; languages and versions there are part of the question.
            edited: paths of the files that were edited last, the latest first; so are their imports.
            limit: hits per store at most.
        """
        permission = PERMISSIONS[asked.kind]
        stores = self._permitted(permission)
        inquiry = Inquiry(asked.signature, stores)
        free = {name: store for name, store in stores.items() if self._slot(name)}
        for name in stores.keys() - free.keys():
            inquiry.finish(name, self._absence.found(name, asked.signature))
        if not free:
            return inquiry if inquiry.has_answer else None
        query = partial(self.query, asked, cwd, edited, limit)
        asking = (inquiry, free, query, permission)
        threading.Thread(target=self._ask, args=asking, name="search", daemon=True).start()
        return inquiry

    def inject(
        self,
        session: str,
        agent: str,
        asked: "Failure | Question",
        answers: Answers,
        before: "Solved | None" = None,
    ) -> Injection | None:
        """The injection for one agent, recorded as shown; None where there is nothing to show to it.

        Args:
            session: whose context it enters.
            agent: empty for the session's own.
            asked: what has failed, or a prompt.
            answers: what stores have found.
            before: how the same error was solved in this repository.

        Raises:
            sqlite3.Error: the memory cannot be used; then nothing is shown, because it could come twice.
        """
        with self._injecting:
            return self._inject(session, agent, asked, answers, before)

    def _inject(
        self,
        session: str,
        agent: str,
        asked: "Failure | Question",
        answers: Answers,
        before: "Solved | None",
    ) -> Injection | None:
        memory = self._runtime.memory
        left = SESSION_BUDGET - memory.characters(session)
        chosen = choose(answers, memory.shown_to(session, agent))
        room = render.REMINDER_SHORT if chosen else render.REMINDER_LIMIT
        reminder = render.solved_before(before, room) if before else ""
        alone = render.frame(asked.line, reminder)
        spent = len(reminder if chosen else alone)
        if reminder and (
            len(alone) > left or not failures.claim_recall(memory, session, asked.signature or "", spent)
        ):
            reminder = ""
        names = {str(item.hit.id): item.store for item in chosen if item.store != LOCAL}
        text, shown = render.injection(asked.line, [item.hit for item in chosen], reminder, names)
        traces = tuple(item for item in chosen if item.hit in shown)
        if traces and (
            len(text) > left or not memory.claim(_records(session, agent, asked.signature, traces, text))
        ):
            traces, text = (), render.frame(asked.line, reminder)
        if not traces and not reminder:
            return None
        notice = render.notice([item.hit for item in traces]) if traces else render.reminded(before)
        return Injection(text, notice, traces)

    def prepare(self) -> None:
        """Do now what the first failure would have to wait for."""
        assert self._runtime.memory
        screening.screen({"title": "any text"})

    def query(
        self,
        asked: "Failure | Question",
        cwd: str,
        edited: Sequence[str] = (),
        limit: int = CANDIDATES,
    ) -> Query:
        """The question as stores are asked it."""
        return Query(
            query=asked.query,
            kind=asked.kind,
            signature=asked.signature,
            context=self._context(asked.query, cwd, edited),
            limit=limit,
        )

    def _context(self, query: str, cwd: str, edited: Sequence[str]) -> Context | None:
        if not cwd:
            return None
        try:
            from commontrace import context

            return context.gather(cwd, edited, query)
        except Exception as error:  # noqa: BLE001  a search without context finds almost as much; written down
            self._runtime.record("context", error)
            return None

    def _permitted(self, permission: Permission) -> Mapping[str, Store]:
        local = {LOCAL: self._runtime.local.store}
        try:
            stores = self._runtime.stores
        except ConfigInvalidError as error:
            self._runtime.record("config", error)
            return local
        return local | {
            name: store for name, store in stores.items() if getattr(store.permissions, permission)
        }

    def _slot(self, name: str) -> bool:
        """Whether this store may be asked one more thing now; then that is counted until it has answered."""
        with self._lock:
            most = LOCAL_MOST if name == LOCAL else CONNECTED_MOST
            slot = self._slots.setdefault(name, threading.BoundedSemaphore(most))
        return slot.acquire(blocking=False)

    def _ask(
        self,
        inquiry: Inquiry,
        stores: Mapping[str, Store],
        question: Callable[[], Query],
        permission: Permission,
    ) -> None:
        query = question()
        for name in stores:
            if name != LOCAL:
                search = partial(self._breaker(name).call, partial(stores[name].search, query, permission))
                asked = (inquiry, name, search)
                threading.Thread(target=self._run, args=asked, name=f"search {name}", daemon=True).start()
        if LOCAL in stores:
            self._run(inquiry, LOCAL, lambda: self._search_local(query))

    def _search_local(self, query: Query) -> Found:
        self._runtime.local.wait_connected(STARTING_SECONDS)
        return self._runtime.local.store.search(query)

    def _breaker(self, name: str) -> Breaker:
        with self._lock:
            if name not in self._breakers:
                self._breakers[name] = Breaker(told=partial(self._absence.rests, name))
            return self._breakers[name]

    def _run(self, inquiry: Inquiry, name: str, search: Callable[[], Found]) -> None:
        found: Found | None = None
        fresh = False
        try:
            found, fresh = search(), True
        except Exception as error:  # noqa: BLE001  a thread's edge: the store's errors, and ours; written down
            if not isinstance(error, StoreRestingError):
                self._runtime.record("search", error)
            if not isinstance(error, StoreRefusedError):
                found = self._absence.found(name, inquiry.signature)
        finally:
            self._slots[name].release()
            inquiry.finish(name, found)
        if found is not None and fresh:
            self._absence.keep(name, inquiry.signature, found)


def choose(answers: Answers, already: Collection[str]) -> list[Chosen]:
    """The traces that may be shown without being asked for, best first.

    What an agent has had it does not get again, under whatever id and from whatever store, and a trace that
    fails the screening here is left out whatever its store says of it.

    Args:
        answers: what each store has found; between equals the earlier one is taken.
        already: ids and `content` digests of what the agent has had.
    """
    found = [Chosen(name, hit) for name, answer in answers if not answer.abstained for hit in answer.hits]
    found.sort(key=lambda item: (-item.hit.confidence, item.store != LOCAL))
    seen = set(already)
    chosen: list[Chosen] = []
    for item in found:
        names = {str(item.hit.id), content(item.hit)}
        if not item.hit.automatic or names & seen:
            continue
        if screening.screen(item.hit.model_dump(mode="json")).verdict == "clean":
            chosen.append(item)
            seen |= names
        if len(chosen) == MOST:
            break
    return chosen


def content(hit: Hit) -> str:
    """The same for the same trace in any store, whatever its spacing and case."""
    said = " ".join(f"{hit.title}\n{hit.solution_text}".casefold().split())
    return "content:" + hashlib.blake2b(said.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _records(
    session: str, agent: str, signature: str | None, traces: Sequence[Chosen], text: str
) -> list[Shown]:
    share = -(-len(text) // len(traces))
    return [
        Shown(
            session,
            agent,
            str(item.hit.id),
            signature,
            item.hit.confidence,
            share,
            item.store,
            content(item.hit),
        )
        for item in traces
    ]
