"""The failures of each session that nothing has ended yet, and the changes since."""

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from commontrace.pairing.changes import Change
from commontrace.pairing.commands import Run, match

OPEN_MOST = 24
"""Failures per agent; of more than that nobody remembers which is which."""
CHANGES_MOST = 200
SESSIONS_MOST = 64


@dataclass
class Open:
    """A failure that no run of its command has ended yet.

    Attributes:
        rows: its runs, by their ids in the memory.
        line: the redacted line that carried the error.
        query: the redacted lines that a search was made with.
        first_at: when it was first seen, seconds since the epoch.
        last_at: when it was seen last.
        gone_at: since when the command fails for another reason; None while it fails for this one.
        failures: runs of the command that failed since then, for whatever reason.
        calls: tool calls since it was first seen.
        answers: what searches for it came to.
    """

    rows: list[int]
    run: Run
    command: str
    repo: str
    line: str
    query: str
    signature: str | None
    first_at: float
    last_at: float
    gone_at: float | None = None
    failures: int = 1
    calls: int = 0
    answers: set[str] = field(default_factory=set)

    @property
    def key(self) -> str:
        """The same for the same error."""
        return self.signature or self.line


@dataclass(frozen=True)
class Resolution:
    """A failure whose command passes after a change."""

    failure: Open
    changes: tuple[Change, ...]
    passed: str
    at: float


@dataclass(frozen=True)
class Recurrence:
    """A failure that came again, and everything that was changed since it was first seen."""

    failure: Open
    changes: tuple[Change, ...]


@dataclass
class _Session:
    opened: dict[str, list[Open]] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)

    @property
    def is_idle(self) -> bool:
        return not any(self.opened.values())


class Ledger:
    """Pairs runs by agent: what one agent sees pass says nothing about another's failure.

    The session's own agent profits from what its sub-agents change; a sub-agent only from its own changes.
    Safe to share between threads; nothing here reads or writes a file.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sessions: OrderedDict[str, _Session] = OrderedDict()

    def knows(self, session: str) -> bool:
        """Whether the session has been begun here."""
        return session in self._sessions

    def is_idle(self, session: str) -> bool:
        """Whether no failure of the session is open: then what passes or changes means nothing."""
        found = self._sessions.get(session)
        return found is None or found.is_idle

    def begin(self, session: str, opened: Sequence[tuple[str, Open]], changes: Sequence[Change]) -> None:
        """Take up a session where an earlier process left it; nothing if it has begun here meanwhile.

        Args:
            session: its id.
            opened: agents and their open failures.
            changes: since the first of them.
        """
        with self._lock:
            if session in self._sessions:
                return
            begun = self._of(session)
            for agent, failure in opened:
                begun.opened.setdefault(agent, []).append(failure)
            begun.changes.extend(changes)

    def failed(
        self,
        session: str,
        agent: str,
        failure: Open,
        own: Sequence[Change] = (),
        attempt: Change | None = None,
    ) -> tuple[Open, Recurrence | None]:
        """Record a failing run.

        Args:
            session: where.
            agent: by whom.
            failure: the run.
            own: what it did before it failed.
            attempt: the command as a change, for where it differs from the one that failed before.

        Returns:
            The open failure it belongs to, and its recurrence if that was open before.
        """
        with self._lock:
            begun = self._of(session)
            self._note(begun, own)
            opened = begun.opened.setdefault(agent, [])
            for other in opened:
                other.calls += 1
            ways = {id(other): match(other.run, failure.run) for other in opened}
            related = [other for other in opened if ways[id(other)]]
            related.sort(key=lambda other: ways[id(other)] == "varied")
            again = next((other for other in related if other.key == failure.key), None)
            for other in related:
                other.failures += 1
                if other is not again and other.gone_at is None and ways[id(other)] == "same":
                    other.gone_at = failure.last_at
            if again is None:
                opened.append(failure)
                del opened[:-OPEN_MOST]
                return failure, None
            changes = self._since(begun, agent, again, again.first_at, failure.last_at)
            if ways[id(again)] == "varied" and attempt is not None:
                changes = (*changes, attempt)
            again.rows += failure.rows
            again.last_at, again.gone_at = failure.last_at, None
            return again, Recurrence(again, changes)

    def changed(self, session: str, agent: str, changes: Sequence[Change]) -> None:
        """Record what was changed."""
        with self._lock:
            begun = self._of(session)
            self._called(begun, agent)
            self._note(begun, changes)

    def passed(
        self, session: str, agent: str, run: Run, own: Sequence[Change], passing: Change
    ) -> tuple[list[Resolution], list[Open]]:
        """Record a passing run.

        Args:
            session: where.
            agent: by whom.
            run: the command.
            own: what it may have changed itself.
            passing: the command as a change, for where it differs from the one that failed.

        Returns:
            What it has ended after a change, and what has passed without one.
        """
        with self._lock:
            begun = self._of(session)
            self._note(begun, own)
            ended: list[Resolution] = []
            fickle: list[Open] = []
            for failure in list(begun.opened.get(agent, ())):
                how = match(failure.run, run)
                if how is None:
                    continue
                begun.opened[agent].remove(failure)
                until = passing.at if failure.gone_at is None else failure.gone_at
                changes = self._since(begun, agent, failure, failure.last_at, until)
                if how == "varied" and failure.gone_at is None:
                    changes = (*changes, passing)
                if changes:
                    ended.append(Resolution(failure, changes, passing.what, passing.at))
                else:
                    fickle.append(failure)
            self._called(begun, agent)
            return ended, fickle

    def called(self, session: str, agent: str) -> None:
        """Count a tool call that means nothing else."""
        with self._lock:
            self._called(self._of(session), agent)

    def _of(self, session: str) -> _Session:
        found = self._sessions.setdefault(session, _Session())
        self._sessions.move_to_end(session)
        while len(self._sessions) > SESSIONS_MOST:
            self._sessions.popitem(last=False)
        return found

    @staticmethod
    def _called(begun: _Session, agent: str) -> None:
        for failure in begun.opened.get(agent, ()):
            failure.calls += 1

    @staticmethod
    def _note(begun: _Session, changes: Sequence[Change]) -> None:
        begun.changes.extend(changes)
        del begun.changes[:-CHANGES_MOST]

    @staticmethod
    def _since(begun: _Session, agent: str, failure: Open, since: float, until: float) -> tuple[Change, ...]:
        """The changes that may have made a difference to a failure."""
        own = failure.run.own
        return tuple(
            change
            for change in begun.changes
            if since < change.at <= until and agent in ("", change.agent) and change.target not in own
        )
