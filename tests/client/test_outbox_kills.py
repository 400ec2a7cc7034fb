"""The outbox under `kill -9`: a real process is killed at every step; the store counts keys."""

import itertools
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from commontrace import drafts
from commontrace.config import StoreConfig
from commontrace.memory import Memory
from commontrace.outbox import Outbox
from commontrace.stores import Store
from support import keeping_store
from support.keeping_store import KeepingStore

KEY = "ct_" + "k" * 43
HOURS = 4 * 3600
CHILD = """
import os, sys, time
from pathlib import Path
from commontrace import drafts
from commontrace.config import StoreConfig
from commontrace.consent import Desk
from commontrace.memory import Memory
from commontrace.outbox import Outbox
from commontrace.stores import Store

path, url, key, steps = sys.argv[1:]
memory = Memory(Path(path), busy_ms=60_000)
desk = Desk(memory)
outbox = Outbox(memory, {"team": Store.connected(StoreConfig("team", url, api_key=key))})

def say(word):
    print(word, flush=True)

def queue(number):
    draft = drafts.Draft(
        title=f"pytest cannot import yaml {number}",
        context_text="pytest fails with `ModuleNotFoundError: No module named 'yaml'`.",
        solution_text="The package is called PyYAML: `pip install pyyaml`.",
    )
    record = drafts.create(memory, "s", draft, "team")
    desk.offer("s", record.id)
    approved = desk.approve_typed("s", record.id)
    if steps == "ask":
        say("approved")
        sys.stdin.readline()
    outbox.publish(approved)
    say(f"queued {record.id}")

if steps == "forever":
    number = 0
    while True:
        number += 1
        queue(f"{os.getpid()}, {number}")
        outbox.drain()
queue("once")
if steps == "queue":
    time.sleep(600)
outbox.drain()
say("recorded")
time.sleep(600)
"""


class Child:
    """A client process that queues and sends, and that a test kills."""

    def __init__(self, path: Path, url: str, steps: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(path), url, KEY, steps],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={"PYTHONPATH": ":".join(sys.path)},
        )
        self.said: list[str] = []

    def wait_for(self, word: str) -> None:
        """Read what it says until it says a word."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.said.append(line.strip())
            if line.startswith(word):
                return
        pytest.fail(f"the child ended without saying {word!r}: {self.said}")

    def kill(self) -> None:
        """End it as `kill -9` does; what it had said is read to the end."""
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def rest(self) -> list[str]:
        """Everything that it has said."""
        assert self.process.stdout is not None
        self.said += [line.strip() for line in self.process.stdout]
        return self.said


@pytest.fixture
def store() -> Iterator[KeepingStore]:
    with keeping_store.keeping() as running:
        running.key = KEY
        yield running


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "m" / "memory.sqlite3"
    Memory(path).close()
    return path


@contextmanager
def child(path: Path, store: KeepingStore, steps: str = "send") -> Iterator[Child]:
    started = Child(path, store.url, steps)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.communicate()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the memory's write lock, so that whoever writes next stands still."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def drain(path: Path, store: KeepingStore) -> None:
    """What the next sessions do, hours later, until nothing waits."""
    store.received = store.stored = lambda: None
    team = Store.connected(StoreConfig("team", store.url, api_key=KEY))
    with closing(Memory(path)) as memory, closing(team):
        clock = itertools.count(int(time.time() + HOURS), HOURS)
        outbox = Outbox(memory, {"team": team}, lambda: float(next(clock)))
        while outbox.items("queued"):
            assert outbox.drain(limit=1000)


def assert_sent_once(path: Path, store: KeepingStore) -> None:
    """The store has one trace under one key, and this side knows it."""
    drain(path, store)
    assert len(store.keys) == 1
    with closing(Memory(path)) as memory:
        assert [record.state for record in drafts.listed(memory, ("draft", "approved", "sent"))] == ["sent"]
        assert [item.state for item in Outbox(memory, {}).items()] == ["sent"]


def test_killed_before_it_is_queued(path: Path, store: KeepingStore) -> None:
    """Nothing was promised yet: the draft is a draft still, and nothing is sent."""
    with child(path, store, "ask") as client:
        client.wait_for("approved")
        with locked(path):
            assert client.process.stdin is not None
            client.process.stdin.write("go\n")
            client.process.stdin.flush()
            time.sleep(0.3)  # it stands at the write that would queue the draft and cannot pass
            client.kill()
        assert client.rest() == ["approved"]
    drain(path, store)
    assert store.keys == {}
    with closing(Memory(path)) as memory:
        assert [record.state for record in drafts.listed(memory)] == ["draft"]


def test_killed_before_the_send(path: Path, store: KeepingStore) -> None:
    """What is queued is sent by the next process."""
    with child(path, store, "queue") as client:
        client.wait_for("queued")
        client.kill()
    assert store.keys == {}
    assert_sent_once(path, store)


def test_killed_while_the_store_receives(path: Path, store: KeepingStore) -> None:
    """The store carries out a request whose sender has died; the second request is the same contribution."""
    with child(path, store) as client:
        store.received = client.kill
        client.process.wait(60)
    assert_sent_once(path, store)


def test_killed_before_the_answer_arrives(path: Path, store: KeepingStore) -> None:
    """The store has the trace, its client does not know."""
    with child(path, store) as client:
        store.stored = client.kill
        client.process.wait(60)
    assert len(store.keys) == 1
    assert_sent_once(path, store)
    assert sum(request == "POST /v1/traces" for request in store.requests) == 2


def test_killed_after_the_answer_before_it_is_recorded(path: Path, store: KeepingStore) -> None:
    """The answer was read and could not be written down."""
    taken, killed = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(path):
            taken.set()
            killed.wait(60)

    holder = threading.Thread(target=hold)

    def lock_first() -> None:
        holder.start()
        taken.wait(60)

    store.stored = lock_first
    with child(path, store) as client:
        client.wait_for("queued")
        taken.wait(60)
        time.sleep(0.5)  # the answer is on its way; the child stands at its next write and cannot pass
        assert client.process.poll() is None
        client.kill()
        killed.set()
        holder.join()
        assert "recorded" not in client.rest()
    assert_sent_once(path, store)


def test_killed_after_it_is_recorded(path: Path, store: KeepingStore) -> None:
    """What was sent and recorded is not sent again."""
    with child(path, store) as client:
        client.wait_for("recorded")
        client.kill()
    assert_sent_once(path, store)
    assert sum(request == "POST /v1/traces" for request in store.requests) == 1


def test_killed_anywhere_any_number_of_times(path: Path, store: KeepingStore) -> None:
    """Whatever a client has said it queued is in the store once; nothing else is there."""
    chance = random.Random(7)
    queued: set[str] = set()
    for _ in range(8):
        with child(path, store, "forever") as client:
            client.wait_for("queued")
            time.sleep(chance.uniform(0, 0.15))
            client.kill()
            queued |= {line.split()[1] for line in client.rest() if line.startswith("queued ")}
    drain(path, store)
    with closing(Memory(path)) as memory:
        sent = {record.id for record in drafts.listed(memory, ("sent",))}
        assert drafts.listed(memory, ("approved",)) == []
    assert queued <= sent
    assert {key.split("-")[0] for key in store.keys} == sent
    assert len(store.keys) == len(sent)
