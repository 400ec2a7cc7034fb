"""When a change does what a trace says, and when it only shares the error's own words with it."""

import json
from pathlib import Path
from typing import Any

import pytest

from commontrace.pairing.changes import Change
from commontrace.pairing.overlap import overlaps

FIXES = Path(__file__).parent / "data" / "fixes.jsonl"
"""Errors, each with two ways to end it: what a trace says of the way, and what somebody changed who took it.

Under `beside` stand changes that ended the error in a way of which the trace says nothing.
"""
YAML = "ModuleNotFoundError: No module named 'yaml'"
DUMPS = "TypeError: Object of type datetime is not JSON serializable"


def ran(command: str) -> Change:
    return Change("command", command, command, 1.0)


def edited(*lines: str, file: str = "src/a.py") -> Change:
    return Change("edit", file, "\n".join(lines), 1.0)


@pytest.mark.parametrize(
    ("trace", "change", "error", "command"),
    [
        ("Install it: pip install -e libs/x",
         ran("/v/bin/python -m pip install -q -e libs/x"), "No x", "make"),
        ("The package is PyYAML: `pip install pyyaml`", ran("uv add PyYAML"), YAML, "pytest"),
        ("Run `pip install yaml`", ran("pip install yaml"), YAML, "pytest"),
        ("Pass `default=str` to json.dumps.", edited("-dumps(d)", "+dumps(d, default=str)"), DUMPS, "a.py"),
        ("Run npm install --legacy-peer-deps", ran("npm install --legacy-peer-deps"), "ERESOLVE", "npm i"),
        ("Set NODE_OPTIONS=--openssl-legacy-provider.",
         ran("NODE_OPTIONS=--openssl-legacy-provider npm run build"), "unsupported", "npm run build"),
        ("Add a `conftest.py` at the root.", edited(file="conftest.py"), YAML, "pytest"),
        ("Remove the lock: rm .git/index.lock",
         ran("rm -f .git/index.lock"), "index.lock exists", "git add ."),
        ("```toml\n[tool.pytest.ini_options]\nasyncio_mode = \"auto\"\n```",
         edited('+asyncio_mode = "auto"', file="pyproject.toml"), "async def functions", "pytest"),
    ],
)  # fmt: skip
def test_the_change_is_the_traces(trace: str, change: Change, error: str, command: str) -> None:
    """The same command, package, setting or name in code."""
    assert overlaps(trace, [change], error, command)


@pytest.mark.parametrize(
    ("trace", "change", "error", "command"),
    [
        ("Install it: pip install -e libs/x", ran("pip install requests"), "No x", "pytest"),
        ("The package is PyYAML: `pip install pyyaml`", ran("pip install yaml"), YAML, "pytest"),
        ("`import yaml` needs `pip install pyyaml`",
         ran("sed -i 's/import yaml//' a.py"), YAML, "python a.py"),
        ("Pass `default=str` to json.dumps.",
         edited("-json.dumps(d)", "+json.dumps({})"), DUMPS, "python a.py"),
        ("Run npm install --legacy-peer-deps", ran("npm install"), "ERESOLVE", "npm run build"),
        ("Run `git pull --rebase`", ran("git pull --no-rebase"), "divergent", "git pull"),
        ("Set `pythonpath = libs/x` in pytest.ini",
         edited("+addopts = -q", file="pytest.ini"), "No x", "pytest"),
        ("Set `pythonpath = libs/x` in pytest.ini", ran("sed -i s/a/b/ pytest.ini"), "No x", "pytest"),
        ("Edit `package.json`: set type to module", ran("rm -rf dist"), "require", "node a.js"),
    ],
)  # fmt: skip
def test_the_change_is_another(trace: str, change: Change, error: str, command: str) -> None:
    """The error's words, the file's name or a similar command are not the fix."""
    assert not overlaps(trace, [change], error, command)


def _pairs() -> list[tuple[bool, bool, str]]:
    """Whether a trace was followed, whether it is credited, and its text, for every way with every change."""
    found = []
    for line in FIXES.read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        told = [(a, b, a is b) for a in case["ways"] for b in case["ways"]]
        told += [(other, other, False) for other in case["beside"]]
        for trace, changed, followed in told:
            made = [_change(change) for change in changed["changes"]]
            credited = overlaps(trace["trace"], made, case["error"], case["command"])
            found.append((followed, credited, trace["trace"]))
    return found


def _change(change: dict[str, Any]) -> Change:
    return ran(change["run"]) if "run" in change else edited(*change["lines"], file=change["edit"])


def test_a_trace_is_rarely_credited_with_what_it_does_not_say() -> None:
    """Of two ways to end an error each trace gets its own; a missed credit is better than a wrong one."""
    pairs = _pairs()
    followed = [text for was, credited, text in pairs if was]
    wrong = [text for was, credited, text in pairs if credited and not was]
    missed = [text for was, credited, text in pairs if was and not credited]
    assert len(followed) > 140
    assert len(pairs) - len(followed) > 160
    assert len(wrong) / (len(followed) - len(missed) + len(wrong)) <= 0.02, wrong
    assert 1 - len(missed) / len(followed) >= 0.8, missed
