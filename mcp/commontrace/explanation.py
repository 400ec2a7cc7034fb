"""Why the plugin says something about a command, or nothing: a hook's decision, taken again without a trace.

The steps are those of the hook path itself (`recognise`, `Recall.ask`, `recall.choose`, `render`); only that
nothing is recorded as shown, so that an explanation changes no later answer.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commontrace import failure, hook_templates, pauses, prompts, recall, render
from commontrace.casebook import Casebook
from commontrace.config import LOCAL
from commontrace.hooks import Event
from commontrace.memory import MemoryNewerError
from commontrace.recall import Answers, Chosen
from commontrace.recognition import Failure, Question, recognise
from commontrace.stores import Hit, StoreError
from commontrace_rules import screening

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

Document = dict[str, Any]
START_SECONDS = 60
ANSWER_SECONDS = 15
"""A hook does not wait as long for a store; an explanation says what it would say of the answer."""
COMMANDS = ("PostToolUse", "PostToolUseFailure")
PROMPT = "UserPromptSubmit"
HITS_MOST = 50
"""Every candidate that a store names."""


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
            sent, all their `candidates`, the ids of the traces that would be `injected`, the
            `reminder` of how the error was solved here before, the `reason`, and of each candidate that is
            `held` back the reason.
        """
        event = next(_events(self._hooks, payload), None)
        if event is None:
            return _document("no hook of the plugin looks for failures or questions in this event")
        if not event.command:
            asked = prompts.question(event.prompt)
            return self._of(event, asked) if asked else _document("no question of a person")
        found = recognise(event.command, event.output, event.exit_code, interrupted=event.interrupted)
        if found is None:
            return _document(_not_failing(event))
        return self._of(event, found)

    def _of(self, event: Event, found: Failure | Question) -> Document:
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
        return described | {"candidates": candidates, "held": _held(answers, decided["injected"])} | decided

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

    def _ask(self, event: Event, found: Failure | Question) -> Answers:
        inquiry = self._runtime.recall.ask(found, event.cwd, limit=HITS_MOST)
        until = time.monotonic() + ANSWER_SECONDS
        while inquiry is not None and not inquiry.is_done and time.monotonic() < until:
            inquiry.wait(until)
        answers = inquiry.take() if inquiry is not None else []
        if not answers:
            raise StoreError("none has answered; `commontrace doctor` says why")
        return answers

    def _decide(self, event: Event, found: Failure | Question, answers: Answers) -> Document:
        """The ids that would be shown, what would be said of an earlier solution, and why these or none."""
        if pauses.Pauses(pauses.path(self._runtime.folders.data)).hold(event.session, event.cwd):
            return {"injected": [], "reason": "the plugin is paused here"}
        memory = self._runtime.memory
        had = memory.shown_to(*event.reader)
        chosen = recall.choose(answers, had)
        names = {str(item.hit.id): item.store for item in chosen if item.store != LOCAL}
        before = self._casebook.before(event, found) if isinstance(found, Failure) else None
        room = render.REMINDER_SHORT if chosen else render.REMINDER_LIMIT
        reminder = render.solved_before(before, room) if before else ""
        text, shown = render.injection(found.line, [item.hit for item in chosen], reminder, names)
        decided = {"injected": [str(hit.id) for hit in shown], "reminder": reminder or None}
        if not (shown or reminder):
            return {"injected": [], "reason": _silence(answers, had)}
        if memory.characters(event.session) + len(text) > recall.SESSION_BUDGET:
            return {"injected": [], "reason": f"the session has had its {recall.SESSION_BUDGET} characters"}
        if not shown:
            return decided | {"reason": f"it was solved here before; no trace: {_silence(answers, had)}"}
        best = shown[0].confidence
        return decided | {"reason": f"confidence {best:.2f} is enough, and the trace is trusted"}


def _events(hooks: Path, payload: Mapping[str, Any]) -> Iterator[Event]:
    for arguments in hook_templates.calls(hooks, payload):
        event = Event.parse(arguments)
        if (event.name in COMMANDS and event.command) or event.name == PROMPT:
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
        why = f" ({found[0].hit.held})" if found[0].hit.held else ""
        return f"confidence {best:.2f}: not sure or not trusted enough to be shown unasked{why}"
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
            yield {"id": _name(store, hit), "title": hit.title, "confidence": hit.confidence, "why": hit.why}


def _held(answers: Answers, injected: Sequence[str]) -> dict[str, str]:
    """Why each candidate is not shown, in its store's words; of what the store would show, in ours."""
    hits = [(_name(store, hit), hit) for store, answer in answers for hit in answer.hits]
    return {
        name: hit.held or "better ones are shown, the agent has had it, or the screening objects"
        for name, hit in hits
        if str(hit.id) not in injected
    }


def _name(store: str, hit: Hit) -> str:
    return str(hit.id) if store == LOCAL else f"{store}/{hit.id}"


def _document(reason: str, found: Failure | Question | None = None) -> Document:
    return {
        "failure": isinstance(found, Failure),
        "line": found.line if isinstance(found, Failure) else None,
        "signature": found.signature if found else None,
        "query": found.query if found else None,
        "context": None,
        "candidates": [],
        "injected": [],
        "held": {},
        "reminder": None,
        "reason": reason,
    }
