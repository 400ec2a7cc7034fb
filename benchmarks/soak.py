"""Many sessions at once, while clients, servers, store and PostgreSQL are killed at random; what is left."""

import argparse
import json
import os
import random
import sqlite3
import stat
import statistics
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.sessions import Server, ServerGoneError, environ_of, share_environment
from commontrace import drafts, environment, system
from commontrace.config import LOCAL
from commontrace.memory import Memory
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings

ROOT = Path(environment.ROOT)
IDLE_SECONDS = 3
GONE_SECONDS = 120.0
"""How long after the last session everything may take to end on a slow machine."""
KILL_EVERY = 1.5
"""Seconds between two kills, on average."""
TOOLS_EVERY = 6
"""Every so many sessions one also uses the tool server, which is slow to start."""
COMMANDS = 4
BUSY_MS = 60_000
ABANDONED_EVERY = 5
"""Every so many sessions the client is killed: its servers see the end of their input and no signal."""
TEMPORARY = (".part", ".tmp", ".removed-", ".new")
ERROR = "Exit code 1\nTraceback (most recent call last):\nModuleNotFoundError: No module named 'berth{}'"
DRAFT = {
    "title": "python cannot import the module berth",
    "context_text": "`ModuleNotFoundError: No module named 'berth'` when the tests of the harbour are run.",
    "solution_text": "The package has another name: run `pip install harbour-berth`, then the tests pass.",
    "tags": ["python"],
}


