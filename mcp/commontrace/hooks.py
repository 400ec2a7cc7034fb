"""What the plugin answers to Claude Code's hook events: hook JSON, or nothing.

A session makes hundreds of calls that succeed, so this module and what it imports stay light; what only a
failure needs (HTTP, validation, SQLite) is loaded by the runtime when the session begins or a failure comes.
"""

import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commontrace import failure, loading, pauses
from commontrace.briefing import Briefing
from commontrace.casebook import Casebook
from commontrace.edits import Edits
from commontrace.hook_server import PERSONAL
from commontrace.prompts import Prompts
from commontrace.recognition import Failure, judge
from commontrace.restraint import Cooldown

if TYPE_CHECKING:
    from commontrace.inquiry import Inquiry
    from commontrace.memory.failures import Solved
    from commontrace.pairing.ledger import Open
    from commontrace.runtime import Runtime

LATE_SECONDS = 600
"""A result that came too late is worth offering for this long."""
LATE_MOST = 32
ANSWERING_SECONDS = 0.03
"""What is left of the deadline for choosing and recording once a search is back."""
TROUBLE = "CommonTrace: {}. /commontrace:trace-doctor looks for what mends it."
INJECTING = frozenset({"PostToolUse", "PostToolUseFailure", "UserPromptSubmit"})


@dataclass(frozen=True)
class Event:
    """One hook event, as hooks.json passes it on; absent fields are empty strings.

    Attributes:
        file: the file that was edited, `patch` how.
        background: the command goes on beside the session, so that nothing is known of its end.
        at: when it came in, seconds since the epoch.
    """

    name: str
    session: str
    agent: str
    cwd: str
    prompt: str
    command: str
    output: str
    exit_code: int | None
    interrupted: bool
    file: str = ""
    patch: str = ""
    background: bool = False
    at: float = 0.0

    @classmethod
    def parse(cls, arguments: dict[str, Any], received: float | None = None) -> "Event":
        """Read the arguments of a hook call; unknown ones are ignored.

        Args:
            arguments: what hooks.json passes on.
            received: when the call came in (`time.monotonic`).
        """
        text = {name: value for name, value in arguments.items() if isinstance(value, str)}
        name = text.get("event", "")
        stdout = failure.whole(text.get("stdout", ""), text.get("persisted", ""))
        exit_code, output = None, "\n".join(filter(None, (stdout, text.get("stderr"))))
        if name == "PostToolUseFailure":
            exit_code, output = failure.parse_error(text.get("error", ""))
        return cls(
            name=name,
            session=text.get("session", ""),
            agent=text.get("agent", ""),
            cwd=text.get("cwd", ""),
            prompt=text.get("prompt", ""),
            command=text.get("command", ""),
            output=output,
            exit_code=exit_code,
            interrupted=text.get("interrupted") == "true",
            file=text.get("file", ""),
            patch=text.get("patch", ""),
            background=text.get("background", "") not in {"", "false"},
            at=time.time() - (time.monotonic() - received if received else 0.0),
        )

    @property
    def succeeded(self) -> bool:
        """Whether Claude Code takes the call for a success; `cwd` is then from after it."""
        return self.name == "PostToolUse"

    @property
    def reader(self) -> tuple[str, str]:
        """Whose context an answer would enter: sub-agents do not see their session's."""
        return self.session, self.agent


@dataclass
class Search:
    """An inquiry into a failure, for the hook that wants it or the one after.

    Attributes:
        opened: the failure as it stays open; `row` is this run of it.
        before: how it was solved in this repository before.
    """

    event: Event
    failure: Failure
    inquiry: "Inquiry | None"
    opened: "Open | None" = None
    row: int | None = None
    before: "Solved | None" = None


