"""The loop in the real Claude Code: a fix that works is credited, one that nobody knew is remembered."""

import json
import shlex
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from support.claude_code import ClaudeCode, Session
from support.machine import Machine
from support.messages_api import MessagesApi
from support.model_script import Script, Step, Turn, bash, delegate, pondered, say, together, use
from support.projects import FAILING, PASSING, UNKNOWN, Project

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]

PROMPT = "Please make the tests pass."
SECONDS = 30
SETTING = "pythonpath = libs/ledger"
PAUSE = pondered(bash("true"))
MEND = f"sed -i 's/raise RuntimeError.*/pass/' {UNKNOWN}"
BREAK = f"sed -i \"s/pass/raise RuntimeError('ferry berth 7 refuses a lilac manifest')/\" {UNKNOWN}"


@dataclass(frozen=True)
class Known:
    """A problem, and the trace that the machine has on it; its fix is a line of configuration."""

    project: Project
    title: str
    trace: str

    @property
    def run(self) -> Turn:
        return bash(self.project.pytest(FAILING))


@pytest.fixture
def known(project: Project, machine: Machine) -> Known:
    """A library beside the project that its tests do not find; its name is this test's own."""
    name = f"ledger{uuid.uuid4().hex[:6]}"
    library = project.folder / "libs" / "ledger"
    library.mkdir(parents=True)
    (library / f"{name}.py").write_text("def total(lines):\n    return sum(lines)\n")
    tests = project.folder / FAILING
    tests.write_text(tests.read_text().replace("shopledger", name))
    title = f"pytest stops with ModuleNotFoundError: No module named '{name}'"
    trace = {
        "title": title,
        "context_text": "The ledger lives beside the shop in libs/ledger and is not installed. "
        f"Collecting the tests ends with `ModuleNotFoundError: No module named '{name}'`.",
        "solution_text": f"Tell pytest where the library is: add `{SETTING}` to pytest.ini.",
        "tags": ["python", "pytest"],
    }
    return Known(project, title, machine.contribute(trace))


def contexts(session: Session) -> str:
    """Everything that hooks gave the model."""
    return "\n".join(context for request in session.requests for context in request.hook_contexts)


def offers(session: Session) -> list[str]:
    return [line for line in session.system_messages if "trace-contribute" in line]


def outcomes(machine: Machine, known: Known, expected: tuple[float, float]) -> tuple[float, float]:
    """How often the trace worked and did not, once that is as expected or time is up."""
    given_up = time.monotonic() + SECONDS
    while True:
        found = json.loads(machine.commontrace("search", known.title, "--json").stdout)
        (trust,) = [hit["trust"] for hit in found["hits"] if str(hit["id"]) == known.trace]
        told = (trust["outcomes_worked"], trust["outcomes_failed"])
        if told == expected or time.monotonic() > given_up:
            return told
        time.sleep(0.2)


def edit_setting(project: Project, line: str) -> list[Step]:
    """The model reads pytest.ini and adds a line to it."""
    file = str(project.folder / "pytest.ini")
    return [
        use("Read", file_path=file),
        use("Edit", file_path=file, old_string="[pytest]\n", new_string=f"[pytest]\n{line}\n"),
    ]


def test_a_fix_made_as_the_trace_says_is_an_outcome(
    claude: ClaudeCode, machine: Machine, known: Known, scripted: Scripted
) -> None:
    """Fails, the trace is shown, its change is made, passes: the store learns that it worked."""
    steps = [pondered(known.run), *edit_setting(known.project, SETTING), known.run, PAUSE, say("Done.")]
    session = claude.run(PROMPT, scripted(Script(steps)), cwd=known.project.folder)
    assert known.trace in contexts(session)
    assert offers(session) == []
    assert outcomes(machine, known, (1, 0)) == (1, 0)


