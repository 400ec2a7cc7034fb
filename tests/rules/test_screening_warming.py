"""What the first trace of a process would have to pay is paid in advance."""

import json
import subprocess
import sys
from pathlib import Path

import commontrace_rules
from commontrace_rules.screening import screen, warming

HONEST = {
    "title": "ModuleNotFoundError: No module named 'ferry' after an upgrade",
    "context_text": "The tests run with `python -m ferry`, but the package is not found in the new image.",
    "solution_text": "Run `pip install ferry==7.1` in the image, so that both use the same interpreter.",
    "tags": ["python"],
}
PAID = """
import json
import sys

warmed, rules, trace = sys.argv[1:]
sys.path.insert(0, rules)
from commontrace_rules.screening import prefilter, screen, warming

screen({"title": "any text"})
if warmed == "warmed":
    warming.warm()
paid, required, read = [], prefilter.required, []
prefilter.required = lambda pattern: paid.append(pattern) or required(pattern)
sys.addaudithook(lambda event, told: event == "open" and read.append(str(told[0])))
screen(json.loads(trace))
print(len(paid), sum(name.endswith(".txt") for name in read))
"""


def paid(state: str) -> tuple[int, int]:
    """How many expressions a new process takes apart for an honest trace, and how many tables it reads."""
    folder = str(Path(commontrace_rules.__file__).parents[1])
    command = [sys.executable, "-c", PAID, state, folder, json.dumps(HONEST)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    expressions, tables = map(int, ran.stdout.split())
    return expressions, tables


def test_what_is_screened_in_advance_is_an_honest_trace() -> None:
    """What most traces are tried with is what an honest one is tried with."""
    assert screen(warming.SAMPLE).verdict == "clean"


def test_after_warming_an_honest_trace_pays_little() -> None:
    """Hardly an expression has still to be taken apart for it, and no table to be read."""
    cold, warm = paid("cold"), paid("warmed")
    assert cold[0] > 20
    assert warm[0] <= cold[0] // 5
    assert cold[1] > warm[1] == 0
