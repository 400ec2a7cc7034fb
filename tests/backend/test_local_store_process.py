"""The local store as a process: one at most, private, gone when idle, back after every kind of death."""

import contextlib
import json
import os
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx

from support.store import LocalStore, StoreProcess, draft

# Seconds: long enough for a client to come in time on a busy machine.
_SHORT = 4.0
_LEASEHOLDER = """
import socket, sys, time
connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])
connection.sendall(b"GET /v1/lease HTTP/1.1\\r\\nHost: store\\r\\n\\r\\n")
connection.recv(100)
print("open", flush=True)
time.sleep(600)
"""


def _until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)


def _contribute(client: httpx.Client, title: str) -> str:
    answer = client.post("/v1/traces", json=draft(title=title))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


@contextlib.contextmanager
def _running(store: LocalStore, *, idle_exit: float = 60.0) -> Iterator[tuple[StoreProcess, httpx.Client]]:
    with store.process(idle_exit=idle_exit) as process:
        assert process.wait_ready() == f"unix:{store.socket}"
        with store.client() as client:
            yield process, client


def test_ready_store_answers_and_knows_the_starter_traces(new_local_store: LocalStore) -> None:
    """Once it says ready, the socket answers and there is something to find."""
    with _running(new_local_store) as (_, client):
        assert client.get("/readyz").status_code == 200
        assert all(item["origin"] == "starter" for item in client.get("/v1/traces").json()["items"])


def test_socket_is_for_its_owner_alone(local_store: LocalStore) -> None:
    """The socket is 0600 in a folder that is 0700."""
    with _running(local_store):
        places = (local_store.socket, local_store.socket.parent)
        modes = [stat.S_IMODE(path.stat().st_mode) for path in places]
    assert modes == [0o600, 0o700]


def test_visible_socket_can_be_connected_to(local_store: LocalStore) -> None:
    """The socket appears in one step: there is no moment when it is there and refuses."""
    with local_store.process() as process:
        _until(lambda: local_store.socket.exists() or not process.running())
        assert local_store.answers()
        process.wait_ready()


def test_stop_is_clean(local_store: LocalStore) -> None:
    """SIGTERM ends store and database with status 0, and takes the socket away."""
    with _running(local_store) as (process, _):
        assert process.stop() == 0
        assert not local_store.socket.exists()
        local_store.wait_until_gone()


def test_stop_while_starting_is_clean(new_local_store: LocalStore) -> None:
    """A store that is told to stop before it is ready leaves nothing running."""
    with new_local_store.process() as process:
        _until((new_local_store.data / "postgres" / "start.lock").exists)
        assert process.stop() == 0
        assert not new_local_store.socket.exists()
    new_local_store.wait_until_gone()


def test_second_starter_leaves_quietly(local_store: LocalStore) -> None:
    """While a store answers, another process that wants to be it ends with 0 and says nothing."""
    with _running(local_store) as (first, client):
        with local_store.process() as second:
            assert second.wait() == (0, "", "")
        assert first.running()
        assert client.get("/readyz").status_code == 200


def test_parallel_starters_end_with_one_store(new_local_store: LocalStore) -> None:
    """Of several starters at once exactly one stays."""
    with contextlib.ExitStack() as stack:
        starters = [stack.enter_context(new_local_store.process()) for _ in range(3)]
        _until(lambda: sum(starter.running() for starter in starters) == 1)
        _until(new_local_store.answers)
        with new_local_store.client() as client:
            assert client.get("/readyz").status_code == 200


def test_starter_takes_over_from_a_store_that_is_ending(local_store: LocalStore) -> None:
    """A starter that finds the lock held but nobody answering waits, and becomes the store."""
    with _running(local_store) as (first, client):
        with client.stream("GET", "/v1/lease") as lease:
            chunks = lease.iter_raw()
            next(chunks)
            first.signal(15)
            _until(lambda: not local_store.socket.exists())
            with local_store.process() as second:
                assert second.wait_ready()
        assert first.wait()[0] == 0


def test_idle_store_ends_by_itself(local_store: LocalStore) -> None:
    """Without a lease and without requests the store ends after its time, and its database with it."""
    with _running(local_store, idle_exit=0.5) as (process, _):
        assert process.wait()[0] == 0
        assert not local_store.socket.exists()
        local_store.wait_until_gone()


def test_lease_keeps_the_store(local_store: LocalStore) -> None:
    """While a lease is open the store stays; when the last one is closed its time begins."""
    with _running(local_store, idle_exit=_SHORT) as (process, client):
        with client.stream("GET", "/v1/lease") as lease:
            chunks = lease.iter_raw()  # kept: httpx closes the response with its iterator
            assert next(chunks) == b"leased\n"
            time.sleep(_SHORT * 1.5)
            assert process.running()
        assert process.wait()[0] == 0