@dataclass
class Report:
    """How it went; everything from `processes` on should be empty.

    Attributes:
        sessions: how many were run.
        calls: hook calls that were answered.
        cut: sessions whose server was killed.
        kills: what was killed how often.
        resident: median MB of a hook server at its end, over the first and over the last quarter.
        memory_bytes: size of the sessions' memory afterwards.
        processes: what still runs.
        sockets: what is still there of them.
        temporary: files that were not renamed or removed.
        locks: that somebody still holds.
        lost: drafts and votes that were acknowledged and are not there.
        broken: what is wrong with the memory's file.
    """

    sessions: int = 0
    calls: int = 0
    cut: int = 0
    kills: dict[str, int] = field(default_factory=dict)
    resident: tuple[float, float] = (0.0, 0.0)
    memory_bytes: int = 0
    processes: list[str] = field(default_factory=list)
    sockets: list[str] = field(default_factory=list)
    temporary: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is left, and nothing is lost."""
        left = (self.processes, self.sockets, self.temporary, self.locks, self.lost, self.broken)
        return not any(left)


class Soak:
    """One run in one COMMONTRACE_HOME, which has the environment already.

    Args:
        home: the COMMONTRACE_HOME.
        seed: of what is random.
    """

    def __init__(self, home: Path, seed: int) -> None:
        self._home = home
        self._environ = environ_of(home, IDLE_SECONDS)
        self._random = random.Random(seed)  # noqa: S311  not for secrets
        self._folders = Paths.from_environment({"COMMONTRACE_HOME": str(home)})
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._kills: Counter[str] = Counter()
        self._resident: list[float] = []
        self._drafts: set[str] = set()
        self._votes: set[str] = set()
        self._report = Report()

    def run(self, sessions: int, parallel: int) -> Report:
        """Run the sessions, then one in peace, and look at what is left."""
        killer = threading.Thread(target=self._kill)
        killer.start()
        try:
            with ThreadPoolExecutor(parallel) as pool:
                list(pool.map(self._session, range(sessions)))
        finally:
            self._over.set()
            killer.join()
        self._session(sessions)
        self._look()
        return self._report

    def _session(self, number: int) -> None:
        cut = False
        with Server.of_plugin(ROOT, "hooks", self._environ) as server:
            try:
                self._hooks(server, number)
                self._note_size(server.process.pid)
                if number % ABANDONED_EVERY == 0:
                    server.abandon(GONE_SECONDS)
                    self._count("client")
            except ServerGoneError:
                cut = True
            except subprocess.TimeoutExpired:
                self._report.processes.append(f"hook server {number} outlives its client")
        if number % TOOLS_EVERY == 0:
            self._contribute(number)
        with self._lock:
            self._report.sessions += 1
            self._report.cut += cut

    def _hooks(self, server: Server, number: int) -> None:
        server.connect()
        session = {"session": f"soak-{number}", "cwd": str(self._home)}
        server.call("hook", {"event": "UserPromptSubmit", "prompt": "go on", **session})
        for step in range(COMMANDS):
            command = {"command": f"python berth{step}.py", **session}
            server.call("hook", {"event": "PostToolUseFailure", "error": ERROR.format(step), **command})
            server.call("hook", {"event": "PostToolUse", "stdout": "ok", **command})
            with self._lock:
                self._report.calls += 2

    def _contribute(self, number: int) -> None:
        """A draft by the tool server, and a vote in the outbox, each acknowledged or not."""
        title = f"{DRAFT['title']}, for the {number}th time"
        trace = DRAFT | {"title": title}
        with Server.of_plugin(ROOT, "tools", self._environ) as server:
            try:
                server.connect()
                said = server.call("contribute_trace", trace)
            except ServerGoneError:
                said = ""
        with closing(Memory(self._folders.memory, BUSY_MS)) as memory:
            if said:
                self._drafts.add(title)
            record = drafts.create(memory, "soak", drafts.Draft.model_validate(trace), "team")
            self._drafts.add(record.title)
        runtime = Runtime(ROOT, self._folders, Settings(memory_busy_ms=BUSY_MS))
        identifier = f"0199c2f0-5a3e-7cc1-9d52-{number:012d}"
        runtime.outbox.put("vote", LOCAL, {"trace": identifier, "value": 1, "by": "person"})
        runtime.release()
        self._votes.add(identifier)

    def _note_size(self, pid: int) -> None:
        try:
            size = psutil.Process(pid).memory_info().rss / 1e6
        except psutil.NoSuchProcess:
            return
        with self._lock:
            self._resident.append(size)

    def _kill(self) -> None:
        while not self._over.wait(self._random.uniform(0.3, 2.0) * KILL_EVERY):
            found = [(kind, process) for process in self._processes() if (kind := _kind(process))]
            kinds = sorted({kind for kind, _ in found})
            if not kinds:
                continue
            chosen = self._random.choice(kinds)
            victim = self._random.choice([process for kind, process in found if kind == chosen])
            try:
                victim.kill()
            except psutil.NoSuchProcess:
                continue
            self._count(chosen)

    def _count(self, killed: str) -> None:
        with self._lock:
            self._kills[killed] += 1

    def _processes(self) -> Iterator[psutil.Process]:
        for process in psutil.process_iter():
            try:
                if process.pid != os.getpid() and self._is_ours(process):
                    yield process
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        home = str(self._home)
        return (
            any(home in argument for argument in process.cmdline())
            or Path(process.cwd()).is_relative_to(home)
            or process.environ().get("COMMONTRACE_HOME") == home
        )

    def _look(self) -> None:
        until = time.monotonic() + GONE_SECONDS
        while (left := list(self._processes())) and time.monotonic() < until:
            time.sleep(0.2)
        report = self._report
        report.processes += [f"{process.pid} {_kind(process)}" for process in left]
        report.kills = dict(self._kills)
        report.resident = _quarters(self._resident)
        places = [path for place in (self._home, self._folders.runtime) for path in _all(place)]
        report.sockets = [str(path) for path in places if stat.S_ISSOCK(path.lstat().st_mode)]
        report.temporary = [str(path) for path in places if any(mark in path.name for mark in TEMPORARY)]
        report.locks = [str(path) for path in places if path.name.endswith(".lock") and _is_held(path)]
        self._look_into_memory()

    def _look_into_memory(self) -> None:
        self._report.memory_bytes = self._folders.memory.stat().st_size
        with closing(sqlite3.connect(self._folders.memory)) as memory:
            (state,) = memory.execute("PRAGMA integrity_check").fetchone()
            bodies = [json.loads(body) for (body,) in memory.execute("SELECT body FROM drafts")]
            votes = {trace for (trace,) in memory.execute("SELECT trace FROM outbox WHERE kind = 'vote'")}
        kept = {body["title"] for body in bodies}
        self._report.lost = sorted(self._drafts - kept) + sorted(self._votes - votes)
        self._report.broken = [] if state == "ok" else [state]


def _kind(process: psutil.Process) -> str:
    """What a process of ours is, as far as it is worth killing."""
    try:
        line = " ".join(process.cmdline())
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""
    names = {"hooks/server.py": "hook server", "mcp/server.py": "tool server", " serve ": "store"}
    for mark, name in names.items():
        if mark in line:
            return name
    return "postgres" if "postgres" in line else ""


def _all(place: Path) -> Iterator[Path]:
    """Everything below a folder that is ours to clean up, links not followed."""
    for folder, folders, files in os.walk(place):
        folders[:] = [name for name in folders if name not in ("pycache", "env", "pgdata")]
        yield from (Path(folder) / name for name in files)


def _is_held(lock: Path) -> bool:
    descriptor = os.open(lock, os.O_RDWR)
    try:
        return not system.try_lock(descriptor)
    finally:
        os.close(descriptor)


def _quarters(sizes: list[float]) -> tuple[float, float]:
    if not sizes:
        return 0.0, 0.0
    some = max(1, len(sizes) // 4)
    return statistics.median(sizes[:some]), statistics.median(sizes[-some:])


def main(argv: list[str]) -> int:
    """Run a soak in a temporary folder and print its report; 0 if it is clean."""
    parser = argparse.ArgumentParser(prog="bench soak", description=__doc__)
    parser.add_argument("--sessions", type=int, default=1000)
    parser.add_argument("--parallel", type=int, default=10)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        share_environment(home)
        report = Soak(home, arguments.seed).run(arguments.sessions, arguments.parallel)
    document: dict[str, Any] = asdict(report)
    print(json.dumps(document, indent=2))
    return 0 if report.is_clean else 1
