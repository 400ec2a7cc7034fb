"""`bench faults`: kills, cuts and a bad provider under a store that is written to; what is lost."""

import argparse
import asyncio
import json
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import psutil
from sqlalchemy import text

from benchmarks.provider import Mood
from benchmarks.proxy import State
from benchmarks.storm import Report, Storm
from commontrace_server.database import create_engine

RECOVERY_SECONDS = 90.0
PROBE_SECONDS = 0.1

Fault = Callable[[Storm, float], Awaitable[None]]


def main(argv: list[str]) -> int:
    """Measure and print; 0 when nothing was lost and everything came back, 1 otherwise."""
    parser = argparse.ArgumentParser(prog="bench faults", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="times that each fault happens (%(default)s)")
    parser.add_argument("--seconds", type=float, default=6.0, help="that a fault lasts (%(default)s)")
    parser.add_argument("--only", nargs="*", choices=FAULTS, metavar="FAULT", help=f"of: {', '.join(FAULTS)}")
    parser.add_argument("--json", type=Path, help="write the report here")
    options = parser.parse_args(argv)
    try:
        report = asyncio.run(storm(options.only or list(FAULTS), options.rounds, options.seconds))
    except asyncio.CancelledError:
        print("bench faults: ended before it was done", file=sys.stderr)
        return 1
    said = json.dumps(vars(report) | {"clean": report.is_clean}, indent=1)
    print(said)
    if options.json is not None:
        options.json.write_text(said + "\n", encoding="utf-8")
    return 0 if report.is_clean else 1


async def storm(names: list[str], rounds: int, seconds: float) -> Report:
    """Let the named faults happen to a temporary store, all of them in each round."""
    task = asyncio.current_task()
    assert task is not None
    # nothing that was started stays behind
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, task.cancel)
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(
            tempfile.TemporaryDirectory(prefix="ct-faults-", ignore_cleanup_errors=True)
        )
        one = Storm(Path(folder), stack)
        await one.begin()
        async with one.loaded():
            for _ in range(rounds):
                for name in names:
                    await strike(one, name, seconds)
        await one.count()
        return one.report


async def strike(one: Storm, name: str, seconds: float) -> None:
    """Let a fault happen and pass, and wait until the store reads and writes again."""
    if name == KILL_VALKEY and one.valkey is None:
        return
    await FAULTS[name](one, seconds)
    ended = time.monotonic()
    while min(one.last.values()) < ended:
        if time.monotonic() - ended > RECOVERY_SECONDS:
            one.report.not_recovered.append(name)
            return
        await asyncio.sleep(PROBE_SECONDS)
    took = round(time.monotonic() - ended, 2)
    print(f"{name}: back after {took} s", file=sys.stderr, flush=True)
    one.report.recovery_seconds[name] = max(took, one.report.recovery_seconds.get(name, 0.0))


async def _kill_worker(one: Storm, _seconds: float) -> None:
    assert one.serving is not None
    psutil.Process(one.serving.pid).children()[0].kill()


async def _kill_postgres(one: Storm, _seconds: float) -> None:
    """Whoever runs the database starts it again; the store is told nothing."""
    pid = int((one.folder / "postgres/pgdata/postmaster.pid").read_text().split()[0])
    psutil.Process(pid).kill()
    await asyncio.to_thread(one.cluster.start)
    one.proxy.aim(one.socket())


async def _kill_valkey(one: Storm, seconds: float) -> None:
    assert one.valkey is not None
    one.valkey.kill()
    await asyncio.sleep(seconds)
    one.valkey.start()


async def _lock(one: Storm, seconds: float) -> None:
    """Hold what every request needs, so that each keeps its connection and the pool runs dry."""
    engine = create_engine(one.cluster.url)
    async with engine.begin() as connection:
        await connection.execute(text("LOCK TABLE traces, accounts IN ACCESS EXCLUSIVE MODE"))
        await asyncio.sleep(seconds)
    await engine.dispose()


def _mood(mood: Mood) -> Fault:
    async def fault(one: Storm, seconds: float) -> None:
        one.provider.mood = mood
        await asyncio.sleep(seconds)
        one.provider.mood = "good"

    return fault


def _network(state: State) -> Fault:
    async def fault(one: Storm, seconds: float) -> None:
        one.proxy.become(state)
        await asyncio.sleep(seconds)
        one.proxy.become("open")

    return fault


KILL_VALKEY = "valkey-killed"
FAULTS: Mapping[str, Fault] = {
    "worker-killed": _kill_worker,
    KILL_VALKEY: _kill_valkey,
    "postgres-killed": _kill_postgres,
    "database-refuses": _network("refused"),
    "database-dark": _network("dark"),
    "tables-locked": _lock,
    "provider-slow": _mood("slow"),
    "provider-failing": _mood("failing"),
    "provider-lying": _mood("lying"),
}
