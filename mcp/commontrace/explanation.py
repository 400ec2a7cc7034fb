"""Why the plugin says something about a command, or nothing: a hook's decision, taken again without a trace.

The steps are those of the hook path itself (`recognise`, `Recall.ask`, `recall.choose`, `render`); only that
nothing is recorded as shown, so that an explanation changes no later answer.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commontrace import failure, hook_templates, pauses, recall, render
from commontrace.casebook import Casebook
from commontrace.config import LOCAL
from commontrace.hooks import Event
from commontrace.memory import MemoryNewerError
from commontrace.recall import Answers, Chosen
from commontrace.recognition import Failure, recognise
from commontrace.stores import Hit, StoreError
from commontrace_rules import screening

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

Document = dict[str, Any]
START_SECONDS = 60
ANSWER_SECONDS = 15
"""A hook does not wait as long for a store; an explanation says what it would say of the answer."""
COMMANDS = ("PostToolUse", "PostToolUseFailure")


class Explainer:
    """Explains payloads, from any number of threads; the local store is started for the first failure.

    Args:
        runtime: leads to the stores and the memory.
    """

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._hooks = runtime.root / "hooks" / "hooks.json"
        self._starting = threading.Lock()
        self._failed: StoreError | None = None
        self._casebook = Casebook(runtime)

    def explain(self, payload: Mapping[str, Any]) -> Document:
        """The decision on one payload of Claude Code, step by step.

        Returns:
            `failure`, the redacted `line` with its `signature`, the `query` and the `context` that stores are
            sent, their `candidates`, the ids of the traces that would be `injected`, the
            `reminder` of how the error was solved here before, and the `reason`.
        """
        event = next(_commands(self._hooks, payload), None)
        if event is None:
            return _document("no hook of the plugin looks for failures in this event")
        found = recognise(event.command, event.output, event.exit_code, interrupted=event.interrupted)
        if found is None:
            return _document(_not_failing(event))
        return self._of_failure(event, found)

    def _of_failure(self, event: Event, found: Failure) -> Document:
        query = self._runtime.recall.query(found, event.cwd)
        described = _document("", found) | {"context": query.context.model_dump() if query.context else {}}
        try:
            self._start()
            answers = self._ask(event, found)
            decided = self._decide(event, found, answers)
        except (StoreError, OSError) as error:
            return described | {"reason": f"the store cannot be asked: {error}"}
        except (sqlite3.Error, MemoryNewerError) as error:
            return described | {"reason": f"the memory cannot be used: {error}"}
        candidates = sorted(_candidates(answers), key=lambda item: -item["confidence"])
        return described | {"candidates": candidates} | decided

    def _start(self) -> None:
        """Have the local store answer; one that does not start is not waited for again."""
        with self._starting:
            if self._failed is None and not self._runtime.connected:
                try:
                    self._runtime.local.wait_ready(START_SECONDS)
                except StoreError as error:
                    self._failed = error
        if self._failed is not None:
            raise self._failed

    def _ask(self, event: Event, found: Failure) -> Answers:
        inquiry = self._runtime.recall.ask(found, event.cwd)
        until = time.monotonic() + ANSWER_SECONDS
        while inquiry is not None and not inquiry.is_done and time.monotonic() < until:
            inquiry.wait(until)
        answers = inquiry.take() if inquiry is not None else []
        if not answers:
            raise StoreError("none has answered; `commontrace doctor` says why")
        return answers

    def _decide(self, event: Event, found: Failure, answers: Answers) -> Document:
        """The ids that would be shown, what would be said of an earlier solution, and why these or none."""
        if pauses.Pauses(pauses.path(self._runtime.folders.data)).hold(event.session, event.cwd):
            return {"reason": "the plugin is paused here"}
        memory = self._runtime.memory
        had = memory.shown_to(*event.reader)
        chosen = recall.choose(answers, had)
        names = {str(item.hit.id): item.store for item in chosen if item.store != LOCAL}
        before = self._casebook.before(event, found)
        room = render.REMINDER_SHORT if chosen else render.REMINDER_LIMIT
        reminder = render.solved_before(before, room) if before else ""
        text, shown = render.injection(found.line, [item.hit for item in chosen], reminder, names)
        decided = {"injected": [str(hit.id) for hit in shown], "reminder": reminder or None}
        if not (shown or reminder):
            return {"reason": _silence(answers, had)}
        if memory.characters(event.session) + len(text) > recall.SESSION_BUDGET:
            return {"reason": f"the session has had its {recall.SESSION_BUDGET} characters"}
        if not shown:
            return decided | {"reason": f"it was solved here before; no trace: {_silence(answers, had)}"}
        best = shown[0].confidence
        return decided | {"reason": f"confidence {best:.2f} is enough, and the trace is trusted"}


def _commands(hooks: Path, payload: Mapping[str, Any]) -> Iterator[Event]:
    for arguments in hook_templates.calls(hooks, payload):
        event = Event.parse(arguments)
        if event.name in COMMANDS and event.command:
            yield event


def _not_failing(event: Event) -> str:
    detection = failure.detect(event.command, event.output, event.exit_code, interrupted=event.interrupted)
    if detection.failing:
        return f"{detection.reason}, but no line says what is wrong"
    return f"no failure to be fixed: {detection.reason}"


def _silence(answers: Answers, had: set[str]) -> str:
    """Why nothing is shown of what was found."""
    found = [Chosen(name, hit) for name, answer in answers if not answer.abstained for hit in answer.hits]
    best = max((hit.confidence for _, answer in answers for hit in answer.hits), default=None)
    if best is None:
        return "nothing known resembles it"
    if not found:
        return f"nothing that was found is likely enough to be the answer: {best:.2f} at best"
    allowed = [item.hit for item in found if item.hit.automatic]
    if not allowed:
        return f"confidence {best:.2f}: not sure or not trusted enough to be shown unasked"
    fresh = [hit for hit in allowed if not {str(hit.id), recall.content(hit)} & had]
    if not fresh:
        return "the agent has had it in this session"
    kinds = sorted({finding.kind for hit in fresh for finding in _findings(hit)})
    return f"the screening on this machine holds it back: {', '.join(kinds)}"


def _findings(hit: Hit) -> tuple[screening.Finding, ...]:
    return screening.screen(hit.model_dump(mode="json")).findings


def _candidates(answers: Answers) -> Iterator[Document]:
    for store, answer in answers:
        for hit in answer.hits:
            name = str(hit.id) if store == LOCAL else f"{store}/{hit.id}"
            yield {"id": name, "title": hit.title, "confidence": hit.confidence, "why": hit.why}


def _document(reason: str, found: Failure | None = None) -> Document:
    return {
        "failure": found is not None,
        "line": found.line if found else None,
        "signature": found.signature if found else None,
        "query": found.query if found else None,
        "context": None,
        "candidates": [],
        "injected": [],
        "reminder": None,
        "reason": reason,
    }
