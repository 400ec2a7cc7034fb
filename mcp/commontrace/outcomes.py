"""Whether a trace that was shown has helped: only what was seen to happen counts.

A trace is credited when the failure it was shown for ends after a change that does what the trace says, and
debited when that change was made and the same failure comes again. Everything else stays unattributed.
"""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from commontrace import preparation
from commontrace.config import LOCAL
from commontrace.memory import failures, repos
from commontrace.memory.failures import Solution
from commontrace.memory.repos import Known
from commontrace.pairing import overlap
from commontrace.pairing.changes import Change
from commontrace.pairing.commands import Run
from commontrace.pairing.ledger import Open, Recurrence, Resolution
from commontrace.stores import StoreError, StorePermissionError, Trace
from commontrace_rules.redaction import redact

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

PARTS_MOST = 12
DIFF_LIMIT = 3_000
STARTING_SECONDS = 20


def resolved(runtime: "Runtime", session: str, agent: str, resolution: Resolution) -> None:
    """Keep how a failure ended, and credit the traces that it was ended with."""
    failure = resolution.failure
    ended = solution(resolution)
    # a session may end any moment: this is kept before anything else
    failures.resolve(runtime.memory, failure.rows, resolution.at, ended)
    _judge(runtime, session, agent, resolution, ended)


def catch_up(runtime: "Runtime") -> None:
    """Credit the traces that sessions were helped by which ended before that could be done."""
    for seen, at, ended in failures.unjudged(runtime.memory):
        failure = Open(
            rows=[seen.id],
            run=Run.load(seen.run, seen.cwd),
            command=seen.command,
            repo=seen.repo,
            line=seen.line,
            query=seen.query,
            signature=seen.signature,
            first_at=at - ended.seconds,
            last_at=seen.seen_at,
        )
        changes = [Change("command", command, command, at, seen.agent) for command in ended.ran]
        changes += [Change("edit", file, ended.diff, at, seen.agent) for file in ended.edited]
        resolution = Resolution(failure, tuple(changes), ended.passed, at)
        _judge(runtime, seen.session, seen.agent, resolution, ended)


def _judge(runtime: "Runtime", session: str, agent: str, resolution: Resolution, ended: Solution) -> None:
    failure, memory = resolution.failure, runtime.memory
    helped = _tried(runtime, session, agent, failure, resolution.changes)
    for known in helped:
        _queue(runtime, session, failure, known, worked=True)
    name = f"{helped[0].store}/{helped[0].trace}" if helped else None
    failures.resolve(memory, failure.rows, resolution.at, replace(ended, trace=name, judged=True))
    if helped:
        if failure.repo:
            repos.note(memory, failure.repo, helped, "resolved")
        runtime.outbox.drain()


def tried_in_vain(runtime: "Runtime", session: str, agent: str, recurrence: Recurrence) -> None:
    """Debit the traces whose change was made after they were shown, because the same failure came again."""
    failure = recurrence.failure
    tried = _tried(runtime, session, agent, failure, recurrence.changes)
    for known in tried:
        _queue(runtime, session, failure, known, worked=False)
    if tried:
        runtime.outbox.drain()


def solution(resolution: Resolution) -> Solution:
    """How a failure ended, redacted and bounded."""
    safe = [change.redacted for change in resolution.changes]
    edits = [change for change in safe if change.kind == "edit"]
    diff = "\n".join(f"{change.what}\n{change.detail}" for change in edits if change.detail)
    failure = resolution.failure
    return Solution(
        edited=tuple(dict.fromkeys(change.what for change in edits))[:PARTS_MOST],
        ran=tuple(dict.fromkeys(change.what for change in safe if change.kind == "command"))[:PARTS_MOST],
        diff=diff[:DIFF_LIMIT],
        passed=redact(resolution.passed).text[: PARTS_MOST * 40],
        failures=failure.failures,
        seconds=round(resolution.at - failure.first_at, 1),
    )


def _tried(
    runtime: "Runtime", session: str, agent: str, failure: Open, changes: Sequence[Change]
) -> list[Known]:
    """The traces that the agent had for a failure, and that say what was changed after they were shown."""
    shown = failures.shown_for(runtime.memory, session, agent, failure.signature, failure.first_at)
    tried: list[Known] = []
    for store, trace, shown_at in shown:
        since = [change for change in changes if change.at > shown_at]
        found = _fetch(runtime, store, trace) if since else None
        if found is not None and _says(found, since, failure):
            tried.append(preparation.known(store, found))
    return tried


def _says(trace: Trace, changes: Sequence[Change], failure: Open) -> bool:
    said, printed = f"{trace.title}\n{trace.solution_text}", f"{failure.line}\n{failure.query}"
    return overlap.overlaps(said, changes, printed, failure.command)


def _fetch(runtime: "Runtime", store: str, trace: str) -> Trace | None:
    """The trace as its store has it now; without it nothing can be said of it."""
    try:
        if store == LOCAL:
            runtime.local.wait_connected(STARTING_SECONDS)
        return runtime.stores[store].trace(uuid.UUID(trace)) if store in runtime.stores else None
    except StoreError as error:
        runtime.record("outcome", error)
        return None


def _queue(runtime: "Runtime", session: str, failure: Open, known: Known, *, worked: bool) -> None:
    """Have an outcome sent where the person lets the store have it; a bad one does not follow a good one."""
    if not worked and _has_worked(runtime, session, known):
        return
    body: Mapping[str, object] = {"trace": known.trace, "worked": worked, "session": session}
    if failure.signature:
        body = {**body, "signature": failure.signature}
    try:
        runtime.outbox.put("outcome", known.store, body)
    except StorePermissionError:
        return  # the person keeps outcomes to themselves; the memory has this one


def _has_worked(runtime: "Runtime", session: str, known: Known) -> bool:
    rows = runtime.memory.read(
        "SELECT 1 FROM outbox WHERE kind = 'outcome' AND store = ? AND trace = ?"
        " AND json_extract(body, '$.session') = ? AND json_extract(body, '$.worked')",
        (known.store, known.trace, session),
    )
    return bool(rows)