def test_lease_of_a_killed_client_does_not_keep_the_store(local_store: LocalStore) -> None:
    """The kernel closes the connection of a client that died, and that ends its lease."""
    with _running(local_store, idle_exit=_SHORT) as (process, _):
        command = [sys.executable, "-c", _LEASEHOLDER, str(local_store.socket)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"open\n"
            holder.kill()
        assert process.wait()[0] == 0


def test_stop_does_not_wait_for_leases(local_store: LocalStore) -> None:
    """A store that is told to stop ends the leases in good order."""
    with _running(local_store) as (process, client), client.stream("GET", "/v1/lease") as lease:
        chunks = lease.iter_raw()
        next(chunks)
        process.signal(15)
        assert list(chunks) == []
        assert process.wait()[0] == 0


def test_nothing_acknowledged_is_lost_when_the_store_is_killed(local_store: LocalStore) -> None:
    """After kill -9 in the middle of writing a new store has every trace that was answered for."""
    acknowledged: list[str] = []

    def write(client: httpx.Client, begun: threading.Event) -> None:
        with contextlib.suppress(httpx.HTTPError):
            for number in range(10_000):
                acknowledged.append(_contribute(client, f"trace {number}"))
                begun.set()

    with _running(local_store) as (process, client):
        begun = threading.Event()
        writer = threading.Thread(target=write, args=(client, begun))
        writer.start()
        assert begun.wait(30)
        time.sleep(0.3)
        process.kill()
        writer.join()
    with _running(local_store) as (_, client):
        found = [client.get(f"/v1/traces/{trace}").status_code for trace in acknowledged]
    assert found == [200] * len(acknowledged)


def test_half_a_request_uses_no_key_up(local_store: LocalStore) -> None:
    """A client that was killed while it sent sends the whole under the same key later."""
    body = json.dumps(draft()).encode()
    head = (
        "POST /v1/traces HTTP/1.1\r\nHost: store\r\nContent-Type: application/json\r\n"
        f"Idempotency-Key: half\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode()
    with _running(local_store) as (_, client):
        for sent in (0, len(body) // 2, len(body) - 1):
            with socket.socket(socket.AF_UNIX) as killed:
                killed.connect(str(local_store.socket))
                killed.sendall(head + body[:sent])
        headers = {"Idempotency-Key": "half", "Content-Type": "application/json"}
        assert client.post("/v1/traces", content=body, headers=headers).status_code == 201
        assert client.post("/v1/traces", content=body, headers=headers).status_code == 200


def test_socket_left_by_a_killed_store_is_replaced(local_store: LocalStore) -> None:
    """A stale socket is in nobody's way."""
    with _running(local_store) as (process, _):
        process.kill()
    assert local_store.socket.exists()
    assert not local_store.answers()
    with _running(local_store) as (_, client):
        assert client.get("/readyz").status_code == 200


def test_store_recovers_from_a_killed_database(local_store: LocalStore) -> None:
    """When PostgreSQL is killed, requests get 503 with Retry-After until it is back, and nothing is lost."""
    with _running(local_store) as (process, client):
        kept = _contribute(client, "before")
        local_store.postmaster().kill()
        statuses = set()

        def answered() -> bool:
            answer = client.get(f"/v1/traces/{kept}")
            statuses.add(answer.status_code)
            if answer.status_code == 503:
                assert answer.headers["retry-after"] == "1"
                assert answer.headers["content-type"] == "application/problem+json"
            return answer.status_code == 200

        time.sleep(0.05)
        _until(answered)
        assert statuses <= {200, 503}
        _contribute(client, "after")
        assert process.stop() == 0


def test_database_comes_back_without_being_asked(local_store: LocalStore) -> None:
    """A killed PostgreSQL is started again at once, so that the next failure finds it warm."""
    with _running(local_store) as (_, client):
        client.get("/readyz")
        before = local_store.postmaster()
        before.kill()
        pid = local_store.data / "postgres" / "pgdata" / "postmaster.pid"
        _until(lambda: pid.exists() and pid.read_text().split("\n")[0] not in ("", str(before.pid)))


def test_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """Where the data folder cannot be made the store says which, in one line, and ends with 1."""
    (tmp_path / "file").write_text("in the way")
    store = LocalStore(tmp_path / "file")
    with store.process() as process:
        status, _, err = process.wait()
    assert status == 1
    assert err.count("\n") == 1
    assert str(tmp_path / "file") in err


def test_socket_folder_of_others_is_refused(local_store: LocalStore) -> None:
    """A socket is never made in a folder that others can enter."""
    local_store.socket.parent.mkdir(mode=0o755)
    local_store.socket.parent.chmod(0o755)
    with local_store.process() as process:
        status, _, err = process.wait()
    assert (status, "only you can enter" in err) == (1, True)


def test_socket_path_that_is_too_long_is_refused(tmp_path: Path) -> None:
    """A path that no socket address holds is refused before anything starts."""
    store = LocalStore(tmp_path / ("x" * 110))
    with store.process() as process:
        status, _, err = process.wait()
    assert (status, "too long" in err) == (1, True)
    assert not os.path.exists(store.data / "postgres")  # noqa: PTH110 - a path that long