def test_a_trace_that_was_tried_in_vain_is_an_outcome_too(
    claude: ClaudeCode, machine: Machine, known: Known, scripted: Scripted
) -> None:
    """Its change is made and the same error comes again: the store learns that it did not work."""
    library = known.project.folder / "libs" / "ledger"
    library.rename(library.with_name("elsewhere"))
    steps = [pondered(known.run), *edit_setting(known.project, SETTING), known.run, PAUSE, say("It fails.")]
    session = claude.run(PROMPT, scripted(Script(steps)), cwd=known.project.folder)
    assert known.trace in contexts(session)
    assert outcomes(machine, known, (0, 1)) == (0, 1)


def test_a_fix_of_another_kind_is_no_outcome(
    claude: ClaudeCode, machine: Machine, known: Known, scripted: Scripted
) -> None:
    """It passes after a change that has nothing to do with the trace: nobody is credited."""
    emptied = bash(f"printf 'def test_empty():\\n    assert True\\n' > {FAILING}")
    steps = [pondered(known.run), emptied, known.run, PAUSE, say("Done.")]
    session = claude.run(PROMPT, scripted(Script(steps)), cwd=known.project.folder)
    assert known.trace in contexts(session)
    assert "Done." in session.result
    assert outcomes(machine, known, (0, 0)) == (0, 0)


@pytest.mark.usefixtures("known_trace")  # whose store is up: what nobody could be asked about is not offered
def test_a_fix_that_nobody_knew_is_offered_once_and_remembered(
    claude: ClaudeCode, project: Project, scripted: Scripted
) -> None:
    """The person gets one line, the model none of it; the next session here is told how it was solved."""
    run = bash(project.pytest(UNKNOWN))
    steps = [pondered(run), run, run, bash(MEND), run, bash(BREAK), run, run, bash(MEND), run, say("Done.")]
    first = claude.run(PROMPT, scripted(Script(steps)), cwd=project.folder)
    (offer,) = offers(first)
    assert "\n" not in offer
    assert all(offer not in request.text for request in first.requests)
    break_again(project)
    second = claude.run(PROMPT, scripted(Script([pondered(run), run, say("I see.")])), cwd=project.folder)
    said = contexts(second)
    assert said.count("solved in this repository before") == 1
    assert "sed -i" in said
    assert offers(second) == []


def break_again(project: Project) -> None:
    """The same error is back."""
    text = "def test_berth():\n    raise RuntimeError('ferry berth 7 refuses a lilac manifest')\n"
    (project.folder / UNKNOWN).write_text(text)


def test_what_passes_elsewhere_ends_nothing(claude: ClaudeCode, project: Project, scripted: Scripted) -> None:
    """Another folder, another target, a sub-agent, a parallel call: none is the command that failed."""
    for name in ("api", "web"):
        (project.folder / name).mkdir()
    broken, good = project.folder / "api" / "test_it.py", project.folder / "web" / "test_it.py"
    broken.write_text((project.folder / UNKNOWN).read_text())
    good.write_text("def test_it():\n    pass\n")
    pytest_there = project.pytest()
    root = shlex.quote(str(project.folder))
    part = "Run the web tests."
    steps: list[Step] = [
        pondered(bash(f"cd {root}/api && {pytest_there}")),
        bash(f"cd {root}/api && {pytest_there}"),
        bash(f"touch {root}/web/conftest.py"),
        bash(f"cd {root}/web && ls"),
        bash(f"cd {root}/web && {pytest_there}"),
        together(
            ("Bash", {"command": f"cd {root}/api && {pytest_there}"}),
            ("Bash", {"command": f"cd {root}/web && {pytest_there}"}),
            ("Bash", {"command": project.pytest(f"{project.folder}/{PASSING}")}),
        ),
        delegate(part),
        say("Done."),
    ]
    helper: list[Step] = [bash(f"cd {root}/web && {pytest_there}"), say("They pass.")]
    session = claude.run(PROMPT, scripted(Script(steps, {part: helper})), cwd=project.folder)
    assert session.succeeded
    assert offers(session) == []
