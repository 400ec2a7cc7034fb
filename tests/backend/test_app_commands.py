"""`serve` and `migrate` as commands: what they print, and how they end."""

import signal
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from commontrace_server import cli
from support import postgres
from support.store import RUN, StoreProcess, admin, draft

PLAIN = ("--port", "0", "--embedder", "none")


def _failure(*arguments: str, **environment: str) -> tuple[int, str]:
    with StoreProcess(*arguments, environment=environment) as process:
        status, _, err = process.wait()
    assert err.count("\n") == 1, err
    return status, err


def _migrate(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(RUN), "migrate", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_answers_once_it_says_ready_and_stops_cleanly(database_url: str, number: int) -> None:
    """`ready http://HOST:PORT` means that readyz answers 200; SIGTERM and SIGINT end it with 0."""
    with StoreProcess(*PLAIN, "--database-url", database_url) as process:
        address = process.wait_ready()
        assert address.startswith("http://127.0.0.1:")
        assert httpx.get(f"{address}/readyz", trust_env=False).status_code == 200
        process.signal(number)
        assert process.wait()[0] == 0


def test_serve_brings_its_own_database(tmp_path: Path) -> None:
    """With --data alone it keeps traces there, over a restart, and leaves no process behind."""
    arguments = (*PLAIN, "--data", str(tmp_path))
    with StoreProcess(*arguments) as process:
        address = process.wait_ready()
        key = admin("create-admin", "--name", "Robin", "--data", str(tmp_path)).stdout.strip()
        headers = {"Authorization": f"Bearer {key}"}
        created = httpx.post(f"{address}/v1/traces", json=draft(), headers=headers, trust_env=False).json()
        assert process.stop() == 0
    with StoreProcess(*arguments) as process:
        answer = httpx.get(f"{process.wait_ready()}/v1/traces", headers=headers, trust_env=False)
        listed = answer.json()["items"]
        assert process.stop() == 0
    assert [item["id"] for item in listed] == [created["id"]]
    postgres.wait_until_gone(tmp_path / "postgres")


def test_serve_reads_the_database_url_from_the_environment(database_url: str) -> None:
    """A URL with a password need not stand in the process list."""
    with StoreProcess(*PLAIN, environment={"COMMONTRACE_DATABASE_URL": database_url}) as process:
        process.wait_ready()
        assert process.stop() == 0


def test_port_in_use_is_said(database_url: str) -> None:
    """A port that is taken ends it with 1 and a way out."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        status, err = _failure("--port", port, "--database-url", database_url)
    assert (status, f"port {port} of 127.0.0.1 is in use" in err) == (1, True)


def test_host_that_is_not_ours_is_said(database_url: str) -> None:
    """An address that is not this machine's ends it with 1 and names the option."""
    status, err = _failure("--host", "192.0.2.1", "--database-url", database_url)
    assert (status, "--host" in err) == (1, True)


@pytest.mark.parametrize(
    "url", ["postgresql://u:hidden@127.0.0.1:1/d", "postgresql://u:hidden@/d?host=/nowhere"]
)
def test_unreachable_database_is_said_without_its_password(url: str) -> None:
    """A database that does not answer ends it with 1; the password stays out of the message."""
    status, err = _failure(*PLAIN, "--database-url", url)
    assert (status, "cannot reach the database" in err, "hidden" in err) == (1, True, False)


def test_unknown_database_is_said(database_url: str) -> None:
    """A server that has no such database ends it with 1 and the server's reason."""
    name = urlsplit(database_url).path[1:]
    status, err = _failure(*PLAIN, "--database-url", database_url.replace(name, "missing"))
    assert (status, 'database "missing" does not exist' in err) == (1, True)


def test_url_of_another_database_is_said() -> None:
    """What is not PostgreSQL is refused with an example."""
    status, err = _failure(*PLAIN, "--database-url", "mysql://h/d")
    assert (status, "postgresql://user:password@host" in err) == (1, True)


def test_folder_that_cannot_be_used_is_said(tmp_path: Path) -> None:
    """A data folder that cannot be made ends it with 1 and its name."""
    (tmp_path / "file").write_text("in the way")
    status, err = _failure(*PLAIN, "--data", str(tmp_path / "file" / "data"))
    assert (status, str(tmp_path / "file") in err) == (1, True)


async def test_newer_database_is_said(store_url: str) -> None:
    """A database of a later program ends it with 1 and the advice to update."""
    await postgres.query(store_url, "UPDATE alembic_version SET version_num = '9999'")
    status, err = _failure(*PLAIN, "--database-url", store_url)
    assert (status, "newer" in err) == (1, True)


def test_migrate_makes_the_tables(database_url: str) -> None:
    """The command ends with 0 and can be run again."""
    assert [_migrate("--database-url", database_url).returncode for _ in range(2)] == [0, 0]


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["nonsense"],
        ["serve", "--port", "x"],
        ["serve", "--port", "70000"],
        ["serve", "--embedder", "unknown"],
        ["serve", "--workers", "0"],
        ["serve", "--local"],
        ["serve", "--local", "--data", "d"],
        ["serve", "--socket", "s"],
        ["serve", "--data", "d", "--database-url", "postgresql://h/d"],
        ["migrate"],
    ],
)
def test_wrong_usage_ends_with_2(
    argv: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Options that are wrong, or do not go together, end with 2 and a reason on stderr."""
    monkeypatch.delenv("COMMONTRACE_DATABASE_URL", raising=False)
    assert cli.main(argv) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize("argv", [["--help"], ["serve", "--help"], ["migrate", "--help"]])
def test_help_is_printed(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """--help ends with 0 and prints to stdout."""
    assert cli.main(argv) == 0
    assert "usage: commontrace" in capsys.readouterr().out


@pytest.mark.parametrize("looks_on", [True, False])
def test_person_who_looks_on_is_told_that_the_store_starts(
    looks_on: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It takes seconds until it is ready; a log gets nothing of that."""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: looks_on)
    monkeypatch.setattr(cli, "_serve_port", lambda _options: None)
    assert cli.main(["serve", "--port", "0"]) == 0
    assert capsys.readouterr().err == (
        "Starting the store on a PostgreSQL of its own; `ready` follows\n" if looks_on else ""
    )
