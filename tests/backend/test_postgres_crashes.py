"""What remains of an embedded cluster when processes are killed, and how it recovers."""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from commontrace_server.postgres.cluster import Cluster
from support.postgres import (
    LOST,
    Process,
    data,
    empty_data,
    keeper,
    living,
    postmaster,
    query,
    wait_until_gone,
)

__all__ = ["data", "empty_data"]

linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the parent-death signal of Linux")


@pytest.fixture
def cluster(data: Path) -> Iterator[Cluster]:
    cluster = Cluster(data)
    cluster.start()
    yield cluster
    cluster.stop()


async def test_killed_server_is_started_again_with_its_rows(cluster: Cluster) -> None:
    """After kill -9 of the server a start recovers at once, three times in a row, and no row is lost."""
    await query(cluster.url, "CREATE TABLE survivors (round int)")
    for number in range(3):
        await query(cluster.url, f"INSERT INTO survivors VALUES ({number})")
        postmaster(cluster.data).kill()
        cluster.start()
        assert await query(cluster.url, "SELECT count(*) FROM survivors") == number + 1


async def test_no_acknowledged_write_is_lost(cluster: Cluster) -> None:
    """Rows whose insert was acknowledged are there after the server was killed under the writers."""
    await query(cluster.url, "CREATE TABLE written (number int)")
    acknowledged = []

    async def write(number: int) -> None:
        with contextlib.suppress(*LOST):
            await query(cluster.url, f"INSERT INTO written VALUES ({number})")
            acknowledged.append(number)
            if number == 30:
                postmaster(cluster.data).kill()

    for start in range(0, 60, 6):
        await asyncio.gather(*(write(number) for number in range(start, start + 6)))
    cluster.start()
    found = await query(cluster.url, "SELECT array_agg(number) FROM written")
    assert len(acknowledged) > 24
    assert set(acknowledged) <= set(found)


def test_killed_server_is_not_alive(cluster: Cluster) -> None:
    """alive() tells a running server from a killed one, zombie or not."""
    assert cluster.alive()
    server = postmaster(cluster.data)
    server.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        server.wait(20)
    assert not cluster.alive()
    cluster.start()
    assert cluster.alive()


def test_killed_user_takes_the_server_with_it(data: Path) -> None:
    """After kill -9 of the only user neither server nor keeper is left."""
    with Process(data) as user:
        user.start()
        user.kill()
        wait_until_gone(data)
    assert not (data / "pgdata/postmaster.pid").exists()


def test_killed_user_leaves_the_server_to_others(data: Path) -> None:
    """Kill -9 of one user does not disturb another."""
    with Process(data) as first, Process(data) as second:
        first.start()
        second.start()
        before = postmaster(data)
        first.kill()
        assert second.ask("start")["alive"]
        assert postmaster(data) == before


def test_start_right_after_the_user_was_killed(data: Path) -> None:
    """A process that starts while the keeper may be stopping the server gets a server, every time."""
    for _ in range(5):
        with Process(data) as user:
            user.start()


@pytest.mark.parametrize("delay", [0.05, 0.2, 0.4, 0.7, 1.0])
def test_user_may_be_killed_during_the_first_start(empty_data: Path, delay: float) -> None:
    """Wherever the first start is broken off, nothing is left running and the next one works."""
    with Process(empty_data) as user:
        user.send("start")
        threading.Event().wait(0.2 + delay)
        user.kill()
    with Process(empty_data) as user:
        user.start()


@linux
@pytest.mark.parametrize("delay", [0.05, 0.2, 0.4, 0.7])
def test_keeper_may_be_killed_during_the_first_start(empty_data: Path, delay: float) -> None:
    """A data directory in the making is thrown away, never used."""
    with Process(empty_data) as user:
        user.send("start")
        while not (kept := living(empty_data)):
            threading.Event().wait(0.01)
        threading.Event().wait(delay)
        with contextlib.suppress(psutil.NoSuchProcess):
            kept[0].kill()
        user.answer()
        user.start()


