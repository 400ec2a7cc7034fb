"""Loads all that a session may need: the plugin may be replaced, and a trace is not to wait for its rules."""

import importlib
import pkgutil
import threading
import time
from collections.abc import Callable, Iterator

import commontrace
import commontrace_rules
from commontrace_rules.screening import warming

AFTER_SECONDS = 2.0
"""The client has started by then, and a failure is answered without all this, only slower."""
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
            warming.warm()  # reads what the rules know that is no module, too
            for name in modules():
                importlib.import_module(name)
        except Exception as error:  # noqa: BLE001  a thread's edge; the hooks go on with what there is
            record("load", error)

    threading.Thread(target=load, name="load", daemon=True).start()


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
