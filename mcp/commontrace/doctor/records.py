"""What this machine keeps: memory, drafts, outbox, pauses, and the log of errors."""

import json
import shlex
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from commontrace import drafts, pauses, trouble
from commontrace.config import ConfigInvalidError
from commontrace.doctor.finding import Finding
from commontrace.memory import MemoryNewerError
from commontrace.runtime import Runtime

RECENT_SECONDS = 24 * 3600.0
STUCK_SECONDS = 3600.0
SHOWN_MOST = 5
UNUSABLE = (ConfigInvalidError, MemoryNewerError, sqlite3.Error, OSError)
"""Said by the checks of memory and configuration; the others then have nothing to look at."""
REMEDIES = {
    # class of an error in the log: what mends its cause
    "ConfigInvalidError": "the check `config` names the line to edit",
    "DatabaseError": "the check `memory` says whether its file is damaged",
    "ImportError": "the plugin was copied in part: reinstall it",
    "MemoryNewerError": "an older copy of the plugin is still running: update it, or restart that session",
    "ModuleNotFoundError": "the plugin was copied in part: reinstall it",
    "OSError": "the check `disk` says whether files can be written",
    "OperationalError": "the disk is full or read-only, or another process holds the memory for long",
    "RuntimeFolderUnsafeError": "the check `store local` names the folder",
    "StoreNotStartedError": "the check `store local` starts the store and says why it does not",
    "StoreUnavailableError": "a store was away or too slow; the checks of the stores say whether it still is",
}
OTHERWISE = "if it goes on, report it with this line"


def memory(runtime: Runtime) -> Iterator[Finding]:
    """Whether the memory can be read, written, and trusted."""
    path = runtime.folders.memory
    try:
        ((verdict,),) = runtime.memory.read("PRAGMA quick_check(1)")
        with runtime.memory.write():
            pass  # beginning to write is what fails on a read-only or full disk
    except MemoryNewerError as error:
        yield Finding("memory", "problem", str(error), "claude plugin update commontrace@commontrace")
        return
    except (sqlite3.Error, OSError) as error:
        damaged = isinstance(error, sqlite3.Error) and trouble.code(error) in trouble.DAMAGED
        remedy = _put_aside(path) if damaged else f"give yourself access to {path.parent} and make room there"
        yield Finding("memory", "problem", f"{path}: {error}", remedy)
        return
    if verdict != "ok":
        yield Finding("memory", "problem", f"{path}: {verdict}", _put_aside(path))
    else:
        yield Finding("memory", "ok", f"{path}, {path.stat().st_size // 1024} kB")


def _put_aside(path: Path) -> str:
    """The command for a damaged memory; the next use makes a new one."""
    kept = f"{path}.damaged"
    return (
        f"mv {shlex.quote(str(path))} {shlex.quote(kept)}; then begin a new session: it has a new memory. "
        "Drafts, and what was not sent yet, stay in the old file"
    )


def drafted(runtime: Runtime) -> Iterator[Finding]:
    """Drafts that wait for the person."""
    try:
        waiting = drafts.listed(runtime.memory)
    except UNUSABLE:
        return
    yield Finding("drafts", "ok", f"{len(waiting)} wait for your yes (`commontrace drafts`)")


def outbox(runtime: Runtime) -> Iterator[Finding]:
    """What could not be sent, or was refused."""
    try:
        items = runtime.outbox.items("queued", "refused")
    except UNUSABLE:
        return
    for item in items:
        if item.state == "refused":
            remedy = (
                f"`commontrace drafts` has it again as {item.draft}"
                if item.draft
                else "nothing is sent again"
            )
            yield Finding("outbox", "warning", f"a {item.kind} for {item.store}: {item.last_error}", remedy)
        elif time.time() - item.created_at > STUCK_SECONDS:
            detail = (
                f"a {item.kind} for {item.store} has waited for an hour: {item.last_error or 'not tried yet'}"
            )
            yield Finding(
                "outbox", "warning", detail, f"check the store {item.store}; it is sent when that answers"
            )
    queued = sum(item.state == "queued" for item in items)
    yield Finding("outbox", "ok", f"{queued} on their way")


def paused(runtime: Runtime) -> Iterator[Finding]:
    """Where the plugin is silent on purpose."""
    known = pauses.Pauses(pauses.path(runtime.folders.data)).all()
    for pause in known:
        option = f" --{pause.kind} {shlex.quote(pause.name)}" if pause.name else ""
        detail = f"paused: {pause.kind} {pause.name}".rstrip()
        yield Finding("pauses", "warning", detail, f"`commontrace resume{option}` ends it")
    if not known:
        yield Finding("pauses", "ok", "nothing is paused")


def errors(runtime: Runtime) -> Iterator[Finding]:
    """What the hooks have written down of the last day."""
    recent = Counter(_recent_errors(runtime.folders.logs))
    for (where, error, place), count in recent.most_common(SHOWN_MOST):
        detail = f"{count} x {error} in {where} ({place}) in the last 24 hours"
        yield Finding("errors", "warning", detail, REMEDIES.get(error, OTHERWISE))
    if not recent:
        yield Finding("errors", "ok", "none in the last 24 hours")


def _recent_errors(logs: Path) -> Iterator[tuple[str, str, str]]:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - RECENT_SECONDS))
    for name in ("hooks.log.1", "hooks.log"):
        for line in _lines(logs / name):
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a line that was cut when the log was begun anew
            if isinstance(entry, dict) and str(entry.get("at", "")) >= since:
                yield str(entry.get("where")), str(entry.get("error")), str(entry.get("place"))


def _lines(log: Path) -> list[str]:
    try:
        return log.read_text(errors="replace").splitlines()
    except OSError:
        return []
