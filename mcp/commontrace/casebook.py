"""What becomes of failures: kept, paired with the pass, credited to traces, offered for sharing."""

import os
import sqlite3
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from commontrace import repository
from commontrace.chores import Chores
from commontrace.pairing import changes, commands
from commontrace.pairing.ledger import Ledger, Open, Recurrence, Resolution

if TYPE_CHECKING:
    from commontrace.hooks import Event
    from commontrace.memory.failures import Answer, Solved
    from commontrace.recognition import Failure
    from commontrace.runtime import Runtime

COSTLY_FAILURES = 2
COSTLY_SECONDS = 60.0
COSTLY_CALLS = 3
"""A fix that took less of all three is not worth a line to the person."""
COMMAND_LIMIT = 500
OFFER = (
    "CommonTrace: this error took {cost} to fix and nothing was known about it. "
    "/commontrace:trace-contribute drafts the fix for others; nothing is sent without your yes."
)


class Casebook:
    """Keeps the failures of the sessions of one hook server.

    What a hook waits for is a look into this process's memory; all else is done beside the answers.
    """

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._ledger = Ledger()
        self._chores = Chores(runtime.record)
        self._broken = False

    def failed(self, event: "Event", failure: "Failure") -> Open | None:
        """Record a failing run; the open failure that it belongs to, None if it cannot be paired."""
        self._know(event.session)
        seen = self._open(event, failure)
        own = changes.of_run(seen.run, event.command, event.agent, event.at)[:-1]
        attempt = _as_change(event, seen.run)
        opened, recurrence = self._ledger.failed(event.session, event.agent, seen, own, attempt)
        self._add("failures", lambda: self._keep(event, seen, failure))
        self._keep_changes(event.session, own)
        if recurrence is not None:
            self._add("outcome", lambda: self._tried(event, recurrence))
        return opened

    def answered(self, opened: Open | None, row: int | None, answer: "Answer") -> None:
        """Record what the search for a failing run came to."""
        if opened is None or row is None:
            return
        from commontrace.memory import failures

        opened.answers.add(answer)
        self._add("failures", lambda: failures.answered(self._runtime.memory, row, answer))

    def before(self, event: "Event", failure: "Failure") -> "Solved | None":
        """How the same error was solved in this repository, if this session was not told yet."""
        if failure.signature is None or not event.cwd:
            return None
        from commontrace.memory import failures

        memory = self._runtime.memory
        if failures.was_recalled(memory, event.session, failure.signature):
            return None
        return failures.solved_in(memory, repository.root(event.cwd), failure.signature)

    def edited(self, event: "Event") -> None:
        """Record an edited file."""
        self._know(event.session)
        if self._ledger.is_idle(event.session):
            return
        edit = changes.of_edit(event.file, event.patch, repository.root(event.cwd), event.agent, event.at)
        self._ledger.changed(event.session, event.agent, [edit])
        self._keep_changes(event.session, [edit])

    def passed(self, event: "Event") -> str | None:
        """Record a command that passed; what the person is told of it, if anything."""
        self._know(event.session)
        if self._ledger.is_idle(event.session):
            return None
        run = commands.parse(event.command, event.cwd, event.output, moved=True)
        if run is None:
            self._ledger.called(event.session, event.agent)
            return None
        own = changes.of_run(run, event.command, event.agent, event.at)
        passing = _as_change(event, run)
        ended, fickle = self._ledger.passed(event.session, event.agent, run, own, passing)
        self._keep_changes(event.session, own)
        for opened in fickle:
            self._add("failures", partial(self._close, opened, event.at))
        for resolution in ended:
            self._add("outcome", partial(self._resolve, event, resolution))
        return self._offer(event.session, ended)

    def ran(self, event: "Event") -> None:
        """Record a command of which nothing can be said."""
        if not self._ledger.is_idle(event.session):
            self._ledger.called(event.session, event.agent)

    def settle(self, seconds: float) -> None:
        """Wait until everything is on disk."""
        self._chores.settle(seconds)

    def _open(self, event: "Event", failure: "Failure") -> Open:
        run = commands.parse(event.command, event.cwd, event.output, moved=event.succeeded, failed=True)
        if run is None:
            run = commands.Run((), directory=event.cwd)
        return Open(
            rows=[int.from_bytes(os.urandom(7))],
            run=run,
            command=event.command,
            repo=repository.root(event.cwd) if event.cwd else "",
            line=failure.line,
            query=failure.query,
            signature=failure.signature,
            first_at=event.at,
            last_at=event.at,
        )

    def _know(self, session: str) -> None:
        """Take up what an earlier process has left of the session, once."""
        if self._ledger.knows(session) or self._broken:
            return
        from commontrace import resumption
        from commontrace.memory import MemoryNewerError

        try:
            opened, changed = resumption.load(self._runtime.memory, session)
        except (sqlite3.Error, OSError, MemoryNewerError) as error:
            self._broken = True  # without a memory there is nothing to pair with later; hooks go on
            self._runtime.record("memory", error)
            return
        self._ledger.begin(session, opened, changed)

    def _keep(self, event: "Event", seen: Open, failure: "Failure") -> None:
        from commontrace.memory import failures
        from commontrace_rules.redaction import redact

        command = redact(seen.run.line or event.command).text[:COMMAND_LIMIT]
        failures.record(
            self._runtime.memory,
            failures.Seen(
                id=seen.rows[0],
                session=event.session,
                agent=event.agent,
                repo=seen.repo,
                cwd=seen.run.directory,
                command=command,
                run=seen.run.dump() if seen.run.acts else "",
                signature=failure.signature,
                line=failure.line,
                query=failure.query,
                seen_at=event.at,
            ),
        )

    def _keep_changes(self, session: str, made: list[changes.Change]) -> None:
        if made:
            from commontrace import resumption

            self._add("changes", lambda: resumption.keep(self._runtime.memory, session, made))

    def _close(self, opened: Open, at: float) -> None:
        from commontrace.memory import failures

        failures.resolve(self._runtime.memory, opened.rows, at, None)

    def _tried(self, event: "Event", recurrence: Recurrence) -> None:
        from commontrace import outcomes

        outcomes.tried_in_vain(self._runtime, event.session, event.agent, recurrence)

    def _resolve(self, event: "Event", resolution: Resolution) -> None:
        from commontrace import outcomes

        outcomes.resolved(self._runtime, event.session, event.agent, resolution)

    def _offer(self, session: str, ended: list[Resolution]) -> str | None:
        """The offer to contribute, once per session, for what cost something and nobody knew."""
        from commontrace.memory import failures

        for resolution in ended:
            failure = resolution.failure
            cost = _cost(resolution)
            if cost is None or failure.signature is None or "silent" not in failure.answers:
                continue
            memory = self._runtime.memory
            if failures.is_known(memory, session, failure.signature, failure.first_at):
                continue
            if failures.claim_offer(memory, session):
                return OFFER.format(cost=cost)
        return None

    def _add(self, where: str, work: Callable[[], object]) -> None:
        if not self._broken:
            self._chores.add(where, work)


def _as_change(event: "Event", run: commands.Run) -> changes.Change:
    detail = event.command[: changes.READ_LIMIT]
    return changes.Change("command", run.line, detail, event.at, event.agent)


def _cost(resolution: Resolution) -> str | None:
    """What a failure cost, in words; None if that was next to nothing."""
    failure = resolution.failure
    if failure.failures >= COSTLY_FAILURES:
        return f"{failure.failures} failing runs"
    if resolution.at - failure.first_at > COSTLY_SECONDS:
        return f"{round((resolution.at - failure.first_at) / 60)} min"
    return f"{failure.calls} steps" if failure.calls >= COSTLY_CALLS else None
