"""Failure detection on commands of ten ecosystems that were really run, good and bad, masked and not.

Each line of the data is one run: the command, its exit status, what it printed (stdout and stderr merged),
whether something failed in it, and text that a search for help needs.
"""

import json
from pathlib import Path
from typing import Any

from commontrace.failure import parse_error
from commontrace.recognition import Failure, recognise

RUNS = Path(__file__).parent / "data" / "tool_runs.jsonl"
LEAST = 0.97
"""The design asks for 95 % of runs that nobody has seen; of these here the rest is known and accepted."""


def _runs() -> list[dict[str, Any]]:
    return [json.loads(line) for line in RUNS.read_text(encoding="utf-8").splitlines()]


def _recognise(run: dict[str, Any]) -> Failure | None:
    """What the plugin makes of a run as Claude Code delivers it."""
    code, output = None, run["output"]
    if run["exit_code"]:
        code, output = parse_error(f"Exit code {run['exit_code']}\n{output}")
    return recognise(run["command"], output, code, interrupted=False)


def test_real_runs_are_told_apart() -> None:
    """Of what is taken for a failure, and of what failed, the share that is right."""
    judged = [(run, _recognise(run)) for run in _runs()]
    failed = [run for run, found in judged if run["failing"]]
    missed = [run["command"] for run, found in judged if run["failing"] and found is None]
    wrong = [run["command"] for run, found in judged if not run["failing"] and found is not None]
    assert len(failed) > 150
    assert len(judged) - len(failed) > 130
    assert sum(run["exit_code"] == 0 for run in failed) > 70
    assert 1 - len(missed) / len(failed) >= LEAST, missed
    assert 1 - len(wrong) / (len(failed) - len(missed) + len(wrong)) >= LEAST, wrong


def test_the_query_of_a_real_run_holds_what_a_search_needs() -> None:
    """The message or code that tells the problem from others."""
    found = [(run["key"], _recognise(run)) for run in _runs() if run["key"]]
    lost = [key for key, failure in found if failure and key.casefold() not in failure.query.casefold()]
    assert 1 - len(lost) / len(found) >= LEAST, lost
