"""What our hooks add to each step of the real client, against no hook and against a bare echo server's hook.

Three sessions live side by side, one of each kind, and take turns prompt by prompt, with the same prompts and
tool calls, none of which we have anything to say about. So each step has its like from the same second in the
other two, and what else the machine does falls out of their differences. A step is what lies between the
model's answer and the client's next request.
"""

import argparse
import itertools
import json
import math
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from commontrace import environment

if TYPE_CHECKING:
    from support.claude_clients import Client

ROOT = Path(environment.ROOT)
CLIENTS = ROOT / "tests" / "e2e" / "clients"
ARMS = ("none", "echo", "ours")
NOTHING_TO_SAY = "Please go on."
WARM_PROMPTS = 3
"""The first ones of a session, in which servers start, do not count."""
SESSION_SECONDS = 300
STARTS = 40
RESAMPLES = 1000
Times = dict[str, list[dict[str, float]]]
"""Seconds by arm, of every step of an event."""


def main(argv: list[str]) -> int:
    """Measure, print a table, and write the figures where asked."""
    parser = argparse.ArgumentParser(prog="bench hooks", description=__doc__)
    parser.add_argument("--prompts", type=int, default=25, help="per session (%(default)s)")
    parser.add_argument("--rounds", type=int, default=3, help="sessions of each kind (%(default)s)")
    parser.add_argument("--json", type=Path, help="where the figures are written")
    options = parser.parse_args(argv)
    sys.path.append(str(ROOT / "tests"))
    from support import claude_clients

    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), options.prompts)
        start = _session_start(Path(folder))
        figures = {
            client.version: {**_compared(bench.times(client, options.rounds)), "SessionStart": start}
            for client in claude_clients.installed(CLIENTS).values()
        }
        bench.end()
    for version, events in figures.items():
        print(f"{version:<28}{'added ms':>10}{'p95':>8}{'to echo':>9}{'95 % of resamples':>20}")
        for event, found in events.items():
            print(f"  {event:<26}{found['added_ms_median']:>10.2f}{found['added_ms_p95']:>8.2f}", end="")
            between = f"{found['ratio_low']:.2f} to {found['ratio_high']:.2f}"
            print(f"{found['ratio_to_echo']:>9.2f}{between:>20}")
    print("SessionStart: a whole process, against `python3 -I -S -c pass` in place of the echo.")
    if options.json is not None:
        options.json.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0


class Bench:
    """The three kinds of sessions.

    Args:
        folder: an empty one, for all that is written.
        prompts: per session; each leads to a call of every tool that we listen to.
    """

    def __init__(self, folder: Path, prompts: int) -> None:
        from support.machine import Machine

        self._folder = folder
        self._prompts = prompts + WARM_PROMPTS
        self._machine = Machine.create(folder / "machine", idle_seconds=120)
        self._plugins = {"none": None, "echo": _echo_plugin(folder / "echo"), "ours": ROOT}
        self._sessions = itertools.count()

    def times(self, client: "Client", rounds: int) -> Times:
        """Seconds by event and arm, step by step."""
        found: Times = defaultdict(list)
        for _ in range(rounds):
            with ExitStack() as sessions:
                held = {arm: sessions.enter_context(self._session(client, arm)) for arm in ARMS}
                for number in range(self._prompts):
                    for place in range(len(ARMS)):  # everyone is the first one as often as the last
                        held[ARMS[(number + place) % len(ARMS)]].prompt()
            steps = zip(*(held[arm].measured() for arm in ARMS), strict=True)
            for alike in steps:
                found[alike[0][0]].append(
                    {arm: seconds for arm, (_, seconds) in zip(ARMS, alike, strict=True)}
                )
        return found

    def end(self) -> None:
        """End the store that the sessions have left."""
        self._machine.end()

    @contextmanager
    def _session(self, client: "Client", arm: str) -> Iterator["Conversation"]:
        from support.claude_code import ClaudeCode
        from support.messages_api import MessagesApi

        place = self._folder / f"session{next(self._sessions)}"
        (place / "project").mkdir(parents=True)
        claude = ClaudeCode(client, place / "claude", self._plugins[arm], self._machine.environment)
        conversation = Conversation(self._prompts, place / "project")
        with MessagesApi(conversation.script()) as api, conversation.held(claude, api):
            yield conversation