class Hooks:
    """Answers hook events for any number of sessions and sub-agents, from any number of threads."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._deadline = runtime.settings.deadline_ms / 1000 - ANSWERING_SECONDS
        self._late: OrderedDict[tuple[str, str], Search] = OrderedDict()
        self._kept: OrderedDict[tuple[str, str], tuple[float, str, dict[str, Any]]] = OrderedDict()
        self._briefing = Briefing(runtime)
        self._prompts = Prompts(runtime)
        self._casebook = Casebook(runtime)
        self._cooldown = Cooldown()
        self._told_trouble: set[str] = set()
        self._edits = Edits()
        self._pauses = pauses.Pauses(pauses.path(runtime.folders.data))

    def warm(self) -> None:
        """Get ready for the first failure, beside the session's first steps."""
        self._runtime.warm()
        loading.start(self._runtime.record)

    def settle(self, seconds: float) -> None:
        """Let what goes on beside the answers come to its end; only short commands need it."""
        until = time.monotonic() + seconds
        self._casebook.settle(seconds)
        self._briefing.settle(until - time.monotonic())

    def answer(self, arguments: dict[str, Any], received: float | None = None) -> dict[str, Any] | None:
        """Hook JSON for one event, or None for silence. Never raises: a hook must not disturb the session.

        Args:
            arguments: what hooks.json passes on.
            received: when the call came in (`time.monotonic`), if that was before this.
        """
        received = received or time.monotonic()
        try:
            if arguments.get("event") in PERSONAL:
                return self._answer_person(arguments)
            event = Event.parse(arguments, received)
            if self._pauses.hold(event.session, event.cwd):
                return None
            said = self._answer(event, received + self._deadline) or self._offer_kept(event)
        except Exception as error:  # noqa: BLE001  the edge of the hook path; it is written down
            self._runtime.record("hook", error)
            said = None
        return said or self._tell_trouble(arguments)

    def keep(self, arguments: dict[str, Any], said: dict[str, Any]) -> None:
        """Take an answer that came after its hook had been answered with silence; the next hook says it."""
        event = Event.parse(arguments)
        self._kept[event.reader] = (time.monotonic(), event.command, said)
        while len(self._kept) > LATE_MOST:
            self._kept.popitem(last=False)

    def _tell_trouble(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """One line to the person, once a session, on what only they can mend: store, memory, settings."""
        session = str(arguments.get("session"))
        trouble = self._runtime.trouble
        if not trouble or arguments.get("event") not in INJECTING or session in self._told_trouble:
            return None
        self._told_trouble.add(session)
        return {"systemMessage": TROUBLE.format(trouble.rstrip("."))}

    def _offer_kept(self, event: Event) -> dict[str, Any] | None:
        if event.name not in INJECTING:
            return None
        since, command, said = self._kept.pop(event.reader, (0.0, "", {}))
        passed = event.name == "PostToolUse" and event.command == command
        if not said or passed or time.monotonic() - since > LATE_SECONDS:
            return None
        added = {**said.get("hookSpecificOutput", {}), "hookEventName": event.name}
        return {**said, "hookSpecificOutput": added}

    def _answer(self, event: Event, until: float) -> dict[str, Any] | None:
        if event.name == "SessionStart":
            return self._briefing.after_compaction(event.session)
        if event.file:
            self._edits.add(event.session, event.file)
            self._casebook.edited(event)
        elif event.name in ("PostToolUse", "PostToolUseFailure"):
            verdict = judge(event.command, event.output, event.exit_code, interrupted=event.interrupted)
            if verdict.failure is not None:
                return self._answer_failure(event, verdict.failure, until)
            offer = self._note_end(event, passed=verdict.passed and event.succeeded and not event.background)
            if offer:
                return {"systemMessage": offer}
        return self._offer_late(event) or self._brief(event, until)

    def _note_end(self, event: Event, *, passed: bool) -> str | None:
        """Record a command that has not failed; what the person is told of it, if anything."""
        if not passed:
            self._casebook.ran(event)
            return None
        offer = self._casebook.passed(event)
        late = self._late.get(event.reader)
        if late is not None and event.command == late.event.command:
            self._late.pop(event.reader, None)  # help for what works would be noise
        return offer

    def _answer_failure(self, event: Event, found: Failure, until: float) -> dict[str, Any] | None:
        spared = self._cooldown.spares(event.reader, found.signature or found.line)
        # The stores search while the memory is looked into.
        inquiry = (
            None if spared else self._runtime.recall.ask(found, event.cwd, self._edits.of(event.session))
        )
        opened = self._casebook.failed(event, found)
        search = Search(event, found, inquiry, opened, opened.rows[-1] if opened else None)
        search.before = self._casebook.before(event, found)
        if spared:
            self._casebook.answered(opened, search.row, "spared")
            return (self._say(event, search) if search.before else None) or self._offer_late(event)
        if inquiry is None:
            self._casebook.answered(opened, search.row, "away")
            return self._say(event, search)
        inquiry.wait(until, without_local=self._runtime.store_away)
        said = self._say(event, search)
        if not inquiry.is_done:
            self._keep_late(search)
        return said

    def _brief(self, event: Event, until: float) -> dict[str, Any] | None:
        """What the session is told of its repository and of its prompt; its sub-agents are told nothing."""
        if event.agent or event.name not in INJECTING:
            return None
        if event.name == "UserPromptSubmit":
            self._prompts.ask(event.session, event.cwd, event.prompt)
            said = self._briefing.at_prompt(event.session, event.cwd, event.prompt, until)
        else:
            said, until = None, 0.0
        return said or self._briefing.late(event.name, event.session) or self._answer_prompt(event, until)

    def _answer_prompt(self, event: Event, until: float) -> dict[str, Any] | None:
        """What the stores have said of the session's last prompt; nothing is waited for after `until`."""
        injection = self._prompts.answer(event.session, until)
        if injection is None:
            return None
        self._briefing.shown(event.cwd, injection)
        return injection.hook_json(event.name)

    def _answer_person(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        from commontrace import personal

        return personal.answer(self._runtime, {name: str(value) for name, value in arguments.items()})

    def _say(self, event: Event, search: Search) -> dict[str, Any] | None:
        """What is known of a failure by now, shown by the hook of `event`."""
        answers = search.inquiry.take() if search.inquiry else []
        before, search.before = search.before, None
        injection = None
        if answers or before:
            injection = self._runtime.recall.inject(*event.reader, search.failure, answers, before)
        self._record_answer(search, shown=injection is not None and bool(injection.traces))
        if injection is None:
            return None
        if injection.traces:
            self._briefing.shown(event.cwd, injection)
        return injection.hook_json(event.name)

    def _record_answer(self, search: Search, *, shown: bool) -> None:
        if search.inquiry is None:
            return
        if search.inquiry.has_answer and (shown or search.inquiry.is_done):
            reader = search.event.reader
            self._cooldown.answered(reader, search.failure.signature or search.failure.line)
            self._casebook.answered(search.opened, search.row, "shown" if shown else "silent")
        elif not search.inquiry.has_answer:
            self._casebook.answered(search.opened, search.row, "away")

    def _keep_late(self, search: Search) -> None:
        self._late[search.event.reader] = search
        while len(self._late) > LATE_MOST:
            self._late.popitem(last=False)

    def _offer_late(self, event: Event) -> dict[str, Any] | None:
        """Say what an earlier hook could not wait for."""
        search = self._late.get(event.reader)
        if search is None or search.inquiry is None:
            return None
        is_done = search.inquiry.is_done  # before its answers are taken: none is lost in between
        is_over = is_done or time.monotonic() - search.inquiry.started > LATE_SECONDS
        if is_over and self._late.pop(event.reader, None) is not search:
            return None
        return self._say(event, search)
