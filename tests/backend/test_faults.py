"""A short storm: what dies or lies under a load comes back without help, and nothing acknowledged is lost."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from support.store import RUN

FAULTS = ("worker-killed", "valkey-killed", "postgres-killed", "database-refuses", "provider-lying")


@pytest.mark.timeout(300)
def test_store_survives_what_happens_to_it(tmp_path: Path) -> None:
    """Acknowledged is found, 503 says when to come back, `healthz` answers throughout, no job is given up."""
    out = tmp_path / "report.json"
    command = [sys.executable, "-I", str(RUN), "bench", "faults", "--json", str(out)]
    short = ["--rounds", "1", "--seconds", "1.5", "--only", *FAULTS]
    done = subprocess.run([*command, *short], capture_output=True, text=True, check=False, timeout=280)
    report = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    assert done.returncode == 0, (report, done.stderr)
    assert report["acknowledged"] > 10
    assert report["recovery_seconds"].keys() == set(FAULTS)
