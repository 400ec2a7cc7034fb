"""Loads all code that a session may need while it is there: the plugin may be replaced meanwhile."""

import importlib
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator

import commontrace
import commontrace_rules
from commontrace_rules.screening import typosquats, wording

AFTER_SECONDS = 2.0
"""By then the session's first failure has what it needs; the rest is in no hurry."""
OTHERS = ("__main__", "cli", "demo_repo", "gateway", "hook_startup", "tool_front", "tool_startup", "tools")
"""What no hook uses."""


def start(record: Callable[[str, BaseException], None]) -> None:
    """Load in a thread, in a moment.

    Args:
        record: is told what could not be loaded.
    """

    def load() -> None:
        time.sleep(AFTER_SECONDS)
        try:
            for name in modules():
                importlib.import_module(name)
            _read_tables()
        except Exception as error:  # noqa: BLE001  a thread's edge; the hooks go on with what there is
            record("load", error)

    threading.Thread(target=load, name="load", daemon=True).start()


def _read_tables() -> None:
    """What the rules know that is no module, and is read when it is first needed."""
    wording.log_odds("")
    list(typosquats.typosquats("pip install a"))


def modules() -> Iterator[str]:
    """The names of all modules that a hook may use."""
    for package in (commontrace, commontrace_rules):
        for found in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            if found.name.removeprefix("commontrace.") not in OTHERS:
                yield from _below(found)


def _below(found: pkgutil.ModuleInfo) -> Iterator[str]:
    yield found.name
    if found.ispkg:
        place = importlib.import_module(found.name).__path__
        for inner in pkgutil.iter_modules(place, f"{found.name}."):
            yield from _below(inner)
