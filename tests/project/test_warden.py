"""A test run that is killed takes what it has started with it."""

import subprocess
import sys
from pathlib import Path

import psutil

from support import warden

SUPPORT = Path(warden.__file__).parents[1]
RUN = """
import subprocess, sys, time
sys.path.insert(0, sys.argv[1])
from support import warden
warden.appoint()
sleep = "import time; time.sleep(600)"
parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]).wait()"
child = subprocess.Popen([sys.executable, "-c", parent])
while len(found := __import__("psutil").Process(child.pid).children()) < 1:
    time.sleep(0.02)
print(child.pid, found[0].pid, flush=True)
time.sleep(600)
"""


def test_children_of_a_killed_run_end_with_it() -> None:
    """And theirs: a run has no time to clean up when it is killed."""
    with subprocess.Popen([sys.executable, "-c", RUN, SUPPORT], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        started = [psutil.Process(int(pid)) for pid in run.stdout.readline().split()]
        run.kill()
    assert len(started) == 2
    _, left = psutil.wait_procs(started, timeout=60)
    assert left == []
