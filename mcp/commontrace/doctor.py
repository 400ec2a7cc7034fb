"""What is wrong with this installation, and how to mend it: every finding comes with its remedy."""

import json
import os
import sqlite3
import stat
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from commontrace import environment
from commontrace.config import LOCAL, ConfigInvalidError
from commontrace.local_store import StoreNotStartedError
from commontrace.memory import MemoryNewerError
from commontrace.paths import RuntimeFolderUnsafeError
from commontrace.runtime import Runtime
from commontrace.stores import Query, Store, StoreError

Level = Literal["ok", "warning", "problem"]
RECENT_SECONDS = 24 * 3600.0
STUCK_SECONDS = 3600.0
START_SECONDS = 60
CANARY = "ModuleNotFoundError: No module named 'yaml'"
"""The store ships with an answer to this; silence means that search is broken."""


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at; `remedy` is empty where nothing is to be done."""

    check: str
    level: Level
    detail: str
    remedy: str = ""


def examine(runtime: Runtime) -> list[Finding]:
    """Look at everything; one failing check does not keep the others from being made."""
    checks: tuple[Callable[[Runtime], Iterator[Finding]], ...] = (
        _environment,
        _config,
        _local_store,
        _connected_stores,
        _memory,
        _outbox,
        _errors,
    )
    return [finding for check in checks for finding in check(runtime)]


def _environment(runtime: Runtime) -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    if environment.is_ready(environment.environment_dir()):
        yield Finding("environment", "ok", f"Python {version} in {sys.prefix}")
    else:
        yield Finding(
            "environment",
            "warning",
            f"this runs on Python {version} in {sys.prefix}; the plugin's own environment is not built",
            "run scripts/commontrace of the plugin once; it builds the environment",
        )
    if not os.access(_existing(runtime.folders.data), os.W_OK):
        yield Finding(
            "environment",
            "problem",
            f"{runtime.folders.data} cannot be written",
            "give yourself access, or set COMMONTRACE_HOME to another folder",
        )


def _config(runtime: Runtime) -> Iterator[Finding]:
    path = runtime.folders.config
    try:
        config = runtime.config
        for store in config.stores.values():
            store.key()
    except ConfigInvalidError as error:
        yield Finding("config", "problem", str(error), f"edit {path}, or run `commontrace setup`")
        return
    for key in config.unknown:
        yield Finding(
            "config", "warning", f"{path}: nothing reads {key}", "correct its spelling, or remove it"
        )
    if path.exists() and stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield Finding("config", "warning", f"others can read {path}", f"chmod 600 {path}")
    yield Finding(
        "config", "ok", f"{len(config.stores)} connected stores, drafts go to {config.default_store}"
    )


def _local_store(runtime: Runtime) -> Iterator[Finding]:
    try:
        runtime.local.wait_ready(START_SECONDS)
        found = runtime.local.store.search(Query(query=CANARY, kind="error", limit=1))
    except (StoreNotStartedError, RuntimeFolderUnsafeError, OSError) as error:
        remedy = f"read {runtime.folders.logs / 'store.log'}"
        yield Finding("store local", "problem", str(error), remedy)
        return
    except StoreError as error:
        yield Finding(
            "store local", "problem", str(error), "end the store's process; it starts again by itself"
        )
        return
    for signal in found.degraded:
        yield Finding(
            "store local", "warning", f"search works without {signal}", "wait a minute, then look again"
        )
    if not found.hits:
        detail = "a search that must find something found nothing"
        yield Finding("store local", "problem", detail, f"read {runtime.folders.logs / 'store.log'}")
    else:
        yield Finding("store local", "ok", "answers, and finds what it must")


def _connected_stores(runtime: Runtime) -> Iterator[Finding]:
    try:
        stores = [store for store in runtime.stores.values() if store.name != LOCAL]
    except ConfigInvalidError:
        return  # said by the check of the configuration
    yield from map(_connected, stores)


def _connected(store: Store) -> Finding:
    check = f"store {store.name}"
    try:
        account = store.me()
    except StoreError as error:
        return Finding(
            check, "problem", str(error), f"check the network and {store.url}, or run `commontrace setup`"
        )
    return Finding(check, "ok", f"answers, and knows you as {account.name}")


def _memory(runtime: Runtime) -> Iterator[Finding]:
    path = runtime.folders.memory
    try:
        ((verdict,),) = runtime.memory.read("PRAGMA quick_check(1)")
    except MemoryNewerError as error:
        yield Finding("memory", "problem", str(error), "update the plugin")
        return
    except (sqlite3.Error, OSError) as error:
        yield Finding("memory", "problem", f"{path}: {error}", f"move {path} away; a new one is made")
        return
    if verdict != "ok":
        yield Finding("memory", "problem", f"{path}: {verdict}", f"move {path} away; a new one is made")
    else:
        yield Finding("memory", "ok", f"{path}, {path.stat().st_size // 1024} kB")


def _outbox(runtime: Runtime) -> Iterator[Finding]:
    try:
        items = runtime.outbox.items("queued", "refused")
    except (ConfigInvalidError, MemoryNewerError, sqlite3.Error, OSError):
        return  # said by the checks before
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


def _errors(runtime: Runtime) -> Iterator[Finding]:
    recent = Counter(_recent_errors(runtime.folders.logs))
    for (where, error, place), count in recent.most_common(5):
        detail = f"{count} x {error} in {where} ({place}) in the last 24 hours"
        yield Finding("errors", "warning", detail, "if it goes on, report it with this line")
    if not recent:
        yield Finding("errors", "ok", "none in the last 24 hours")


def _recent_errors(logs: Path) -> Iterator[tuple[str, str, str]]:
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() - RECENT_SECONDS))
    for name in ("hooks.log.1", "hooks.log"):
        log = logs / name
        for line in log.read_text(errors="replace").splitlines() if log.exists() else ():
            try:
                entry = json.loads(line)
            except ValueError:
                continue  # a line that was cut when the log was begun anew
            if isinstance(entry, dict) and str(entry.get("at", "")) >= since:
                yield str(entry.get("where")), str(entry.get("error")), str(entry.get("place"))


def _existing(path: Path) -> Path:
    return next(folder for folder in (path, *path.parents) if folder.exists())
