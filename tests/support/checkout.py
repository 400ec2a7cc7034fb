"""A copy of the project as a user has it, with a small lock, and its launchers run as a user would."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from commontrace import environment, installer

ROOT = Path(environment.ROOT)
SYSTEM_PATH = "/usr/bin:/bin"
SMALL_PACKAGE = "tomli-w"
"""One package without dependencies: its environment is built in a second, by the same steps as the real."""
SECONDS = 200
"""For a whole first start without any cache, which is the slowest thing that is run here."""

PROBE = '''"""A command line that tells how it was called."""
import json, os, sys
def main(argv):
    import tomli_w
    print(json.dumps({"argv": argv, "cwd": os.getcwd(), "stdin": sys.stdin.read(), "python": sys.executable}))
    return 7
'''


@dataclass
class Checkout:
    """A copy of what launchers need, and the machine it is used on.

    Attributes:
        root: the copy's folder.
        home: the user's home folder, empty at first.
        path: the PATH that the launchers are started with.
        variables: further environment variables.
        prefix: words before every command, such as those that change the user.
    """

    root: Path
    home: Path
    path: str
    variables: dict[str, str] = field(default_factory=dict)
    prefix: Sequence[str] = ()

    @property
    def data(self) -> Path:
        """CommonTrace's folder of this user."""
        return self.home / ".local" / "share" / "commontrace"

    def start(self, *command: str | Path, cwd: Path | None = None) -> "subprocess.Popen[str]":
        """Start a command in an environment that is empty but for HOME, PATH and `variables`."""
        return subprocess.Popen(
            [*self.prefix, *map(str, command)],
            cwd=cwd or self.home,
            env={"HOME": str(self.home), "PATH": self.path, **self.variables},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def run(
        self, *command: str | Path, cwd: Path | None = None, stdin: str = ""
    ) -> "subprocess.CompletedProcess[str]":
        """Run a command to its end."""
        return finished(self.start(*command, cwd=cwd), stdin)

    def launch(self) -> "subprocess.CompletedProcess[str]":
        """Ensure the runtime environment, as every launcher does first."""
        return finished(self.start_launch())

    def start_launch(self) -> "subprocess.Popen[str]":
        """Start what `launch` runs; its process is the one that builds, as the shell makes way for it."""
        return self.start(
            self.root / "scripts" / "python", "-I", "-S", self.root / "scripts" / "launch.py", "runtime"
        )

    def use_uv(self, uv: Path | None = None) -> None:
        """Put this uv, or the one that this machine has, on PATH, with the cache that it always uses."""
        found = str(uv) if uv else required_uv()
        tools = self.home.parent / "tools"
        tools.mkdir()
        (tools / "uv").symlink_to(found)
        self.path = f"{tools}:{self.path}"
        self.variables["UV_CACHE_DIR"] = uv_cache()


def finished(process: "subprocess.Popen[str]", stdin: str = "") -> "subprocess.CompletedProcess[str]":
    """Wait for a process; it is killed when it takes far too long."""
    try:
        stdout, stderr = process.communicate(stdin, timeout=SECONDS)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, stdout, stderr)


def create(folder: Path, *, small: bool = True) -> Checkout:
    """Copy the project below `folder`.

    Args:
        folder: an empty folder.
        small: with one small package as the runtime lock, and a command line that tells how it was called.
    """
    root, home = folder / "plugin", folder / "home"
    home.mkdir()
    ignored = shutil.ignore_patterns("__pycache__", ".*_cache")
    for name in ("scripts", "mcp", "requirements", "backend", "hooks"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    if small:
        lock = root / "requirements" / "runtime.txt"
        lock.write_text(entry(lock.read_text(), SMALL_PACKAGE))
        shutil.rmtree(root / "mcp" / "commontrace" / "cli", ignore_errors=True)
        (root / "mcp" / "commontrace" / "cli.py").write_text(PROBE)
    return Checkout(root, home, _path_with_python(folder))


def entry(lock: str, package: str) -> str:
    """The lines of one package in a lock."""
    lines = lock.splitlines(keepends=True)
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{package}=="))
    end = next((n for n in range(start + 1, len(lines)) if not lines[n].startswith(" ")), len(lines))
    return "".join(lines[start:end])


def required_uv() -> str:
    """The uv of this machine, which the tests' own environment was built with."""
    uv = installer.find_uv()
    assert uv, "uv is needed"
    return uv


def uv_cache() -> str:
    """The folder of uv's cache on this machine."""
    uv = required_uv()
    asked = subprocess.run(
        [uv, "cache", "dir"], env=installer.uv_environ(uv), capture_output=True, text=True, check=True
    )
    return asked.stdout.strip()


def _path_with_python(folder: Path) -> str:
    """The system's PATH, led by the tests' Python only where the system has none that is new enough."""
    check = [
        shutil.which("python3", path=SYSTEM_PATH) or "false",
        "-c",
        "import sys; sys.exit(sys.version_info < (3, 11))",
    ]
    if subprocess.run(check, check=False, capture_output=True).returncode == 0:
        return SYSTEM_PATH
    python = folder / "python" / "python3"
    python.parent.mkdir()
    python.write_text(f'#!/bin/sh\nexec "{os.path.realpath(sys.executable)}" "$@"\n')
    python.chmod(0o755)
    return f"{python.parent}:{SYSTEM_PATH}"
