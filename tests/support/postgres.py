"""A real PostgreSQL for tests: one embedded cluster for the session, an empty database for each that asks.

Tests of the cluster itself get data directories of their own, and `Process`, a process that uses one.
"""

import asyncio
import atexit
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Self

import asyncpg
import psutil
import pytest

from commontrace_server.postgres import binaries
from commontrace_server.postgres.cluster import Cluster

ROOT = Path(__file__).resolve().parents[2]

USER_PROGRAM = Path(__file__).with_name("postgres_user.py")

# What a statement may raise when its server is killed; the third is asyncpg losing count of its own state.
LOST = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)

_shared: pytest.StashKey[Cluster] = pytest.StashKey()
_template: pytest.StashKey[Path] = pytest.StashKey()


@pytest.fixture(scope="session")
def postgres_cluster(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    """The session's cluster, however many modules ask for it; it ends with the session."""
    stash = request.config.stash
    if _shared not in stash:
        folder = tmp_path_factory.mktemp("cluster")  # gigabytes, which pytest removes after a killed run, too
        cluster = Cluster(folder / "postgres")
        request.config.add_cleanup(lambda: shutil.rmtree(folder, ignore_errors=True))
        request.config.add_cleanup(cluster.stop)
        cluster.start()
        asyncio.run(_spare(cluster.url))
        stash[_shared] = cluster
    return stash[_shared]


async def _spare(url: str) -> None:
    """No data of a test has to survive the machine, and nobody comes back to any of hundreds of databases."""
    for setting in ("fsync", "full_page_writes", "synchronous_commit", "autovacuum"):
        await query(url, f"ALTER SYSTEM SET {setting} = off")
    await query(url, "SELECT pg_reload_conf()")


@pytest.fixture
async def database_url(postgres_cluster: Cluster) -> str:
    """The SQLAlchemy URL of a database that is empty and this test's own."""
    return await create_database(postgres_cluster)


async def create_database(cluster: Cluster, template: str = "template1") -> str:
    """Makes a database with the content of `template` and returns its SQLAlchemy URL."""
    name = f"test_{uuid.uuid4().hex}"
    await query(cluster.url, f'CREATE DATABASE {name} TEMPLATE "{template}"')
    return cluster.database_url(name)


async def query(url: str, sql: str) -> Any:
    """Runs `sql` at the SQLAlchemy URL on a connection of its own; returns the first value, if any."""
    connection = await asyncpg.connect(url.replace("+asyncpg", ""))
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


@pytest.fixture
def empty_data(tmp_path: Path) -> Iterator[Path]:
    """A directory for a cluster that was never started. After the test nothing may run there."""
    yield tmp_path / "postgres"
    wait_until_gone(tmp_path / "postgres")


@pytest.fixture
def data(request: pytest.FixtureRequest, empty_data: Path) -> Path:
    """The directory of a cluster that was started and stopped before, a copy of one that is made once."""
    stash = request.config.stash
    if _template not in stash:
        folder = tempfile.TemporaryDirectory(prefix="commontrace-template-")
        request.config.add_cleanup(folder.cleanup)
        template = Cluster(Path(folder.name, "postgres"))
        template.start()
        template.stop()
        stash[_template] = template.data
    shutil.copytree(stash[_template] / "pgdata", empty_data / "pgdata")
    return empty_data


@cache
def _reachable_programs() -> Path:
    """A copy of PostgreSQL's programs that every user can reach; the tests' environment may be closed."""
    package = binaries.directory().parents[1]
    copy = Path(tempfile.mkdtemp(prefix="ct-programs-"))
    copy.chmod(0o755)
    atexit.register(shutil.rmtree, copy, ignore_errors=True)
    for folder in package.parent.glob(f"{package.name}*"):  # its libraries lie beside it
        if folder.is_dir():
            shutil.copytree(folder, copy / folder.name, symlinks=True)
    for path in copy.rglob("*"):
        if not path.is_symlink():
            mode = path.stat().st_mode
            path.chmod(mode | 0o044 | (0o011 if mode & 0o100 else 0))
    return copy


class Process:
    """A process of its own that uses the cluster in `data`.

    Args:
        data: the cluster's directory.
        runtime: the cluster's runtime directory.
        wrapper: a command that runs the process, for instance as another user.
        environment: added to this process's environment.
    """

    def __init__(
        self,
        data: Path,
        runtime: Path | None = None,
        wrapper: Sequence[str] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        reachable = [str(_reachable_programs())] if os.geteuid() == 0 else []
        path = os.pathsep.join([*reachable, str(ROOT / "backend/src"), str(ROOT / "tests")])
        where = [str(data)] if runtime is None else [str(data), str(runtime)]
        self._process = subprocess.Popen(
            [*wrapper, sys.executable, "-B", USER_PROGRAM, *where],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": path, **(environment or {})},
        )
        self.pid = self._process.pid

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def send(self, command: str) -> None:
        """Gives a command (`start`, `stop` or `alive`) without waiting."""
        assert self._process.stdin is not None
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The answer to the oldest unanswered command."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, f"the process ended with status {self._process.wait()}"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def ask(self, command: str) -> dict[str, Any]:
        """Gives a command and returns its answer."""
        self.send(command)
        return self.answer()

    def start(self) -> str:
        """Starts the cluster and returns its URL."""
        answer = self.ask("start")
        assert "url" in answer, answer
        return str(answer["url"])

    def kill(self) -> None:
        """Kills the process, as `kill -9` does."""
        for stream in (self._process.stdin, self._process.stdout):
            assert stream is not None
            stream.close()
        self._process.kill()
        self._process.wait()


def postmaster(data: Path) -> psutil.Process:
    """The server of the cluster in `data`."""
    return psutil.Process(int((data / "pgdata/postmaster.pid").read_text().split("\n")[0]))


def keeper(data: Path) -> psutil.Process:
    """The keeper of the cluster in `data`."""
    found = [process for process in living(data) if process.name() != "postgres"]
    assert len(found) == 1, found
    return found[0]


def living(data: Path) -> list[psutil.Process]:
    """Every process that runs for the cluster in `data`, its users apart. Zombies do not run."""
    found = []
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
            if (str(data) in words and "-I" in words) or process.cwd().startswith(f"{data}/pgdata"):
                found.append(process)
        except psutil.Error:
            continue
    return found


def wait_until_gone(data: Path) -> None:
    """Returns when no process runs for the cluster in `data`; fails if that does not happen."""
    for _ in range(1500):
        if not living(data):
            return
        time.sleep(0.02)
    pytest.fail(f"still running: {living(data)}")
