"""Finds and ends the processes of one COMMONTRACE_HOME: servers, the local store, its database."""

import os
import re
import time
from pathlib import Path

import psutil

POLL_SECONDS = 0.1


def belonging(home: Path) -> list[psutil.Process]:
    """The live processes that were started for `home`.

    A process belongs to it by its environment, its command line or its working directory: PostgreSQL's own
    processes overwrite the first two. The calling process and its ancestors never count.
    """
    this = psutil.Process()
    own = {this.pid, *(parent.pid for parent in this.parents())}
    return [
        process
        for process in psutil.process_iter()
        if process.pid not in own and _belongs(process, str(home))
    ]


def wait_until_none(home: Path, seconds: float) -> list[str]:
    """Wait until no process belongs to `home`, `seconds` at most; describes those that are left."""
    deadline = time.monotonic() + seconds
    while (left := belonging(home)) and time.monotonic() < deadline:
        time.sleep(POLL_SECONDS)
    return [description for process in left if (description := _describe(process))]


def end_all(home: Path) -> None:
    """Kill every process that belongs to `home` and wait for the end of each."""
    for _ in range(3):  # a dying supervisor may just have started another child
        found = belonging(home)
        if not found:
            return
        for process in found:
            end(process)


def end(process: psutil.Process) -> None:
    """Kill one process; it may be gone already."""
    try:
        process.kill()
        process.wait(5)
    except psutil.NoSuchProcess:
        return


def _belongs(process: psutil.Process, home: str) -> bool:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        named = re.compile(re.escape(home) + r"(?![\w-])")  # not a folder whose name goes on
        if any(map(named.search, process.cmdline())):
            return True
        if Path(process.cwd()).is_relative_to(home):
            return True
        return Path(process.environ().get("COMMONTRACE_HOME", os.sep)).is_relative_to(home)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def _describe(process: psutil.Process) -> str:
    try:
        return f"{process.pid} ({process.status()}): {' '.join(process.cmdline())[:200]}"
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return ""
