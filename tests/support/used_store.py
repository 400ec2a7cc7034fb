"""A local store that was used before: its first start, made once per run, is spared to those that copy it."""

import asyncio
import shutil
from pathlib import Path

import filelock
import pytest

from commontrace_server.postgres.cluster import Cluster
from commontrace_server.settings import MINILM
from support import postgres
from support.store import LocalStore, eventually

SECONDS = 200.0
DUE = "SELECT count(*) FROM jobs WHERE state <> 'queued' OR run_at <= now()"


@pytest.fixture(scope="session")
def used_store(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of a stopped store with the starter pack and its vectors; only copies are started."""
    place = tmp_path_factory.getbasetemp()
    run = place if worker_id == "master" else place.parent
    home = run / "used-store"
    with filelock.FileLock(f"{home}.lock", timeout=SECONDS):
        if not (home / "made").exists():
            shutil.rmtree(home, ignore_errors=True)
            _make(LocalStore(home))
            (home / "made").touch()
    return home / "store"


def _make(store: LocalStore) -> None:
    store.socket.parent.mkdir(mode=0o700, parents=True)
    with store.process(embedder=MINILM) as process:
        process.wait_ready()
        cluster = Cluster(store.data / "postgres", store.socket.parent)
        cluster.start()
        asyncio.run(_until_nothing_is_due(cluster.url))
        cluster.stop()
        assert process.stop() == 0
    store.wait_until_gone()


async def _until_nothing_is_due(url: str) -> None:
    async def nothing() -> bool:
        return not await postgres.query(url, DUE)

    await eventually(nothing, seconds=SECONDS)
