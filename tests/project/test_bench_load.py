"""`bench search` and `bench write`, on a small store for a moment."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

RUN = Path(__file__).resolve().parents[2] / "scripts" / "run.py"


def _bench(*arguments: str, out: Path) -> dict[str, Any]:
    command = [sys.executable, "-I", str(RUN), "bench", *arguments]
    sizes = ["--traces", "60", "--clients", "2", "--seconds", "1", "--json", str(out)]
    done = subprocess.run([*command, *sizes], capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(out.read_text(encoding="utf-8"))
    return figures


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "arguments", [("search", "--repeated", "--changing"), ("write",)], ids=lambda one: one[0]
)
def test_a_load_is_measured_with_its_floor(arguments: tuple[str, ...], tmp_path: Path) -> None:
    """One document says what the store did, where its processor time went, and what the bare parts did."""
    figures = _bench(*arguments, out=tmp_path / "figures.json")
    if arguments[0] == "write":
        lag = figures.pop("embedding_lag")
        assert lag.keys() == {"alone_ms", "waiting", "oldest_s", "per_second"}
        assert lag["alone_ms"] > 0
        _check_load(figures.pop("votes"))
        assert figures.pop("sql").keys() == {"p50_ms", "cpu_ms"}
        assert figures.pop("ratio_to_sql") > 0
    _check_load(figures)


def _check_load(figures: dict[str, Any]) -> None:
    latencies = {"p50_ms", "p95_ms", "p99_ms"}
    assert figures.keys() == latencies | {
        "traces",
        "clients",
        "per_second",
        "errors",
        "cpu_ms",
        "floor",
        "echo",
        "ratio_to_floor",
        "ratio_with_echo",
    }
    assert (figures["traces"], figures["clients"], figures["errors"]) == (60, 2, 0)
    assert figures["cpu_ms"].keys() == {"api", "embedding", "postgres"}
    assert figures["floor"].keys() == figures["echo"].keys() == {"p50_ms", "cpu_ms"}
    assert 0 < figures["p50_ms"] <= figures["p95_ms"] <= figures["p99_ms"]
    assert min(figures["ratio_to_floor"], figures["ratio_with_echo"]) > 0