class Conversation:
    """Prompts that a person types into one session, each as soon as the last one is answered.

    Args:
        prompts: how many.
        project: the folder that the session works in.
    """

    def __init__(self, prompts: int, project: Path) -> None:
        self._prompts = prompts
        self._project = project
        self._marks: list[tuple[str, float, float]] = []
        self._event, self._since = "", 0.0
        self._client: subprocess.Popen[str] | None = None

    def script(self) -> Any:
        """What the model answers: a call of each tool, then an end, over and over."""
        from support.model_script import Script, bash, say, use

        file = str(self._project / "notes.txt")
        steps: list[Any] = []
        for number in range(self._prompts):
            write = use("Write", file_path=f"{file}.{number}", content="x = 1\n")
            steps.append(self._step("UserPromptSubmit", bash("true"), "PostToolUse Bash"))
            steps.append(self._step("PostToolUse Bash", bash("false"), "PostToolUseFailure Bash"))
            steps.append(self._step("PostToolUseFailure Bash", write, "PostToolUse Write"))
            steps.append(self._step("PostToolUse Write", say("Done."), ""))
        return Script(steps)

    @contextmanager
    def held(self, claude: Any, api: Any) -> Iterator[None]:
        """The session, from its start to its end."""
        options = ["-p", "--verbose", "--input-format", "stream-json", "--output-format", "stream-json"]
        options += ["--allowedTools", "Bash,Write"]
        options += ["--plugin-dir", str(claude.plugin)] if claude.plugin else []
        with subprocess.Popen(  # noqa: S603  the pinned client
            [claude.client.binary, *options],
            cwd=self._project,
            env=claude.environment_for(api.url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        ) as self._client:
            yield
            assert self._client.stdin is not None
            self._client.stdin.close()
            self._client.wait(SESSION_SECONDS)

    def prompt(self) -> None:
        """Type one prompt and wait until it is answered."""
        assert self._client is not None
        assert self._client.stdin is not None
        assert self._client.stdout is not None
        self._begin("UserPromptSubmit")
        message = {"type": "user", "message": {"role": "user", "content": NOTHING_TO_SAY}}
        self._client.stdin.write(json.dumps(message) + "\n")
        self._client.stdin.flush()
        next(line for line in self._client.stdout if json.loads(line)["type"] == "result")

    def measured(self) -> Iterator[tuple[str, float]]:
        """Event and seconds of every step but the first ones."""
        for event, since, until in self._marks[4 * WARM_PROMPTS :]:
            yield event, until - since

    def _step(self, ends: str, turn: Any, begins: str) -> Any:
        def answer(_: Any) -> Any:
            now = time.perf_counter()
            assert self._event == ends, f"{self._event} instead of {ends}"
            self._marks.append((ends, self._since, now))
            self._begin(begins)
            return turn

        return answer

    def _begin(self, event: str) -> None:
        self._event, self._since = event, time.perf_counter()


def _compared(times: Times) -> dict[str, dict[str, float]]:
    figures = {}
    for event, steps in times.items():
        bare, ours = ([step[arm] for step in steps] for arm in ("none", "ours"))
        high = statistics.quantiles(ours, n=20)[-1] - statistics.quantiles(bare, n=20)[-1]
        low_ratio, high_ratio = interval(steps, ratio)
        figures[event] = {
            "added_ms_median": _added(steps, "ours") * 1000,
            "added_ms_p95": high * 1000,
            "ratio_to_echo": ratio(steps),
            "ratio_low": low_ratio,
            "ratio_high": high_ratio,
        }
    return figures


def ratio(steps: Sequence[dict[str, float]]) -> float:
    """What ours adds as a multiple of what the echo adds; infinite where the echo seems to add nothing."""
    echo = _added(steps, "echo")
    return _added(steps, "ours") / echo if echo > 0 else math.inf


def interval(
    steps: Sequence[dict[str, float]], figure: Callable[[Sequence[dict[str, float]]], float]
) -> tuple[float, float]:
    """Between which values 95 % of the figures of resampled steps lie (bootstrap, always the same one)."""
    chosen = random.Random(1)  # noqa: S311  no secret
    found = sorted(figure(chosen.choices(steps, k=len(steps))) for _ in range(RESAMPLES))
    return found[RESAMPLES // 40], found[-RESAMPLES // 40]


def _added(steps: Sequence[dict[str, float]], arm: str) -> float:
    """Seconds: the median of the differences to the same step without a hook."""
    return statistics.median(step[arm] - step["none"] for step in steps)


def _session_start(folder: Path) -> dict[str, float]:
    """The process at a session's start that has a brief to say, against the same Python doing nothing."""
    from commontrace import brief_file

    data, repo = folder / "data", folder / "repo"
    (data / brief_file.FOLDER).mkdir(parents=True)
    (repo / ".git").mkdir(parents=True)
    python = os.path.realpath(sys.executable)
    (data / brief_file.FOLDER / brief_file.PYTHON).symlink_to(python)
    answer = {"hookSpecificOutput": {"hookEventName": "SessionStart", "additionalContext": "known"}}
    brief = brief_file.Brief(str(repo), ["local/a"], [], json.dumps(answer))
    file = Path(brief_file.path(str(data / brief_file.FOLDER), str(repo)))
    file.write_bytes(brief.to_bytes())
    file.chmod(0o600)
    commands = ([python, "-I", "-S", "-c", "pass"], ["sh", str(ROOT / "hooks" / "session_start.sh")])
    took: list[list[float]] = [[], []]
    for _ in range(STARTS):
        for command, times in zip(commands, took, strict=True):
            times.append(_process_seconds(command, data, repo))
    bare, ours = took
    steps = [{"bare": one, "ours": other} for one, other in zip(bare, ours, strict=True)]
    low_ratio, high_ratio = interval(steps, _process_ratio)
    return {
        "added_ms_median": statistics.median(ours) * 1000,
        "added_ms_p95": statistics.quantiles(ours, n=20)[-1] * 1000,
        "ratio_to_echo": _process_ratio(steps),
        "ratio_low": low_ratio,
        "ratio_high": high_ratio,
    }


def _process_ratio(steps: Sequence[dict[str, float]]) -> float:
    return statistics.median(step["ours"] for step in steps) / statistics.median(
        step["bare"] for step in steps
    )


def _process_seconds(command: Sequence[str], data: Path, repo: Path) -> float:
    variables = {"PATH": os.environ["PATH"], "HOME": str(data), "CLAUDE_PLUGIN_DATA": str(data)}
    started = time.perf_counter()
    subprocess.run(  # noqa: S603  our own program
        command, input=json.dumps({"cwd": str(repo), "session_id": "s"}).encode(), env=variables, cwd=repo,
        stdout=subprocess.DEVNULL, check=True,
    )  # fmt: skip
    return time.perf_counter() - started


def _echo_plugin(folder: Path) -> Path:
    """A plugin with our hooks, all of them led to the echo server."""
    for name in (".claude-plugin", "hooks"):
        (folder / name).mkdir(parents=True)
    (folder / ".claude-plugin" / "plugin.json").write_text('{"name": "echo", "version": "1.0.0"}')
    hooks = (
        (ROOT / "hooks" / "hooks.json").read_text().replace("plugin:commontrace:hooks", "plugin:echo:hooks")
    )
    (folder / "hooks" / "hooks.json").write_text(hooks)
    (folder / "hooks" / "session_start.sh").write_text("exit 0\n")
    shutil.copy(ROOT / "benchmarks" / "echo_server.py", folder / "server.py")
    python = os.path.realpath(sys.executable)
    server = {"command": python, "args": ["-I", "-S", str(folder / "server.py")], "alwaysLoad": True}
    (folder / ".mcp.json").write_text(json.dumps({"mcpServers": {"hooks": server}}))
    return folder
