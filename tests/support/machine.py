"""One user's machine for a test: a COMMONTRACE_HOME of its own, the command line, and what may break."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from commontrace import environment
from support import npm_packages, processes

ROOT = Path(__file__).resolve().parents[2]
COMMAND_SECONDS = 120


@dataclass(frozen=True)
class Machine:
    """Everything of CommonTrace below `home`.

    Attributes:
        home: the COMMONTRACE_HOME.
        idle_seconds: how long the local store stays after its last client has gone.
    """

    home: Path
    idle_seconds: int

    @classmethod
    def create(cls, home: Path, idle_seconds: int) -> Self:
        """A machine on which nothing has run yet but the preparation of the shared environment."""
        home.mkdir(mode=0o700)
        _share_environment(home / "env" / Path(environment.environment_dir()).name)
        share_compiled(home)
        return cls(home, idle_seconds)

    @property
    def environment(self) -> dict[str, str]:
        """What plugin and command line are told."""
        return {
            "COMMONTRACE_HOME": str(self.home),
            "COMMONTRACE_IDLE_SECONDS": str(self.idle_seconds),
            "COMMONTRACE_DEADLINE_MS": "4000",  # what is tested is the answer, on a loaded machine too
        }

    def commontrace(
        self, *arguments: str, text: str | None = None, cwd: Path | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run `scripts/commontrace` with `text` as its input, in the folder `cwd` if given."""
        return subprocess.run(
            [ROOT / "scripts" / "commontrace", *arguments],
            env={"PATH": os.environ["PATH"], "HOME": str(self.home), **self.environment},
            cwd=cwd or self.home,
            input=text,
            capture_output=True,
            text=True,
            timeout=COMMAND_SECONDS,
            check=False,
        )

    def contribute(self, trace: Mapping[str, Any], cwd: Path | None = None) -> str:
        """Add a trace to the local store the way a person does, in `cwd` if given; returns its id."""
        file = self.home / "trace.json"
        file.write_text(json.dumps(trace))
        done = self.commontrace("contribute", str(file), "--yes", "--json", cwd=cwd)
        assert done.returncode == 0, done.stderr
        return str(json.loads(done.stdout)["id"])

    def keep(self, store: Path) -> None:
        """Let the machine have a copy of a stopped local store."""
        shutil.copytree(store, self.home / "store")

    def break_store(self) -> None:
        """Make it impossible to start the local store: a file stands where its folder has to be."""
        shutil.rmtree(self.home / "store", ignore_errors=True)
        (self.home / "store").write_text("in the way")

    def end(self) -> None:
        """Kill what is still running for this machine."""
        processes.end_all(self.home)


def share_compiled(data: Path) -> None:
    """Compile every module once for all machines, not once for each.

    Args:
        data: CommonTrace's folder; nothing has run there yet.
    """
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    (data / "pycache").symlink_to(_compiled())


def share_compiled_code(copy: Path, original: Path = ROOT) -> None:
    """Let what was compiled of a folder, the plugin's, count for a copy: its files have the same dates."""
    compiled, link = _compiled(original), _compiled(copy)
    for folder in (compiled, link.parent):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not link.exists():
        link.symlink_to(compiled)


def forget_compiled(folder: Path) -> None:
    """Remove what was compiled of a folder that goes away with the run."""
    shutil.rmtree(_compiled(folder), ignore_errors=True)


def _compiled(folder: Path = Path("/")) -> Path:
    shared = npm_packages.cache() / "pycache"
    shared.mkdir(mode=0o700, exist_ok=True)
    return shared.joinpath(*folder.parts[1:])


def _share_environment(directory: Path) -> None:
    """Stand the environment that runs the tests in for the one that a first start would build."""
    directory.mkdir(mode=0o700, parents=True)
    for part in ("bin", "lib", "pyvenv.cfg"):
        (directory / part).symlink_to(Path(sys.prefix) / part)
    share_compiled_code(directory / "lib", Path(sys.prefix) / "lib")
    (directory / ".complete").touch()
