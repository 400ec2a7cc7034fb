"""`commontrace demo`: the main job on a fresh machine, in a temporary store that ends with it."""

import argparse
import json
import sys
import tempfile
import time
from contextlib import closing, redirect_stdout
from pathlib import Path
from typing import Any

from commontrace import demo_repo, drafts, hook_templates
from commontrace.cli import colleague
from commontrace.cli.colleague import Colleague
from commontrace.cli.output import ROOT, CommandError
from commontrace.demo_repo import Failing
from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from commontrace.stores import Query, Trace

START_SECONDS = 60
DEADLINE_MS = 10_000
OUTCOME_SECONDS = 30


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "demo", help="see it work: failing commands get their fix, in a temporary store"
    )
    parser.add_argument(
        "--json", action="store_true", help="tell it on standard error, and print its figures as JSON"
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Play both stories: an error that is known, and one that becomes known."""
    if not arguments.json:
        _play()
        return 0
    with redirect_stdout(sys.stderr):
        figures = _play()
    print(json.dumps(figures, indent=2))
    return 0


def _play() -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="commontrace-demo-") as folder:
        folders = Paths.from_environment({"COMMONTRACE_HOME": folder})
        runtime = Runtime(ROOT, folders, Settings(deadline_ms=DEADLINE_MS))
        with closing(runtime):
            demo = Demo(runtime, Path(folder))
            demo.play()
    print("\nDone: the temporary store is stopped and removed.")
    return demo.figures


class Demo:
    """One run in its own folder.

    Args:
        runtime: leads to the temporary store.
        folder: where the sample project is written.

    Attributes:
        figures: seconds until the store was ready, milliseconds of each hook, the trace's Wilson bound.
    """

    def __init__(self, runtime: Runtime, folder: Path) -> None:
        self._runtime = runtime
        self._hooks = Hooks(runtime)
        self._folder = folder
        self._step = 0
        self.figures: dict[str, Any] = {"hook_ms": []}

    def play(self) -> None:
        """Print every step as it happens.

        Raises:
            CommandError: a step did not end as it should; then this installation does not work.
        """
        self._head("Starting a private store (embedded PostgreSQL, unix socket, no port)")
        started = time.monotonic()
        self._runtime.local.wait_ready(START_SECONDS)
        self.figures["ready_seconds"] = round(time.monotonic() - started, 1)
        print(f"    ready in {self.figures['ready_seconds']} s")
        sample = demo_repo.create(self._folder / "project")
        self._known(sample.known)
        self._unknown(sample.unknown)
        self._head("A team on the same store: a space, and a colleague with an account of their own")
        trace = self._contribute(Colleague(self._runtime), dict(sample.trace))
        self._head("A second member votes for it; from now on the team is told of it unasked")
        self._runtime.local.store.vote(trace.id, 1)
        voted = self._evidence(trace, worked=0)
        again = demo_repo.create(self._folder / "another-project")
        self._head("Another project, another session, the same error")
        self._expect(self._fail(again.unknown, "session-3"), told=True)
        self._head("The fix is applied and works; that is observed, not claimed")
        self._mend(again.unknown, "session-3")
        self.figures["wilson"] = self._evidence(trace, worked=1)
        if self.figures["wilson"] <= voted:
            raise CommandError("the demo did not go as it should: the outcome did not count")

    def _known(self, failing: Failing) -> None:
        self._head("A command fails in Claude Code; the store knows the error")
        self._expect(self._fail(failing, "session-1"), told=True)
        self._head("The fix is applied")
        self._mend(failing, "session-1")

    def _unknown(self, failing: Failing) -> None:
        self._head("An error that nobody has met: the plugin stays silent")
        self._expect(self._fail(failing, "session-2"), told=False)
        self._head("It gets solved the usual way")
        self._mend(failing, "session-2")

    def _contribute(self, member: Colleague, trace: dict[str, Any]) -> Trace:
        self._head("The colleague contributes the fix to the team; this is what is stored, after redaction")
        draft = drafts.read(json.dumps(trace), "the sample trace").redacted()
        verdict = draft.screened().verdict
        body = {**draft.fields(), "space": colleague.SPACE}
        stored = member.contribute(body, draft.key())
        _show(f"{stored.title}\n\n{stored.context_text}\n\n{stored.solution_text}")
        print(f"    screening: {verdict}; stored as {stored.id}")
        return stored

    def _evidence(self, trace: Trace, worked: int) -> float:
        """Print what speaks for a trace, once so many outcomes of it have arrived; returns its bound."""
        given_up = time.monotonic() + OUTCOME_SECONDS
        while True:
            self._hooks.settle(DEADLINE_MS / 1000)
            found = self._runtime.local.store.search(Query(query=trace.title, kind="question", limit=5))
            trust = next(hit.trust for hit in found.hits if hit.id == trace.id)
            if trust.outcomes_worked >= worked:
                break
            if time.monotonic() > given_up:
                raise CommandError("the demo did not go as it should: the outcome was not observed")
            time.sleep(0.1)
        print(
            f"    votes: {trust.votes_up} up, {trust.votes_down} down; seen to work: {trust.outcomes_worked}"
        )
        print(f"    Wilson lower bound of the trace: {trust.wilson:.3f}")
        return trust.wilson or 0.0

    def _fail(self, failing: Failing, session: str) -> str | None:
        """Run the command for real and send what Claude Code would send; the text that the model is given."""
        done = failing.run()
        print(f"    $ {failing.command}")
        _show("\n".join(done.output.strip().splitlines()[-4:]))
        if done.status == 0:
            raise CommandError(f"the sample command {failing.command!r} should have failed here")
        started = time.monotonic()
        answer = self._tell(
            {
                **_bash(failing, session, "PostToolUseFailure"),
                "error": f"Exit code {done.status}\n{done.output}",
                "is_interrupt": False,
            }
        )
        self.figures["hook_ms"].append(round((time.monotonic() - started) * 1000))
        print(f"    the hook answered in {self.figures['hook_ms'][-1]} ms")
        return answer["hookSpecificOutput"]["additionalContext"] if answer else None

    def _tell(self, payload: dict[str, Any]) -> dict[str, Any] | None:
        (arguments,) = hook_templates.calls(ROOT / "hooks" / "hooks.json", payload)
        return self._hooks.answer(arguments)

    def _expect(self, text: str | None, *, told: bool) -> None:
        if (text is not None) != told:
            raise CommandError(
                "the demo did not go as it should: "
                + ("the known fix was not found" if told else "something was shown for an unknown error")
            )
        if text is None:
            print("    nothing is added to the model's context")
        else:
            print("    and the model's context gets:")
            _show(text)

    def _mend(self, failing: Failing, session: str) -> None:
        """Edit the file and run the command again, and send what Claude Code would send of both."""
        name, wrong, right = failing.edit
        print(f"    {name}: {wrong} -> {right}")
        failing.mend()
        edited = {
            "hook_event_name": "PostToolUse",
            "session_id": session,
            "cwd": str(failing.directory),
            "tool_name": "Edit",
            "tool_input": {"file_path": str(failing.directory / name)},
            "tool_response": {"structuredPatch": [{"lines": [f"-{wrong}", f"+{right}"]}]},
        }
        self._tell(edited)
        done = failing.run()
        print(f"    $ {failing.command}\n    exit code {done.status}")
        if done.status != 0:
            raise CommandError(f"the sample command {failing.command!r} should pass now")
        passed = {"stdout": done.output, "stderr": "", "interrupted": False}
        self._tell({**_bash(failing, session, "PostToolUse"), "tool_response": passed})

    def _head(self, text: str) -> None:
        self._step += 1
        print(f"\n{self._step}. {text}")
        sys.stdout.flush()


def _bash(failing: Failing, session: str, event: str) -> dict[str, Any]:
    """What Claude Code says of a command, whatever became of it."""
    return {
        "hook_event_name": event,
        "session_id": session,
        "cwd": str(failing.directory),
        "tool_name": "Bash",
        "tool_input": {"command": failing.command},
    }


def _show(text: str) -> None:
    print("\n".join(f"    | {line}" for line in text.splitlines()))
