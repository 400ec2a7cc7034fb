"""Who is told what of a repository's traces, and when: at the first prompt, and after a compaction.

A person waits for the first prompt's answer, so what it needs is light; what talks to stores is loaded by the
threads that prepare briefs.
"""

import json
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from commontrace import brief_file, repository
from commontrace.prompts import NOT_THE_PERSON

if TYPE_CHECKING:
    from commontrace.memory.repos import Known
    from commontrace.recall import Injection
    from commontrace.runtime import Runtime

LATE_SECONDS = 600
"""What came too late for the first prompt is worth saying for this long."""
SESSIONS_MOST = 256
QUIET_SECONDS = 0.5
"""A brief that nobody waits for leaves the machine to the hooks, and waits for what else is shown by then."""


class Preparation:
    """One preparation of a repository's brief, beside the hook that wants it.

    Attributes:
        known: the traces, once it is done.
        wanted: set where somebody waits for it.
    """

    def __init__(self, repo: str) -> None:
        self.repo = repo
        self.started = time.monotonic()
        self.known: list[Known] = []
        self.wanted = threading.Event()
        self._done = threading.Event()

    def finish(self, known: "list[Known]") -> None:
        """Hand over the traces."""
        self.known = known
        self._done.set()

    def wait(self, seconds: float) -> bool:
        """Whether it is done, within `seconds`."""
        return self._done.wait(max(0.0, seconds))


