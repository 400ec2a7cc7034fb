"""The demo's sample project fails for real, in one way that the starter pack knows and in one that is new."""

from pathlib import Path

import pytest

from commontrace.demo_repo import Failing, Sample, create
from commontrace_rules.errors import error_lines
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signature, signatures
from support.starter import fenced_lines, starter_traces

STARTER_NAMES = {
    name for trace in starter_traces() for name in signatures(f"{trace['title']}\n{trace['context_text']}")
}


@pytest.fixture
def sample(tmp_path: Path) -> Sample:
    """A fresh sample project."""
    return create(tmp_path / "shop")


def main_error(failing: Failing) -> str | None:
    """The signature of the line that a hook would look for."""
    return signature(error_lines(failing.run().output)[0].text)


def test_the_starter_pack_knows_the_first_error(sample: Sample) -> None:
    """The main error of the first command is one that a starter trace names."""
    assert main_error(sample.known) in STARTER_NAMES


def test_no_starter_trace_knows_the_second_error(sample: Sample) -> None:
    """None of the errors that the second command prints is in the starter pack."""
    assert not STARTER_NAMES & set(signatures(sample.unknown.run().output))


def test_the_contribution_names_the_second_error(sample: Sample) -> None:
    """The trace that the demo contributes is found by the main error of the second command."""
    trace = sample.trace
    assert main_error(sample.unknown) in signatures(f"{trace['title']}\n{trace['context_text']}")


def test_the_commands_fail_until_they_are_mended(sample: Sample) -> None:
    """Each command fails, passes once mended, and is not mended by the other's fix."""
    assert [sample.known.run().status, sample.unknown.run().status] == [1, 1]
    sample.known.mend()
    assert [sample.known.run().status, sample.unknown.run().status] == [0, 1]
    sample.unknown.mend()
    assert [sample.known.run().status, sample.unknown.run().status] == [0, 0]


def test_the_contribution_says_what_the_fix_does(sample: Sample) -> None:
    """The code in the contributed solution is the code that mends the project."""
    sample.unknown.mend()
    mended = (sample.unknown.directory / "settings.py").read_text(encoding="utf-8")
    assert all(line in mended for line in fenced_lines(str(sample.trace["solution_text"])))


def test_the_contribution_needs_no_redaction(sample: Sample) -> None:
    """What the demo contributes is stored as it stands."""
    for part in ("title", "context_text", "solution_text"):
        assert redact(str(sample.trace[part])).text == sample.trace[part]
