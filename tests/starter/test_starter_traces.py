"""Every trace that ships is well formed, and its error is really met and really mended by what it says."""

import re
import uuid
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from commontrace.render import CUT, injection
from commontrace.stores import Hit, Trust
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signatures
from support.starter import STARTER_TESTS, Scenario, fenced_lines, scenario_file, starter_traces

TRACES = starter_traces()
FIELDS = ["slug", "title", "context_text", "solution_text", "tags", "kind", "environment"]
ENVIRONMENT = ["languages", "frameworks", "packages", "os"]

Trace = dict[str, Any]
NAMED = {trace["slug"]: set(signatures(f"{trace['title']}\n{trace['context_text']}")) for trace in TRACES}
each_trace = pytest.mark.parametrize("trace", TRACES, ids=[trace["slug"] for trace in TRACES])


def traces_that_name(output: str) -> list[str]:
    """The slugs of the traces that name an error in this output."""
    met = set(signatures(output))
    return [slug for slug, names in NAMED.items() if names & met]


@pytest.fixture
def scenario(trace: Trace, tmp_path: Path) -> Iterator[Scenario]:
    """The trace's scenario; what it leaves running is ended afterwards."""
    assert scenario_file(trace["slug"]).is_file(), f"nothing tries {trace['slug']}"
    scenario = Scenario(trace["slug"], tmp_path / "scenario")
    missing = scenario.missing_tools()
    assert not missing, f"the scenario of {trace['slug']} needs {', '.join(missing)} on PATH"
    try:
        yield scenario
    finally:
        scenario.end()


@each_trace
def test_the_error_is_met_and_the_fix_mends_it(trace: Trace, scenario: Scenario) -> None:
    """The command fails with the error that this trace alone names, and passes once its fix is applied."""
    prepared = scenario.run("prepare")
    assert prepared.status == 0, prepared.output

    failed = scenario.run("failing")
    assert failed.status != 0, failed.output
    assert traces_that_name(failed.output) == [trace["slug"]], failed.output

    fixed = scenario.run("fix")
    assert fixed.status == 0, fixed.output
    passed = scenario.run("passing")
    assert passed.status == 0, passed.output


@each_trace
def test_the_scenario_does_what_the_trace_says(trace: Trace) -> None:
    """Every line of code in a solution is in its scenario, so that nothing is advised that was not tried."""
    tried = scenario_file(trace["slug"]).read_text(encoding="utf-8")
    assert fenced_lines(trace["solution_text"])
    assert [line for line in fenced_lines(trace["solution_text"]) if line not in tried] == []


@each_trace
def test_fields(trace: Trace) -> None:
    """A starter trace has exactly the fields of the format, of the right types."""
    assert list(trace) == FIELDS
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", trace["slug"])
    assert trace["kind"] == "fix"
    assert list(trace["environment"]) == ENVIRONMENT
    assert all(re.match(r"[<>=!~]=?\d", wanted) for wanted in trace["environment"]["packages"].values())
    assert set(trace["environment"]["os"]) <= {"linux", "macos", "windows"}


@each_trace
def test_lengths(trace: Trace) -> None:
    """A title fits one line, and the solution is short enough to be read in passing."""
    assert 20 <= len(trace["title"]) <= 90
    assert 100 <= len(trace["context_text"]) <= 900
    assert 100 <= len(trace["solution_text"]) <= 460


@each_trace
def test_an_injection_holds_the_whole_trace(trace: Trace) -> None:
    """What a hook may say is enough for the whole solution, so that none is cut off before its end."""
    hit = Hit(
        id=uuid.uuid4(),
        title=trace["title"],
        context_text=trace["context_text"],
        solution_text=trace["solution_text"],
        tags=trace["tags"],
        kind=trace["kind"],
        confidence=0.95,
        why=["signature"],
        trust=Trust(status="published", origin="starter", last_verified_at="2026-01-01T00:00:00Z"),
        automatic=True,
    )
    error = fenced_lines(trace["context_text"])[0][:120]
    assert CUT not in injection(error, [hit])[0]


@each_trace
def test_redaction_finds_nothing(trace: Trace) -> None:
    """A trace holds no secret and no personal data, not even examples that look like them."""
    for part in ("title", "context_text", "solution_text"):
        assert redact(trace[part]).text == trace[part]


@each_trace
def test_tags(trace: Trace) -> None:
    """Tags are lower case words, few, each once."""
    assert 3 <= len(trace["tags"]) <= 5
    assert len(set(trace["tags"])) == len(trace["tags"])
    assert all(re.fullmatch(r"[a-z0-9+.-]{1,50}", tag) for tag in trace["tags"])


@each_trace
def test_text(trace: Trace) -> None:
    """A trace quotes the error, says how to verify the fix, closes its blocks, and leaves no blanks."""
    text = trace["title"] + trace["context_text"] + trace["solution_text"]
    assert "```text" in trace["context_text"]
    assert re.search(r"^.*Verify: \S", trace["solution_text"], re.MULTILINE)
    assert trace["solution_text"].count("```") % 2 == 0
    assert not re.search(
        r"\b(TODO|FIXME|XXX|lorem ipsum|foo|bar|your[-_]\w+)\b|<[a-z ]+>", text, re.IGNORECASE
    )


def test_screening_holds_nothing() -> None:
    """The rules for untrusted text find nothing in the pack."""
    from commontrace_rules.screening import screen

    findings = {trace["slug"]: screen(trace).findings for trace in TRACES if screen(trace).verdict != "clean"}
    assert findings == {}


def test_slugs_are_unique() -> None:
    """A slug names one trace."""
    assert [slug for slug, count in Counter(trace["slug"] for trace in TRACES).items() if count > 1] == []


def test_every_scenario_has_a_trace() -> None:
    """A scenario that tries nothing is a leftover."""
    assert {file.stem for file in (STARTER_TESTS / "scenarios").iterdir()} == {
        trace["slug"] for trace in TRACES
    }


def test_no_error_is_named_by_two_traces() -> None:
    """An error leads to one starter trace."""
    counts = Counter(name for names in NAMED.values() for name in names)
    assert [name for name, count in counts.items() if count > 1] == []


def test_there_are_enough() -> None:
    """The pack covers a dozen common errors at least."""
    assert len(TRACES) >= 16
