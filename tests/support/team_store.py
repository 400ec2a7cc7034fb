"""A shared store as a team runs it: `commontrace serve` in a process of its own, with a team space."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from commontrace import config
from commontrace.config import Permissions, StoreConfig
from support import processes
from support.machine import ROOT, Machine

COMMAND_SECONDS = 120
STOP_SECONDS = 30
SPACE = "harbour"
PROGRAM = str(ROOT / "scripts" / "commontrace")
_READY = "ready "


@dataclass(frozen=True)
class TeamStore:
    """One running store.

    Attributes:
        url: where it answers.
        data: its folder, which the administrator's commands need.
        variables: the environment of its processes.
    """

    url: str
    data: Path
    variables: dict[str, str]

    def admin(self, *arguments: str) -> str:
        """Run one of the administrator's commands; returns what it prints."""
        command = [PROGRAM, "admin", *arguments, "--data", str(self.data)]
        done: subprocess.CompletedProcess[str] = subprocess.run(
            command, env=self.variables, capture_output=True, text=True, timeout=COMMAND_SECONDS, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def connect(self, machine: Machine, name: str) -> None:
        """Make an account, a member of the team, and connect a person's machine with every permission."""
        key = self.admin("create-account", "--name", name)
        self.admin("add-member", SPACE, name)
        granted = Permissions(queries=True, prompts=True, outcomes=True, votes=True)
        place = machine.home / "config.toml"
        config.connect(place, StoreConfig("team", self.url, key, space=SPACE, permissions=granted))
        config.choose_default(place, "team")


@contextmanager
def serving(folder: Path, machine: Machine) -> Iterator[TeamStore]:
    """Serve a store with an empty team space until the block ends.

    Args:
        folder: where its data is.
        machine: lends its prepared environment.
    """
    variables = {"PATH": os.environ["PATH"], "HOME": str(folder), "COMMONTRACE_HOME": str(machine.home)}
    data = folder / "team"
    command = [PROGRAM, "serve", "--port", "0", "--data", str(data)]
    with subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True) as process:
        family = psutil.Process(process.pid)
        try:
            assert process.stdout is not None
            ready = next(line for line in process.stdout if line.startswith(_READY))
            store = TeamStore(ready.removeprefix(_READY).strip(), data, variables)
            store.admin("create-space", SPACE, "--kind", "team")
            yield store
            process.terminate()
            process.wait(STOP_SECONDS)
        finally:
            if process.poll() is None:
                for child in (*family.children(recursive=True), family):
                    processes.end(child)
