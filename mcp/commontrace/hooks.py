"""What the plugin answers to Claude Code's hook events: hook JSON, or nothing.

A session makes hundreds of calls that succeed, so this module and what it imports stay light; what only a
failure needs (HTTP, validation, SQLite) is loaded by the runtime when the session begins or a failure comes.
"""

import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from commontrace import failure
from commontrace.briefing import Briefing
from commontrace.hook_server import PERSONAL
from commontrace.recognition import Failure, recognise

if TYPE_CHECKING:
    from commontrace.recall import Injection
    from commontrace.runtime import Runtime
    from commontrace.stores import Found

LATE_SECONDS = 600
"""A result that came too late is worth offering for this long."""
LATE_MOST = 32
ANSWERING_SECONDS = 0.03
"""What is left of the deadline for choosing and recording once a search is back."""
INJECTING = frozenset({"PostToolUse", "PostToolUseFailure", "UserPromptSubmit"})
SEARCHES_MOST = 8
"""Searches under way at once; beyond that a failure is passed over, because the store is in trouble."""


@dataclass(frozen=True)
class Event:
    """One hook event, as hooks.json passes it on; absent fields are empty strings."""

    name: str
    session: str
    agent: str
    cwd: str
    prompt: str
    command: str
    output: str
    exit_code: int | None
    interrupted: bool

    @classmethod
    def parse(cls, arguments: dict[str, Any]) -> "Event":
        """Read the arguments of a hook call; unknown ones are ignored."""
        text = {name: value for name, value in arguments.items() if isinstance(value, str)}
        name = text.get("event", "")
        exit_code, output = None, "\n".join(filter(None, (text.get("stdout"), text.get("stderr"))))
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
        )

    @property
    def reader(self) -> tuple[str, str]:
        """Whose context an answer would enter: sub-agents do not see their session's."""
        return self.session, self.agent


class Search:
    """One search that runs beside the hook that wants it, which may not be able to wait for it."""

    def __init__(self, event: Event, failure: Failure) -> None:
        self.event = event
        self.failure = failure
        self.started = time.monotonic()
        self.found: Found | None = None
        self._done = threading.Event()

    def finish(self, found: "Found | None") -> None:
        """Hand over the result, None where the store could not be asked."""
        self.found = found
        self._done.set()

    def wait(self, seconds: float) -> bool:
        """Whether the search is done, within `seconds`."""
        return self._done.wait(max(0.0, seconds))


class Hooks:
    """Answers hook events for any number of sessions and sub-agents, from any number of threads."""

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._deadline = runtime.settings.deadline_ms / 1000 - ANSWERING_SECONDS
        self._slots = threading.BoundedSemaphore(SEARCHES_MOST)
        self._late: OrderedDict[tuple[str, str], Search] = OrderedDict()
        self._kept: OrderedDict[tuple[str, str], tuple[float, str, dict[str, Any]]] = OrderedDict()
        self._briefing = Briefing(runtime)

    def warm(self) -> None:
        """Get ready for the first failure, beside the session's first steps."""
        self._runtime.warm()

    def settle(self, seconds: float) -> None:
        """Let what goes on beside the answers come to its end; only short commands need it."""
        self._briefing.settle(seconds)

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
            event = Event.parse(arguments)
            return self._answer(event, received + self._deadline) or self._offer_kept(event)
        except Exception as error:  # noqa: BLE001  the edge of the hook path; it is written down
            self._runtime.record("hook", error)
            return None

    def keep(self, arguments: dict[str, Any], said: dict[str, Any]) -> None:
        """Take an answer that came after its hook had been answered with silence; the next hook says it."""
        event = Event.parse(arguments)
        self._kept[event.reader] = (time.monotonic(), event.command, said)
        while len(self._kept) > LATE_MOST:
            self._kept.popitem(last=False)

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
        found = None
        if event.name == "SessionStart":
            return self._briefing.after_compaction(event.session)
        if event.name in ("PostToolUse", "PostToolUseFailure"):
            found = recognise(event.command, event.output, event.exit_code, interrupted=event.interrupted)
        if found is None:
            return self._offer_late(event) or self._brief(event, until)
        search = self._start(Search(event, found))
        if search is None:
            return None
        patience = 0.0 if self._runtime.store_away else until - time.monotonic()
        if search.wait(patience):
            return self._say(event, search)
        self._keep_late(search)
        return None

    def _brief(self, event: Event, until: float) -> dict[str, Any] | None:
        """What the session is told of its repository; its sub-agents are told nothing."""
        if event.agent:
            return None
        if event.name == "UserPromptSubmit":
            said = self._briefing.at_prompt(event.session, event.cwd, event.prompt, until)
            return said or self._briefing.late(event.name, event.session)
        if event.name in ("PostToolUse", "PostToolUseFailure"):
            return self._briefing.late(event.name, event.session)
        return None

    def _answer_person(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        from commontrace import personal

        return personal.answer(self._runtime, {name: str(value) for name, value in arguments.items()})

    def _start(self, search: Search) -> Search | None:
        if not self._slots.acquire(blocking=False):
            return None
        threading.Thread(target=self._run, args=(search,), daemon=True).start()
        return search

    def _run(self, search: Search) -> None:
        found = None
        try:
            found = self._runtime.recall.search(search.failure)
        except Exception as error:  # noqa: BLE001  a thread's edge: the store's errors, and ours; written down
            self._runtime.record("search", error)
        finally:
            self._slots.release()
            search.finish(found)

    def _say(self, event: Event, search: Search) -> dict[str, Any] | None:
        if search.found is None:
            return None
        injection = self._runtime.recall.inject(*event.reader, search.failure, search.found)
        if injection is None:
            return None
        self._briefing.shown(event.cwd, injection)
        return _hook_json(event.name, injection)

    def _keep_late(self, search: Search) -> None:
        self._late[search.event.reader] = search
        while len(self._late) > LATE_MOST:
            self._late.popitem(last=False)

    def _offer_late(self, event: Event) -> dict[str, Any] | None:
        """Say what an earlier hook could not wait for, unless the same command has passed since."""
        search = self._late.get(event.reader)
        if search is None:
            return None
        passed = event.name == "PostToolUse" and event.command == search.event.command
        if passed or time.monotonic() - search.started > LATE_SECONDS:
            self._late.pop(event.reader, None)
        elif search.wait(0) and self._late.pop(event.reader, None) is search:
            return self._say(event, search)
        return None


def _hook_json(event: str, injection: "Injection") -> dict[str, Any]:
    return {
        "hookSpecificOutput": {"hookEventName": event, "additionalContext": injection.text},
        "systemMessage": injection.notice,
    }
