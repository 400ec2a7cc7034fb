"""The life of an embedded cluster: started, shared, stopped."""

import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from commontrace_server.postgres.cluster import Cluster
from support.postgres import (
    Process,
    create_database,
    data,
    empty_data,
    living,
    postmaster,
    query,
    wait_until_gone,
)
from support.postgres import keeper as keeper_of

__all__ = ["data", "empty_data"]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A running cluster for the tests that leave it as it is."""
    cluster = Cluster(tmp_path_factory.mktemp("cluster") / "postgres")
    cluster.start()
    yield cluster
    cluster.stop()
    wait_until_gone(cluster.data)


async def test_first_start_makes_a_database_with_pgvector(cluster: Cluster) -> None:
    """The URL leads to the database commontrace, where halfvec can be used."""
    engine = create_async_engine(cluster.url)
    async with engine.begin() as connection:
        await connection.execute(text("CREATE EXTENSION vector"))
        distance = await connection.scalar(text("SELECT '[1,0]'::halfvec(2) <=> '[0,1]'::halfvec(2)"))
        name = await connection.scalar(text("SELECT current_database()"))
    await engine.dispose()
    assert (name, distance) == ("commontrace", 1.0)


async def test_text_search_and_case_rules_are_the_same_everywhere(cluster: Cluster) -> None:
    """Case folding and word stems come from PostgreSQL itself, whatever locales the machine has."""
    assert await query(cluster.url, "SELECT lower('ÄÉΩ')") == "äéω"
    assert (
        await query(cluster.url, "SELECT to_tsvector('english', 'running tests')::text") == "'run':1 'test':2"
    )


@pytest.mark.parametrize("name", ["fsync", "synchronous_commit", "full_page_writes", "data_checksums"])
async def test_acknowledged_writes_are_on_the_disk(cluster: Cluster, name: str) -> None:
    """Nothing that protects an acknowledged write is switched off."""
    assert await query(cluster.url, f"SHOW {name}") == "on"


def test_no_port_is_open(cluster: Cluster) -> None:
    """The server is reached through a private socket only."""
    opened = [found for process in living(cluster.data) for found in process.net_connections(kind="inet")]
    assert opened == []


def test_socket_is_private(cluster: Cluster) -> None:
    """Only the owner can enter the socket's directory."""
    folder = next(cluster.data.glob("pg-*"))
    assert folder.stat().st_mode & 0o777 == 0o700
    assert (folder / ".s.PGSQL.5432").stat().st_mode & 0o777 == 0o700


def test_files_are_private(cluster: Cluster) -> None:
    """Nobody else can read what a cluster consists of."""
    assert [path.name for path in cluster.data.iterdir() if path.stat().st_mode & 0o077] == []


async def test_rows_survive_a_restart(data: Path) -> None:
    """What was written before the server stopped is there when it runs again."""
    cluster = Cluster(data)
    cluster.start()
    await query(cluster.url, "CREATE TABLE kept AS SELECT 42 AS answer")
    cluster.stop()
    cluster.start()
    assert await query(cluster.url, "SELECT answer FROM kept") == 42
    cluster.stop()


def test_start_again_adopts_the_running_server(cluster: Cluster) -> None:
    """Starting a running cluster changes nothing."""
    before = postmaster(cluster.data)
    cluster.start()
    assert postmaster(cluster.data) == before


def masters(data: Path) -> int:
    """How many servers run under the keeper; what ends while it is looked at is none."""
    keeper, found = keeper_of(data).pid, 0
    for process in living(data):
        with contextlib.suppress(psutil.NoSuchProcess):
            found += process.ppid() == keeper
    return found


