"""A small soak: sessions in parallel while everything of ours is killed at random."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machine import ROOT, Machine

SESSIONS = 30
PARALLEL = 4


@pytest.fixture
def machine(tmp_path: Path, used_store: Path) -> Iterator[Machine]:
    machine = Machine.create(tmp_path / "machine", idle_seconds=3)
    machine.keep(used_store)
    yield machine
    machine.end()


def test_nothing_is_left_and_nothing_is_lost(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """No process, socket, held lock or temporary file; every acknowledged draft and vote is there."""
    monkeypatch.setattr(sys, "path", [*sys.path, str(ROOT)])
    from benchmarks.soak import Soak

    report = Soak(machine.home, seed=1).run(SESSIONS, PARALLEL)
    assert report.is_clean, report
    assert report.sessions == SESSIONS + 1
    assert report.kills, "nothing was killed, so nothing was tried out"
