"""Embedded PostgreSQL under every kind of user: root in its variants, ordinary ones, ones without a name."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.postgres import Process, living, postmaster, query, wait_until_gone

root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to become other users")
linux = pytest.mark.skipif(sys.platform != "linux", reason="needs user namespaces and capabilities of Linux")

NOBODY = 65534

# Reading everywhere lets the user run an interpreter below a closed home; it opens nothing for writing.
READ = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
ORDINARY = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", *READ]
NAMELESS = ["setpriv", "--reuid=54321", "--regid=54321", "--clear-groups", *READ]

# Without CAP_SETFCAP root may not map itself into a user namespace: refused as by seccomp in containers.
NO_NAMESPACE = ["setpriv", "--bounding-set=-setfcap"]
NO_REACH = ["setpriv", "--bounding-set=-setfcap,-dac_override,-dac_read_search"]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A directory that an ordinary user can reach."""
    made = Path(tempfile.mkdtemp(prefix="ct-"))
    made.chmod(0o711)
    yield made
    wait_until_gone(made / "postgres")
    shutil.rmtree(made)


def owners(data: Path) -> set[int]:
    """The users that the cluster's server processes run as."""
    return {process.uids().effective for process in living(data) if process.name() == "postgres"}


@root
@linux
def test_root_keeps_its_files(folder: Path) -> None:
    """Root's server runs in a user namespace, and what it writes belongs to root."""
    with Process(folder / "postgres") as process:
        process.start()
        namespace = Path(f"/proc/{postmaster(folder / 'postgres').pid}/ns/user").readlink()
        assert namespace != Path("/proc/self/ns/user").readlink()
        assert {path.stat().st_uid for path in (folder / "postgres").rglob("*")} == {0}


@root
def test_ordinary_user(folder: Path) -> None:
    """An ordinary user's server runs as that user."""
    os.chown(folder, NOBODY, NOBODY)
    with Process(folder / "postgres", wrapper=ORDINARY) as process:
        process.start()
        assert owners(folder / "postgres") == {NOBODY}
        assert {path.stat().st_uid for path in (folder / "postgres").rglob("*")} == {NOBODY}


@root
@pytest.mark.parametrize("killed", ["server", "user"])
def test_ordinary_user_recovers(folder: Path, killed: str) -> None:
    """An ordinary user's server recovers from kill -9 like root's."""
    os.chown(folder, NOBODY, NOBODY)
    data = folder / "postgres"
    with Process(data, wrapper=ORDINARY) as process:
        process.start()
        if killed == "server":
            postmaster(data).kill()
            process.start()
        else:
            process.kill()
            with Process(data, wrapper=ORDINARY) as following:
                following.start()


@root
@linux
def test_user_without_a_name(folder: Path) -> None:
    """A bare number as user, as containers like to give, gets a server too."""
    os.chown(folder, 54321, 54321)
    with Process(folder / "postgres", wrapper=NAMELESS) as process:
        process.start()
        assert owners(folder / "postgres") == {54321}


@root
@linux
def test_root_without_namespaces_becomes_nobody(folder: Path) -> None:
    """Where user namespaces are refused root's server runs as nobody, even below a directory closed to it."""
    folder.chmod(0o700)
    with Process(folder / "postgres", wrapper=NO_NAMESPACE) as process:
        process.start()
        assert owners(folder / "postgres") == {NOBODY}
        process.kill()
        wait_until_gone(folder / "postgres")


@root
@linux
async def test_namespaces_may_come_and_go(folder: Path) -> None:
    """One data directory serves root with and without user namespaces; the rows stay."""
    data = folder / "postgres"
    for number, wrapper in enumerate(([], NO_NAMESPACE, [], NO_NAMESPACE)):
        with Process(data, wrapper=wrapper) as process:
            url = process.start()
            await query(url, "CREATE TABLE IF NOT EXISTS visits (number int)")
            await query(url, f"INSERT INTO visits VALUES ({number})")
            assert await query(url, "SELECT count(*) FROM visits") == number + 1


@root
@linux
async def test_root_serves_the_data_of_an_ordinary_user_as_that_user(folder: Path) -> None:
    """Root that starts somebody's cluster leaves every file to its owner."""
    os.chown(folder, NOBODY, NOBODY)
    data = folder / "postgres"
    with Process(data, wrapper=ORDINARY) as process:
        await query(process.start(), "CREATE TABLE mine AS SELECT 42 AS answer")
    with Process(data) as process:
        assert await query(process.start(), "SELECT answer FROM mine") == 42
        assert {path.stat().st_uid for path in (data / "pgdata").rglob("*")} == {NOBODY}
    with Process(data, wrapper=ORDINARY) as process:
        assert await query(process.start(), "SELECT answer FROM mine") == 42


@root
@linux
def test_root_that_may_do_nothing_is_told_what_to_do(folder: Path) -> None:
    """Root without namespaces, whose directories no other user can reach, gets a message that helps."""
    folder.chmod(0o700)
    with Process(folder / "postgres", wrapper=NO_REACH) as process:
        answer = process.ask("start")
    assert answer["error"] == "RootRefusedError"
    assert str(folder / "postgres") in answer["message"]
    assert "--database-url" in answer["message"]
    assert "ordinary user" in answer["message"]