def test_threads_may_start_one_cluster_at_once(empty_data: Path) -> None:
    """Threads that start the same cluster all end on one server."""
    cluster = Cluster(empty_data)
    threads = [threading.Thread(target=cluster.start) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert cluster.alive()
    assert masters(empty_data) == 1
    cluster.stop()


def test_parallel_processes_end_on_one_server(empty_data: Path) -> None:
    """Four processes that start a new cluster at the same moment share one server."""
    processes = [Process(empty_data) for _ in range(4)]
    for process in processes:
        process.send("start")
    urls = {process.answer()["url"] for process in processes}
    running = masters(empty_data)
    for process in processes:
        process.kill()
    assert (len(urls), running) == (1, 1)


def test_runtime_directories_may_differ(cluster: Cluster, tmp_path: Path) -> None:
    """A process with another runtime directory finds the socket of the server that runs."""
    with Process(cluster.data, tmp_path / "elsewhere") as other:
        assert other.start() == cluster.url


def test_server_ends_with_its_last_user(data: Path) -> None:
    """One user's stop leaves the server to the others; the last one's ends it before it returns."""
    first, second = Cluster(data), Cluster(data)
    first.start()
    second.start()
    first.stop()
    assert second.alive()
    second.stop()
    assert living(data) == []


def test_process_that_started_the_server_may_leave_first(data: Path) -> None:
    """The server outlives the process that started it, while another uses it."""
    with Process(data) as starter, Process(data) as other:
        starter.start()
        other.start()
        starter.kill()
        assert other.ask("alive")["alive"]


def test_stop_without_start_does_nothing(empty_data: Path) -> None:
    """A cluster that was never started can be stopped."""
    Cluster(empty_data).stop()
    assert not empty_data.exists()


def test_url_needs_a_start(empty_data: Path) -> None:
    """There is no URL before there is a server."""
    with pytest.raises(RuntimeError, match="start"):
        _ = Cluster(empty_data).url


@pytest.mark.parametrize("name", ["with space", 'quo"te', "per%cent", "com,ma", "co:lon", "ünï", "a" * 120])
async def test_data_directory_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Neither special characters nor a path that no socket can have get in the way."""
    cluster = Cluster(tmp_path / name)
    cluster.start()
    assert await query(cluster.url, "SELECT 1") == 1
    cluster.stop()
    wait_until_gone(tmp_path / name)


def test_data_directory_may_be_a_link(data: Path, tmp_path: Path) -> None:
    """Two names of one directory mean one server."""
    (tmp_path / "link").symlink_to(data)
    first, second = Cluster(data), Cluster(tmp_path / "link")
    first.start()
    second.start()
    assert first.url == second.url
    first.stop()
    second.stop()


def test_environment_does_not_matter(data: Path) -> None:
    """PostgreSQL's variables and broken locales of the caller change nothing."""
    hostile = {
        "PGPORT": "1",
        "PGDATA": "/nowhere",
        "PGOPTIONS": "-c x=y",
        "LC_ALL": "xx_XX.UTF-8",
        "LANG": "C",
    }
    with Process(data, environment=hostile) as process:
        assert "port=5432" in process.start()


def test_keeper_is_small() -> None:
    """The keeper lives as long as the server: it loads no package and little of the standard library."""
    program = "import sys; before = set(sys.modules); sys.path.append(sys.argv[1]);"
    program += "import commontrace_server.postgres.keeper; print(*set(sys.modules) - before)"
    path = next(path for path in sys.path if path.endswith("backend/src"))
    words = [sys.executable, "-I", "-S", "-B", "-c", program, path]
    loaded = set(subprocess.run(words, capture_output=True, text=True, check=True).stdout.split())
    heavy = {
        "asyncio",
        "inspect",
        "json",
        "logging",
        "pathlib",
        "psutil",
        "re",
        "subprocess",
        "threading",
        "typing",
    }
    assert loaded & heavy == set()


def test_keeper_sleeps_while_nothing_happens(cluster: Cluster) -> None:
    """An idle server's keeper is not woken up: it does not poll."""
    keeper = keeper_of(cluster.data)
    before = keeper.num_ctx_switches()
    threading.Event().wait(0.5)
    assert keeper.num_ctx_switches() == before


async def test_log_is_bounded(cluster: Cluster) -> None:
    """However much the server says, two files of about a megabyte hold it."""
    sentence = "x" * 1000
    chatter = f"DO $$ BEGIN FOR i IN 1..4000 LOOP RAISE LOG '{sentence}'; END LOOP; END $$"
    await query(cluster.url, chatter)
    sizes = [path.stat().st_size for path in cluster.data.glob("postgres.log*")]
    assert len(sizes) == 2
    assert max(sizes) < 1_200_000


async def test_log_holds_no_statements(cluster: Cluster) -> None:
    """What people store does not get into the log, not even when a statement fails."""
    with pytest.raises(Exception, match="division by zero"):
        await query(cluster.url, "SELECT 1/0 AS private_words")
    assert "private_words" not in (cluster.data / "postgres.log").read_text()


def test_deleted_directory_does_not_block_its_successor(data: Path) -> None:
    """A cluster whose directory was removed under a running server can be made anew at once."""
    with Process(data) as old:
        old.start()
        before = postmaster(data)
        shutil.rmtree(data)
        cluster = Cluster(data)
        cluster.start()
        assert cluster.alive()
        assert not before.is_running() or before.status() == psutil.STATUS_ZOMBIE
        cluster.stop()


async def test_test_databases_are_separate(postgres_cluster: Cluster, database_url: str) -> None:
    """Each database made for a test is empty and its own."""
    await query(database_url, "CREATE TABLE only_here ()")
    other = await create_database(postgres_cluster)
    assert await query(other, "SELECT to_regclass('only_here') IS NULL")


def test_socket_directory_goes_with_the_server(data: Path, tmp_path: Path) -> None:
    """Nothing is left in the runtime directory."""
    cluster = Cluster(data, tmp_path / "run")
    cluster.start()
    assert list((tmp_path / "run").iterdir()) != []
    cluster.stop()
    wait_until_gone(data)
    assert list((tmp_path / "run").iterdir()) == []
