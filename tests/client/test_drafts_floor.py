"""What a trace has to say at least, and what it is told when it does not."""

import pytest

from commontrace.drafts.floor import lacking

TITLE = "pip install fails with error: externally-managed-environment"
PROBLEM = "On Debian 12 `pip install requests` ends with `error: externally-managed-environment`."
SOLUTION = "Use a virtual environment: python3 -m venv .venv && .venv/bin/pip install requests"


@pytest.mark.parametrize(
    ("title", "problem", "solution"),
    [
        (TITLE, PROBLEM, SOLUTION),
        (TITLE, PROBLEM, "Run `apt install python3-venv`."),
        ("KeyError: 'colour'", "Loading it raises KeyError: 'colour'", "data.setdefault('colour', 'green')"),
        (TITLE, PROBLEM, "\u5148\u521b\u5efa\u4e00\u4e2a\u865a\u62df\u73af\u5883" * 3),
    ],
    ids=["whole", "one command", "code only", "another script"],
)  # fmt: skip
def test_what_helps_others_is_enough(title: str, problem: str, solution: str) -> None:
    """Short is fine, in any language."""
    assert lacking(title, problem, solution) is None


@pytest.mark.parametrize(
    ("title", "problem", "solution", "named"),
    [
        ("Fix the bug", PROBLEM, SOLUTION, "title"),
        ("The error", PROBLEM, SOLUTION, "title"),
        (TITLE, "It did not work again.", "I fixed it and now it works fine again.", "solution_text"),
        (TITLE, PROBLEM, "TODO", "solution_text"),
        (TITLE, PROBLEM, "Fixed the issue, all tests passed now, done.", "solution_text"),
        (TITLE, PROBLEM, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "solution_text"),
        (TITLE, PROBLEM, "<email> <secret:aws-key> <path>/x <path>/y", "solution_text"),
        (TITLE, PROBLEM, PROBLEM, "solution_text"),
        (TITLE, TITLE, SOLUTION, "context_text"),
        (TITLE, "The tests. The code. The issue.", SOLUTION, "context_text"),
    ],
)
def test_a_husk_is_refused_by_name(title: str, problem: str, solution: str, named: str) -> None:
    """The reason names the field that has to be mended."""
    assert (lacking(title, problem, solution) or "").startswith(("context_text", named))
