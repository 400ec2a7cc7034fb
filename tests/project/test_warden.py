"""A test run that is killed takes what it has started with it."""

import subprocess
import sys
from pathlib import Path

import psutil

from support import warden

SUPPORT = Path(warden.__file__).parents[1]
RUN = '''
import subprocess, sys, time
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from support import warden
warden.appoint().cover(Path(sys.argv[2]))
sleep = "import time; time.sleep(600)"
parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {sleep!r}]).wait()"
child = subprocess.Popen([sys.executable, "-c", parent])
while len(found := __import__("psutil").Process(child.pid).children()) < 1:
    time.sleep(0.02)
detach = f"""import subprocess, sys
left = subprocess.Popen([sys.executable, '-c', {sleep!r}, sys.argv[1]],
    stdout=subprocess.DEVNULL, start_new_session=True)
print(left.pid)"""
detached = subprocess.check_output([sys.executable, "-c", detach, sys.argv[2] + "/home"], text=True)
print(child.pid, found[0].pid, detached, flush=True)
time.sleep(600)
'''


def test_children_of_a_killed_run_end_with_it(tmp_path: Path) -> None:
    """And theirs, and what has detached itself: a run has no time to clean up when it is killed."""
    command = [sys.executable, "-c", RUN, str(SUPPORT), str(tmp_path / "run")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        started = [psutil.Process(int(pid)) for pid in run.stdout.readline().split()]
        run.kill()
    assert len(started) == 3
    _, left = psutil.wait_procs(started, timeout=60)
    assert left == []