@linux
async def test_killed_keeper_takes_the_server_with_it(data: Path) -> None:
    """A server never outlives its keeper, and its users get another one with every row."""
    cluster = Cluster(data)
    cluster.start()
    await query(cluster.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    keeper(data).kill()
    wait_until_gone(data)
    cluster.start()
    assert await query(cluster.url, "SELECT answer FROM kept") == 42
    cluster.stop()


def kill_to_its_end(child: psutil.Process) -> None:
    """Kill a child of ours, whose end somebody waits for; until it is gone it may still hold its locks."""
    child.kill()
    with contextlib.suppress(psutil.NoSuchProcess):
        while child.status():
            threading.Event().wait(0.001)


def test_start_right_after_the_keeper_was_killed(cluster: Cluster) -> None:
    """A start does not adopt a server that has lost its keeper."""
    before, kept = postmaster(cluster.data), keeper(cluster.data)
    kill_to_its_end(kept)
    cluster.start()
    assert cluster.alive()
    assert postmaster(cluster.data) != before


def test_keeper_that_was_replaced_leaves_no_zombie(cluster: Cluster) -> None:
    """A supervisor lives for months, and it is its workers that start the next: it is asked for nothing."""
    kept = keeper(cluster.data)
    kept.kill()
    with Process(cluster.data) as other:
        other.start()
        for _ in range(1000):
            if not psutil.pid_exists(kept.pid):
                break
            threading.Event().wait(0.01)
        assert not psutil.pid_exists(kept.pid)


def test_everything_killed_at_once(data: Path) -> None:
    """After kill -9 of every process at once the next start recovers."""
    with Process(data) as user:
        user.start()
        for process in living(data):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        user.kill()
        with Process(data) as next_user:
            next_user.start()


async def running(cluster: Cluster, part: str) -> None:
    """Returns when a statement that contains `part` runs."""
    sql = f"SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%{part}%' AND pid <> pg_backend_pid()"
    for _ in range(1000):
        if await query(cluster.url, sql):
            return
    pytest.fail("it never ran")


async def test_busy_backend_of_a_killed_server_does_not_block(cluster: Cluster) -> None:
    """A statement that never ends, and whose server was killed, does not keep a new server from starting."""
    endless = asyncio.create_task(query(cluster.url, "DO $$ BEGIN LOOP END LOOP; END $$"))
    await running(cluster, "LOOP END LOOP")
    postmaster(cluster.data).kill()
    await asyncio.to_thread(cluster.start)
    assert await query(cluster.url, "SELECT 1") == 1
    with pytest.raises(LOST):
        await endless


def test_stale_lock_file_with_a_foreign_process_id(data: Path) -> None:
    """A lock file left by a crash names a process that is something else by now: it is ignored."""
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    stale = f"{os.getpid()}\n{data}/pgdata\n1\n5432\n/nowhere\n\n  1 2\nready   \n"
    (data / "pgdata/postmaster.pid").write_text(stale)
    cluster.start()
    assert postmaster(data).pid != os.getpid()
    cluster.stop()


@pytest.mark.parametrize("content", ["", "12", "nonsense\n\n\n\n\n"])
def test_broken_lock_file(data: Path, content: str) -> None:
    """A lock file that was cut off by a crash is ignored."""
    cluster = Cluster(data)
    cluster.start()
    cluster.stop()
    (data / "pgdata/postmaster.pid").write_text(content)
    cluster.start()
    assert cluster.alive()
    cluster.stop()


# Adopts orphans and never reaps them, like the first process of many containers.
CARELESS_INIT = """
import ctypes, signal, subprocess, sys
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)
subprocess.Popen(sys.argv[1:])
signal.pause()
"""


@linux
def test_zombies_do_not_count(data: Path) -> None:
    """Where nobody reaps orphans, the remains of killed processes do not keep a new server from starting."""
    with Process(data, wrapper=[sys.executable, "-c", CARELESS_INIT]) as user:
        user.start()
        dead = [postmaster(data), keeper(data)]
        child = psutil.Process(user.pid).children()[0]
        for process in (child, *reversed(dead)):  # each after its parent, which would reap it
            process.kill()
            while process.status() != psutil.STATUS_ZOMBIE:
                threading.Event().wait(0.02)
        cluster = Cluster(data)
        cluster.start()
        assert cluster.alive()
        cluster.stop()


@linux
def test_terminated_keeper_shuts_the_server_down(data: Path) -> None:
    """What a machine that goes down does, SIGTERM to everything, ends in an orderly shutdown."""
    with Process(data) as user:
        user.start()
        keeper(data).send_signal(signal.SIGTERM)
        wait_until_gone(data)
    assert not (data / "pgdata/postmaster.pid").exists()


FORGETFUL = """
import sys
from pathlib import Path
from commontrace_server.postgres.cluster import Cluster
cluster = Cluster(Path(sys.argv[1]))
cluster.start()
"""


def test_program_that_forgets_to_stop_leaves_nothing(data: Path) -> None:
    """The server ends when a program that uses it just ends."""
    path = os.pathsep.join(path for path in sys.path if path.endswith("backend/src"))
    command = [sys.executable, "-B", "-c", FORGETFUL, str(data)]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": path}, check=True)
    wait_until_gone(data)
