"""What the next session in a repository is told: chosen from memory and stores, checked, and written down."""

import contextlib
import json
import os
import sys
import tempfile
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from commontrace import brief, brief_file, context, paths, pauses
from commontrace.config import LOCAL
from commontrace.memory import repos
from commontrace.memory.repos import Known
from commontrace.stores import (
    Context,
    Hit,
    Query,
    StoreError,
    StoreForbiddenError,
    Trace,
)
from commontrace_rules import screening

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

STARTING_SECONDS = 20
SHOWN_MOST = 8
"""Traces shown lately, anywhere, of which their stores are asked whether they still have them."""


def prepare(runtime: "Runtime", root: str, briefs: str) -> list[Known]:
    """Choose the traces for the repository at `root`, write its brief, and return them, best first.

    A repository of which nothing is known has no brief. The stores are asked whether they still have each
    trace; what they have taken back, or what does not pass the screening, is left out.

    Args:
        runtime: leads to memory and stores.
        root: real path of the repository.
        briefs: the folder of the briefs.
    """
    best = repos.best(runtime.memory, root, brief.CANDIDATES)
    names = {item.trace for item in best}
    # What was shown elsewhere is asked for as well: whoever saw it should learn that it was taken back.
    lately = repos.shown_lately(runtime.memory, SHOWN_MOST)
    others = [item for item in lately if item.trace not in names and item.store in runtime.stores]
    known = [item for item in _checked(runtime, [*best, *others]) if item.trace in names]
    if len(known) < brief.MOST:
        known += _suggested(runtime, root, {item.trace for item in known})
    known = brief.safe(known)
    write(runtime, root, briefs, known)
    return known


def write(runtime: "Runtime", root: str, briefs: str, known: Sequence[Known]) -> None:
    """Write the brief of a repository, or remove it where there is nothing to say."""
    file = Path(brief_file.path(briefs, root))
    if not known or "\n" in root:
        file.unlink(missing_ok=True)
        return
    said, named = brief.text(brief.OPENING, known)
    answer = brief.hook_json("SessionStart", said, brief.TOLD, named)
    sessions = [name for name in repos.sessions_with(runtime.memory, named) if len(name.split()) == 1]
    ids = [f"{item.store}/{item.trace}" for item in named]
    content = brief_file.Brief(root, ids, sessions, json.dumps(answer)).to_bytes()
    folder = paths.private_folder(Path(briefs))
    _replace(file, content)
    _link(folder / brief_file.PYTHON, os.path.realpath(sys.executable))
    _link(folder / pauses.FILE, pauses.path(runtime.folders.data))
    _prune(folder)


def known(store: str, trace: Hit | Trace) -> Known:
    """A trace by name."""
    return Known(store, str(trace.id), trace.title, brief.first_line(trace.context_text), time.time())


def _checked(runtime: "Runtime", traces: Sequence[Known]) -> list[Known]:
    """The traces as their stores have them now; a store that does not answer leaves what is recent."""
    now: dict[Known, Known] = {}  # as it is named there
    away: set[str] = set()
    for store in dict.fromkeys(item.store for item in traces):
        of_store = [item for item in traces if item.store == store]
        try:
            now |= _ask(runtime, store, of_store)
        except StoreForbiddenError:
            continue  # none of them is for this account
        except StoreError:
            away.add(store)
    asked = [item for item in traces if item.store not in away]
    if asked:
        gone = [item for item in asked if item not in now]
        repos.checked(runtime.memory, [now[item] for item in asked if item in now], gone)
    recent = brief.fresh(item for item in traces if item.store in away)
    return [now.get(item, item) for item in traces if item in now or item in recent]


def _ask(runtime: "Runtime", name: str, traces: Sequence[Known]) -> dict[Known, Known]:
    """Those of a store's traces that it has and that may be named, each as it is there now.

    Raises:
        StoreError: the store does not answer.
    """
    store = runtime.stores.get(name)
    if store is None:
        return {}
    if name == LOCAL:
        runtime.local.wait_connected(STARTING_SECONDS)
    found = store.several([uuid.UUID(item.trace) for item in traces])
    there = ((item, found.get(uuid.UUID(item.trace))) for item in traces)
    return {item: known(name, trace) for item, trace in there if trace is not None and _may_be_named(trace)}


def _may_be_named(trace: Trace) -> bool:
    clean = screening.screen(trace.model_dump(mode="json")).verdict == "clean"
    return clean and trace.status == "published"


def _suggested(runtime: "Runtime", root: str, already: set[str]) -> list[Known]:
    """What the local store is sure of for the repository's direct dependencies taken together."""
    project = context.read(root)
    if not project.is_telling:
        return []
    query = Query(
        query=f"{' '.join(project.languages)} project with {', '.join(project.named)}",
        kind="session_context",
        context=Context(languages=list(project.languages), frameworks=list(project.named)),
        limit=brief.MOST,
    )
    try:
        runtime.local.wait_connected(STARTING_SECONDS)
        found = runtime.local.store.search(query)
    except StoreError:
        return []  # the store's absence is recorded where it is started
    hits = [hit for hit in found.hits if hit.automatic and str(hit.id) not in already and not found.abstained]
    chosen = [
        known(LOCAL, hit) for hit in hits if screening.screen(hit.model_dump(mode="json")).verdict == "clean"
    ]
    if chosen:
        repos.checked(runtime.memory, chosen, [])
    return chosen


def _replace(file: Path, content: bytes) -> None:
    """Write a file that appears whole or not at all, for this user alone."""
    descriptor, part = tempfile.mkstemp(dir=file.parent, prefix=".part-")
    try:
        with os.fdopen(descriptor, "wb") as target:
            target.write(content)
        Path(part).replace(file)
    except OSError:
        with contextlib.suppress(OSError):
            Path(part).unlink()
        raise


def _link(link: Path, target: str) -> None:
    """Note a path for the process that reads the briefs: which interpreter works, where pauses are."""
    if link.is_symlink() and str(link.readlink()) == target:
        return
    part = link.with_name(f".part-{uuid.uuid4().hex}")
    part.symlink_to(target)
    part.replace(link)


def _prune(folder: Path) -> None:
    """Remove what is too old to be said and what an interrupted writer has left."""
    oldest = time.time() - brief_file.VALID_SECONDS
    for file in folder.iterdir():
        with contextlib.suppress(FileNotFoundError):
            if file.name not in (brief_file.PYTHON, pauses.FILE) and file.lstat().st_mtime < oldest:
                file.unlink()