class Briefing:
    """Tells sessions of their repository, and prepares what its next session is told when it starts."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._began = time.time()
        self._briefs = str(runtime.folders.briefs)
        self._lock = threading.Lock()
        self._turn = threading.Lock()
        self._met: OrderedDict[str, None] = OrderedDict()
        self._late: dict[str, Preparation] = {}
        self._running: set[Preparation] = set()
        self._waiting: dict[str, Preparation] = {}

    def at_prompt(self, session: str, cwd: str, prompt: str, until: float) -> dict[str, Any] | None:
        """Hook JSON for a session's first prompt, if its start could not say it.

        Args:
            session: Claude Code's id of the session.
            cwd: the session's folder.
            prompt: what was submitted, by whomever.
            until: when an answer is due (`time.monotonic`).
        """
        if not session or not cwd or prompt.lstrip().startswith(NOT_THE_PERSON):
            return None
        first_here = not self._met
        if not self._meet(session):
            return None
        from commontrace.memory import repos

        repo = repository.root(cwd)
        if not repos.is_new(self._runtime.memory, session) or self._was_told(repo, session, first_here):
            self._prepare(repo)
            return None
        return self._greet(session, repo, until)

    def late(self, event: str, session: str) -> dict[str, Any] | None:
        """Hook JSON for what the first prompt could not wait for, once it is there."""
        prepared = self._late.get(session)
        if prepared is None or not prepared.wait(0) or self._late.pop(session, None) is None:
            return None
        if time.monotonic() - prepared.started > LATE_SECONDS:
            return None
        return self._tell(event, session, prepared.repo, prepared.known)

    def after_compaction(self, session: str) -> dict[str, Any] | None:
        """Hook JSON that names again what the session had been given before its context was summed up."""
        from commontrace import brief
        from commontrace.memory import repos

        memory = self._runtime.memory
        had = brief.safe(repos.had(memory, session, brief.MOST))
        if not had:
            return None
        said, named = brief.text(brief.REMINDER, had)
        if not self._affords(session, said):
            return None
        repos.spend(memory, session, named, len(said))
        return brief.hook_json("SessionStart", said, brief.REMINDED, named)

    def shown(self, cwd: str, injection: "Injection") -> None:
        """Remember that traces were of use where this session works; they are in its next brief."""
        if not cwd:
            return
        import sqlite3

        from commontrace import preparation
        from commontrace.memory import repos

        repo = repository.root(cwd)
        try:
            traces = [preparation.known(item.store, item.hit) for item in injection.traces]
            repos.note(self._runtime.memory, repo, traces, "shown")
        except sqlite3.Error as error:
            self._runtime.record("brief", error)  # the injection itself stands
            return
        self._prepare(repo)

    def settle(self, seconds: float) -> None:
        """Wait for preparations that are under way."""
        until = time.monotonic() + seconds
        for prepared in tuple(self._running):
            prepared.wanted.set()
            prepared.wait(until - time.monotonic())

    def _greet(self, session: str, repo: str, until: float) -> dict[str, Any] | None:
        """What memory knows, else what the stores say in time; without anything to ask, nothing waits."""
        from commontrace import brief, context
        from commontrace.memory import repos

        known = repos.best(self._runtime.memory, repo, brief.CANDIDATES)
        if recent := brief.fresh(known):
            return self._tell("UserPromptSubmit", session, repo, recent)
        if not known and not context.read(repo).is_telling:
            return None
        prepared = self._prepare(repo)
        prepared.wanted.set()
        if prepared.wait(until - time.monotonic()):
            return self._tell("UserPromptSubmit", session, repo, prepared.known)
        self._late[session] = prepared
        return None

    def _meet(self, session: str) -> bool:
        """Whether this is the first prompt of a session in this process."""
        with self._lock:
            if session in self._met:
                return False
            self._met[session] = None
            if len(self._met) > SESSIONS_MOST:
                self._met.popitem(last=False)
            return True

    def _was_told(self, repo: str, session: str, first_here: bool) -> bool:
        """Whether the session was told when it started; then that is recorded.

        A brief that was written since this process began came too late for the session that began with it.
        """
        found = brief_file.read(self._briefs, repo, time.time())
        if found is None or session in found.sessions or (first_here and found.written_at > self._began):
            return False
        from commontrace.memory import repos

        named = [reference.rpartition("/") for reference in found.traces]
        traces = [repos.Known(store, trace, "", "") for store, _, trace in named]
        said = json.loads(found.answer)["hookSpecificOutput"]["additionalContext"]
        return repos.tell(self._runtime.memory, session, traces, len(said))

    def _tell(self, event: str, session: str, repo: str, traces: "Sequence[Known]") -> dict[str, Any] | None:
        from commontrace import brief
        from commontrace.memory import repos

        traces = brief.safe(traces)
        if not traces:
            return None
        said, named = brief.text(brief.OPENING, traces)
        if not self._affords(session, said):
            return None
        if not repos.tell(self._runtime.memory, session, named, len(said)):
            return None
        self._prepare(repo)
        return brief.hook_json(event, said, brief.TOLD, named)

    def _affords(self, session: str, text: str) -> bool:
        from commontrace.recall import SESSION_BUDGET

        return self._runtime.memory.characters(session) + len(text) <= SESSION_BUDGET

    def _prepare(self, repo: str) -> Preparation:
        """Prepare a brief in a thread; one that waits for its turn will do for all that want it."""
        with self._lock:
            if repo in self._waiting:
                return self._waiting[repo]
            prepared = self._waiting[repo] = Preparation(repo)
            self._running.add(prepared)
        threading.Thread(target=self._run, args=(prepared,), name="brief", daemon=True).start()
        return prepared

    def _run(self, prepared: Preparation) -> None:
        from commontrace import preparation

        known: list[Known] = []
        try:
            prepared.wanted.wait(QUIET_SECONDS)
            with self._turn:
                self._begin(prepared)
                known = preparation.prepare(self._runtime, prepared.repo, self._briefs)
        except Exception as error:  # noqa: BLE001  a thread's edge: files, memory, stores; written down
            self._runtime.record("brief", error)
        finally:
            self._begin(prepared)
            prepared.finish(known)
            self._running.discard(prepared)

    def _begin(self, prepared: Preparation) -> None:
        """Whoever wants a brief from now on wants a new one, with what has come since."""
        with self._lock:
            if self._waiting.get(prepared.repo) is prepared:
                del self._waiting[prepared.repo]
