"""The starter traces, and the scenarios that try them: small bash files that fail and are mended for real."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
TRACES = ROOT / "backend" / "src" / "commontrace_server" / "starter" / "traces.jsonl"
STARTER_TESTS = ROOT / "tests" / "starter"
STEP_SECONDS = 60


def starter_traces() -> list[dict[str, Any]]:
    """The lines of the starter pack, in their order."""
    return [json.loads(line) for line in TRACES.read_text(encoding="utf-8").splitlines()]


def scenario_file(slug: str) -> Path:
    """Where the scenario of the trace with this slug is."""
    return STARTER_TESTS / "scenarios" / f"{slug}.sh"


def fenced_lines(text: str) -> list[str]:
    """The lines inside the fenced blocks of a trace's text, without comments, indentation and blank lines."""
    inside, lines = False, []
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("```"):
            inside = not inside
        elif inside and (code := line.split("  #")[0].strip()) and not code.startswith("#"):
            lines.append(code)
    return lines


@dataclass(frozen=True)
class Step:
    """What one function of a scenario did: its exit status and everything it printed."""

    status: int
    output: str


@dataclass
class Scenario:
    """One scenario in a directory of its own, with an empty home and package managers that stay offline."""

    slug: str
    directory: Path
    groups: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name in ("home", "wheels", "tmp", "work"):
            (self.directory / name).mkdir(parents=True)

    def missing_tools(self) -> list[str]:
        """The programs that the scenario needs and this machine does not have."""
        needed = self.run('printf "%s" "$needs"').output.split()
        return [tool for tool in needed if shutil.which(tool, path=self._environment()["PATH"]) is None]

    def run(self, function: str) -> Step:
        """Run one function of the scenario in a shell of its own."""
        script = f'source "$1"; source "$2"; {function}'
        files = [str(STARTER_TESTS / "common.sh"), str(scenario_file(self.slug))]
        with subprocess.Popen(
            ["bash", "-euo", "pipefail", "-c", script, "bash", *files],
            cwd=self.directory / "work",
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        ) as process:
            self.groups.append(process.pid)
            try:
                output, _ = process.communicate(timeout=STEP_SECONDS)
            except subprocess.TimeoutExpired:
                self.end()
                raise
        return Step(process.returncode, output)

    def end(self) -> None:
        """End what the steps left running."""
        for group in self.groups:
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)

    def _environment(self) -> dict[str, str]:
        path = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
        return {
            "PATH": os.pathsep.join(path),
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory / "tmp"),
            "LC_ALL": "C.UTF-8",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_CEILING_DIRECTORIES": str(self.directory),
            "GIT_EDITOR": "true",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.directory / "wheels"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "npm_config_offline": "true",
            "npm_config_audit": "false",
            "npm_config_fund": "false",
            "npm_config_update_notifier": "false",
        }
