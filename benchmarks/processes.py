"""The processes of one COMMONTRACE_HOME: what they hold in memory, and what they do when nobody asks."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import psutil

LOOK_SECONDS = 0.2
RESTING_MS = 10  # in a second: what the clock of processor times can tell


class Family:
    """The two servers of a session, the store that they have started and its PostgreSQL.

    Args:
        home: the COMMONTRACE_HOME.
        servers: name and pid of each server.
    """

    def __init__(self, home: Path, servers: Mapping[str, int]) -> None:
        self._store = str(home / "store")
        self._servers = servers

    def memory(self) -> dict[str, float]:
        """MB by part; what several processes share counts once, divided between them."""
        return {name: round(sum(map(_size, part)) / 2**20, 1) for name, part in self._parts().items()}

    def rest(self, seconds: float) -> dict[str, Any]:
        """Milliseconds of processor time, and how often a process woke up, by part, while nothing is asked.

        Args:
            seconds: how long to look.
        """
        parts = self._parts()
        before = {name: _activity(part) for name, part in parts.items()}
        time.sleep(seconds)
        after = {name: _activity(part) for name, part in parts.items()}
        figures: dict[str, Any] = {"seconds": seconds}
        for name, (worked, woken) in after.items():
            figures[name] = {
                "cpu_ms": round((worked - before[name][0]) * 1000),
                "wakeups": woken - before[name][1],
            }
        return figures

    def cpu_ms(self) -> dict[str, float]:
        """Milliseconds of processor time that each part has used so far."""
        return {name: _activity(part)[0] * 1000 for name, part in self._parts().items()}

    def settle(self, seconds: float) -> int:
        """Wait until nothing has worked for a second, and return after how many.

        Args:
            seconds: how long to wait at most.
        """
        before = sum(self.cpu_ms().values())
        for waited in range(1, int(seconds) + 1):
            time.sleep(1)
            worked = sum(self.cpu_ms().values())
            if worked - before <= RESTING_MS:
                return waited
            before = worked
        return int(seconds)

    def wait_gone(self, seconds: float) -> None:
        """Wait until the store and its PostgreSQL have ended.

        Raises:
            TimeoutError: they go on.
        """
        until = time.monotonic() + seconds
        while any(True for _ in self._stores()):
            if time.monotonic() > until:
                raise TimeoutError("the local store did not end")
            time.sleep(LOOK_SECONDS)

    def _parts(self) -> dict[str, list[psutil.Process]]:
        others = list(self._stores())
        # the store is a child of the server that has started it
        parts = {
            name: [one for one in _whole(psutil.Process(pid)) if one not in others]
            for name, pid in self._servers.items()
        }
        parts["store"] = [one for one in others if " serve " in " ".join(one.cmdline())]
        databases = [one for one in others if one not in parts["store"]]
        parts["postgres"] = list({one.pid: one for each in databases for one in _whole(each)}.values())
        return parts

    def _stores(self) -> Iterator[psutil.Process]:
        """The store, its PostgreSQL, and what looks after that: they name its folder."""
        for process in psutil.process_iter():
            try:
                line = process.cmdline()
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
            if any(self._store in part for part in line):
                yield process


def _whole(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


def _size(process: psutil.Process) -> int:
    known = process.memory_full_info()
    return int(getattr(known, "pss", known.uss))


def _activity(processes: list[psutil.Process]) -> tuple[float, int]:
    """Seconds of processor time, and how often one of them slept and was woken."""
    times = [process.cpu_times() for process in processes]
    switches = [process.num_ctx_switches().voluntary for process in processes]
    return sum(one.user + one.system for one in times), sum(switches)
