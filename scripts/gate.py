"""The gate: locks, lint, format, types, and the tests on every supported Python that the machine has.

Usage: gate.py runs everything; gate.py ARGUMENTS runs pytest alone with these arguments.
"""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "mcp"), str(ROOT / "scripts")]

import lock  # noqa: E402  the path has to be set first

from commontrace import environment, installer  # noqa: E402

PYTHONS = ("3.11", "3.12", "3.13")
PARALLEL = ("-n", str((os.cpu_count() or 1) + 1), "--dist", "worksteal")
"""Many tests wait for processes: one worker more than there are processors."""
ONCE = (
    "soak",
    "outbox_kills",
    "hook_faults",
    "long_sessions",
    "cli_uninstalling",
    "tutorial",
    "two_versions",
    "updates",
)
"""Tests of the client that start many processes or take long: one Python is enough for them."""
OTHER_PYTHONS = (
    "tests/rules", "tests/client", *(f"--ignore=tests/client/test_{name}.py" for name in ONCE),
    "--cases", "8",
)  # fmt: skip
"""What runs on the other Pythons as well: what runs in a session, on whatever Python the user has.

Every such test, but of its cases only some: thousands of samples for the same expressions are tried out once.
"""

UNSTEADY_MOST = 4
"""So many tests may fail beside others and pass alone; they are named: each is a defect to be mended."""
FAILED_BEFORE = Path(".pytest_cache/v/cache/lastfailed")


@dataclass(frozen=True)
class Outcome:
    """How one step went: `passed` is None for one that could not be run and says why."""

    passed: bool | None
    words: str = ""


@dataclass(frozen=True)
class Step:
    """One part of the gate."""

    name: str
    run: Callable[[], Outcome]


def main(argv: list[str]) -> int:
    """Run the gate, or pytest with these arguments, and return the exit status."""
    environment.hold()
    os.chdir(ROOT)
    if argv:
        return subprocess.call([sys.executable, "-m", "pytest", *argv])
    outcomes = [(step, _announced(step)) for step in _steps()]
    return _summary(outcomes)


def _steps() -> list[Step]:
    current = f"{sys.version_info.major}.{sys.version_info.minor}"
    return [
        Step("locks", _locks),
        Step("lint", lambda: _command("ruff", "check", "--output-format=concise", ".")),
        Step("format", lambda: _command("ruff", "format", "--check", ".")),
        Step("types", lambda: _command("mypy")),
        Step("imports", _imports),
        *(Step(f"tests on {version}", _tests_on(version)) for version in PYTHONS if version != current),
        # last, so that the line in which pytest counts the tests is at the end of the output
        Step(f"tests on {current}", _every_test),
    ]


def _announced(step: Step) -> Outcome:
    print(f"\n== {step.name}", flush=True)
    started = time.monotonic()
    outcome = step.run()
    if outcome.words:
        print(outcome.words, flush=True)
    print(f"-- {step.name}: {_verdict(outcome)} in {time.monotonic() - started:.0f} s", flush=True)
    return outcome


def _verdict(outcome: Outcome) -> str:
    return {True: "ok", False: "FAILED", None: "not run"}[outcome.passed]


def _summary(outcomes: list[tuple[Step, Outcome]]) -> int:
    failed = [step.name for step, outcome in outcomes if outcome.passed is False]
    absent = [step.name for step, outcome in outcomes if outcome.passed is None]
    verdict = f"FAILED: {', '.join(failed)}" if failed else "passed"
    print(f"\ngate {verdict}" + (f" (not run: {', '.join(absent)})" if absent else ""))
    return 1 if failed else 0


def _locks() -> Outcome:
    changes = []
    for name in lock.LOCKS:
        try:
            changes += [f"requirements/{name}.txt: {change}" for change in lock.differences(name)]
        except lock.UncheckedError as error:
            return Outcome(None, f"requirements/{name}.txt could not be checked: {error}")
    if changes:
        return Outcome(
            False, "\n".join([*changes, "not current: run scripts/lock.py and commit what it writes"])
        )
    return Outcome(True)


def _command(module: str, *arguments: str, python: str = sys.executable) -> Outcome:
    return Outcome(subprocess.call([python, "-m", module, *arguments]) == 0)


def _imports() -> Outcome:
    """The contracts of pyproject.toml; our packages are not installed, so their places have to be named."""
    code = "from importlinter.cli import lint_imports_command as main; main()"
    places = os.pathsep.join(str(ROOT / place) for place in ("mcp", "backend/src"))
    command = [sys.executable, "-c", code, "--no-cache"]
    return Outcome(subprocess.call(command, env={**os.environ, "PYTHONPATH": places}) == 0)


def _every_test() -> Outcome:
    return _tested(sys.executable, *PARALLEL)


def _tested(python: str, *arguments: str) -> Outcome:
    """Tests side by side; the few that fail run once more by themselves, which tells load from defect."""
    FAILED_BEFORE.unlink(missing_ok=True)
    status = subprocess.call([python, "-m", "pytest", *arguments])
    failed = list(json.loads(FAILED_BEFORE.read_text())) if FAILED_BEFORE.exists() else []
    if status != pytest.ExitCode.TESTS_FAILED or not 0 < len(failed) <= UNSTEADY_MOST:
        return Outcome(status == 0)
    print(f"\n{len(failed)} failed beside others; once more, alone:", flush=True)
    if not _command("pytest", "--last-failed", *failed, python=python).passed:
        return Outcome(False)
    return Outcome(True, "UNSTEADY, passed only alone: " + ", ".join(failed))


def _tests_on(version: str) -> Callable[[], Outcome]:
    def run() -> Outcome:
        interpreter = find_python(version)
        if interpreter is None:
            return Outcome(None, f"this machine has no Python {version}")
        try:
            directory = environment.build(str(lock.path("dev")), str(interpreter), say=print)
        except environment.NotPreparedError as error:
            return Outcome(False, str(error))
        return _tested(environment.python_path(directory), "-q", *PARALLEL, *OTHER_PYTHONS)

    return run


def find_python(version: str) -> Path | None:
    """A Python of this version: one that uv finds, or one of pyenv's that is not the selected one."""
    uv = installer.find_uv()
    if uv is None:
        return None
    search = [uv, "python", "find", "--quiet", "--system", "--no-python-downloads", version]
    found = installer.run_uv(search, installer.uv_environ(uv))
    if found.returncode == 0:
        return Path(found.stdout.strip())
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    return next(iter(sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))), None)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
