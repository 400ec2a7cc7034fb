"""`bench client`: what the plugin's processes take of a person's time, memory and processor.

The hook server and the tool server are started as the client starts them, the store as they start it, on an
environment that is there already. Each failing command prints an error of the starter pack, in a session of
its own: first an error that the store has not been asked about since it started, then the same ones again.
"""

import argparse
import json
import os
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

from benchmarks.processes import Family
from benchmarks.sessions import Server, environ_of, share_environment
from commontrace import environment
from commontrace.failure import query as condensed
from commontrace.paths import Paths
from commontrace.settings import Settings
from commontrace_rules.signature import signatures
from commontrace_server.starter import loader

ROOT = Path(environment.ROOT)
ECHO = Path(__file__).with_name("echo_server.py")
STARTS = 10
DEADLINE_MS = 5000  # ten times ours, so that what comes late is seen
AGAIN = 4  # rounds in which every error comes again
READY_SECONDS = 300.0
IDLE_SECONDS = 20  # until the store ends without a session; one server follows the other sooner
SETTLE_SECONDS = 60.0  # at most, until what the calls left to be done is done
PRINTED = re.compile(r"```text\n(.+?)```", re.DOTALL)
Figures = dict[str, dict[str, Any]]


def main(argv: list[str]) -> int:
    """Measure, print what came of it and write it as JSON."""
    parser = argparse.ArgumentParser(prog="bench client", description=__doc__)
    parser.add_argument("--idle", type=float, default=20, help="seconds without a call (%(default)s)")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    options = parser.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="ct-client-", ignore_cleanup_errors=True) as folder:
        home = Path(folder) / "home"
        share_environment(home)
        figures = Bench(home).measure(options.idle)
    for part, found in figures.items():
        print(part, *(f"  {name:24} {value}" for name, value in found.items()), sep="\n")
    if options.json is not None:
        options.json.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0


class Bench:
    """One run in one COMMONTRACE_HOME.

    Args:
        home: the COMMONTRACE_HOME; the environment is there already.
    """

    def __init__(self, home: Path) -> None:
        self._home = home
        self._environ = {
            **environ_of(home, IDLE_SECONDS),
            "COMMONTRACE_DEADLINE_MS": str(DEADLINE_MS),
        }
        self._socket = Paths.from_environment({"COMMONTRACE_HOME": str(home)}).socket
        self._sessions = 0

    def measure(self, idle: float) -> Figures:
        """Return all figures, by part.

        Args:
            idle: seconds in which nothing is asked.
        """
        with self._server("tools") as tools:
            tools.connect()
            tools.call("list_tags", {})  # compiles what the first session of a machine has to compile
        figures: Figures = {"ready": {name: self._starts(name) for name in ("echo", "hooks", "tools")}}
        with self._server("echo") as echo, self._server("hooks") as hooks, self._server("tools") as tools:
            began = time.perf_counter()
            for server in (echo, hooks, tools):
                server.connect()
            self._wait_warm()
            figures["store"] = {"seconds_to_warm": round(time.perf_counter() - began, 1)}
            family = Family(self._home, {"hook_server": hooks.process.pid, "tool_server": tools.process.pid})
            family.settle(SETTLE_SECONDS)  # few sessions fail while their servers are starting
            before = family.cpu_ms()
            figures["injected"] = self._injections(hooks, echo)
            figures["cpu_ms_per_failure"] = {
                name: round((spent - before[name]) / self._sessions, 1)
                for name, spent in family.cpu_ms().items()
            }
            figures["store"]["seconds_to_settle"] = family.settle(SETTLE_SECONDS)
            figures["memory_mb"] = family.memory()
            figures["idle"] = family.rest(idle)
            figures["first_tool_call"] = _spread([_took(lambda: tools.call("list_tags", {}))])
            figures["memory_mb_after_it"] = family.memory()
        family.wait_gone(READY_SECONDS)
        return figures

    def _starts(self, name: str) -> dict[str, Any]:
        """From the start of a server to its list of tools."""
        took: list[float] = []
        for _ in range(STARTS):
            began = time.perf_counter()
            with self._server(name) as server:
                server.connect()
                server.tools()
                took.append(time.perf_counter() - began)
        return _spread(took)

    def _server(self, name: str) -> Server:
        if name == "echo":
            return Server([os.path.realpath(sys.executable), "-I", "-S", str(ECHO)], self._environ)
        return Server.of_plugin(ROOT, name, self._environ)

    def _wait_warm(self) -> None:
        """Wait until the store answers searches with vectors, and has embedded the starter pack."""
        until = time.monotonic() + READY_SECONDS
        while time.monotonic() < until:
            try:
                with self._store() as store:
                    known = store.get("/v1/traces", params={"limit": 100}).json()["items"]
                    found = store.post("/v1/search", json={"query": "is it ready?"}).json()
                if known and all(one["embedded"] for one in known) and not found["degraded"]:
                    return
            except (httpx.HTTPError, KeyError):
                pass
            time.sleep(0.2)
        raise TimeoutError("the local store did not become ready")

    def _injections(self, hooks: Server, echo: Server) -> dict[str, Any]:
        """How long errors wait for their traces, for the first time and again, and what is below that."""
        errors = list(_errors())
        first = [self._fail(hooks, error) for error in errors]
        known = [error for error, (told, _) in zip(errors, first, strict=True) if told]
        again = [self._fail(hooks, error) for _ in range(AGAIN) for error in known]
        bare = [self._fail(echo, error) for _ in range(AGAIN) for error in known]
        return {
            "errors": len(errors),
            "first": _spread([seconds for told, seconds in first if told]),
            "again": _spread([seconds for told, seconds in again if told]),
            "silent_again": sum(not told for told, _ in again),
            "beyond_deadline": sum(seconds > Settings.deadline_ms / 1000 for _, seconds in [*first, *again]),
            "search_alone": _spread(self._searches(known)),
            "echo": _spread([seconds for _, seconds in bare]),
        }

    def _fail(self, server: Server, error: str) -> tuple[bool, float]:
        """Whether a trace came with a failing command in a new session, and after how many seconds."""
        self._sessions += 1
        session = {"session": f"bench-{self._sessions}", "cwd": str(self._home)}
        failing = {"event": "PostToolUseFailure", "command": "make test", "error": f"Exit code 1\n{error}"}
        began = time.perf_counter()
        said = server.call("hook", failing | session)
        return "additionalContext" in said, time.perf_counter() - began

    def _searches(self, errors: Sequence[str]) -> Iterator[float]:
        """Seconds that the store takes of it, asked by a client that does nothing else."""
        with self._store() as store:
            for error in [*errors] * AGAIN:
                asked = {"query": condensed(error) or error, "signatures": signatures(error), "kind": "error"}
                yield _took(partial(store.post, "/v1/search", json=asked))

    def _store(self) -> httpx.Client:
        return httpx.Client(transport=httpx.HTTPTransport(uds=str(self._socket)), base_url="http://store")


def _errors() -> Iterator[str]:
    """What the failing commands of the starter pack print."""
    for starter in loader.shipped():
        if found := PRINTED.search(starter.draft["context_text"]):
            yield found[1]


def _took(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _spread(seconds: Iterator[float] | list[float]) -> dict[str, Any]:
    """Median and 95th percentile in milliseconds, and of how many."""
    known = sorted(seconds)
    if not known:
        return {"calls": 0}
    high = known[min(len(known) - 1, int(0.95 * len(known)))]
    return {
        "p50_ms": round(statistics.median(known) * 1000, 1),
        "p95_ms": round(high * 1000, 1),
        "calls": len(known),
    }
