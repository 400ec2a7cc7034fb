"""What the commands share: one way to fail, one way to reach the local store, one way to print a trace."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from commontrace import render
from commontrace.cli.progress import waiting
from commontrace.config import LOCAL
from commontrace.paths import Paths
from commontrace.settings import Settings

if TYPE_CHECKING:
    from commontrace.runtime import Runtime
    from commontrace.stores import Store, Trace

ROOT = Path(__file__).resolve().parents[3]
"""The plugin's folder."""
START_SECONDS = 60
BUSY_MS = 5000
"""A person at a prompt waits longer than a hook does."""


class CommandError(Exception):
    """A command cannot do what it was asked; the message says what to do."""


@contextmanager
def offline(**changes: int) -> "Iterator[Runtime]":
    """What a command works with; the store on this machine is left as it is.

    Args:
        changes: settings that this command needs otherwise.
    """
    from commontrace.runtime import Runtime  # not every command needs one

    settings = dataclasses.replace(Settings.from_environment(), memory_busy_ms=BUSY_MS)
    built = Runtime(ROOT, Paths.from_environment(), dataclasses.replace(settings, **changes))
    try:
        yield built
    finally:
        built.release()


@contextmanager
def runtime(**changes: int) -> "Iterator[Runtime]":
    """The same with the store on this machine started and answering."""
    with offline(**changes) as built:
        start(built)
        yield built


def start(built: "Runtime") -> None:
    """Have the store on this machine started and answering."""
    if built.local.store.ready():
        built.local.wait_ready(START_SECONDS)  # which also counts it as connected
        return
    with waiting("Starting the local store"):
        built.local.wait_ready(START_SECONDS)


def reach(built: "Runtime", name: str) -> "Store":
    """A store by its name; the one on this machine is started.

    Raises:
        StoreUnknownError: there is none of this name.
    """
    if name == LOCAL:
        start(built)
    else:
        built.config.store(name)
    return built.stores[name]


def block(text: str) -> str:
    """Foreign text for a terminal: indented, without control characters."""
    return "\n".join("    " + render.visible(line) for line in text.splitlines())


def whole(trace: "Trace") -> str:
    """A trace for a person to read."""
    lines = [
        render.one_line(trace.title),
        f"  id      {trace.id}",
        f"  status  {render.word(trace.status)}, {render.word(trace.kind)}, from {render.word(trace.origin)}",
        f"  tags    {', '.join(render.one_line(tag) for tag in trace.tags) or '-'}",
        "  problem",
        block(trace.context_text),
        "  solution",
        block(trace.solution_text),
    ]
    return "\n".join(lines)
