"""Runs the real Claude Code offline and headless against a scripted Messages API, in throw-away folders."""

import json
import os
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import psutil

from support import processes
from support.claude_clients import Client
from support.messages_api import MessagesApi
from support.model_script import Request

TOOLS = ("Bash", "Read", "Edit", "Write", "Agent")
SESSION_SECONDS = 120
COMMAND_SECONDS = 60
_SAYS = " says: "


class SessionHungError(Exception):
    """The client did not end in time; it and everything that it started were killed."""


@dataclass(frozen=True)
class HookAnswer:
    """What one hook answered, as the client saw it: `name` is like `PostToolUse:Bash`."""

    event: str
    name: str
    outcome: str
    output: str

    @property
    def json(self) -> dict[str, Any]:
        """The hook JSON, empty where the hook said nothing."""
        return json.loads(self.output) if self.output.startswith("{") else {}


@dataclass(frozen=True)
class Session:
    """One finished run of the client: one prompt and everything up to the final answer.

    Attributes:
        events: the parsed stream-json output.
        requests: the Messages requests that were made during the run.
        seconds: wall time.
    """

    returncode: int
    events: list[dict[str, Any]]
    stderr: str
    requests: list[Request]
    seconds: float

    @property
    def id(self) -> str:
        """The session's id, for `ClaudeCode.run(resume=...)`."""
        return str(next(event["session_id"] for event in self.events if "session_id" in event))

    @property
    def result(self) -> str:
        """The final answer as the person sees it."""
        return str(self._of("result")[-1].get("result", ""))

    @property
    def succeeded(self) -> bool:
        """The run ended with a result and without an error."""
        results = self._of("result")
        return self.returncode == 0 and bool(results) and not results[-1]["is_error"]

    @property
    def hook_answers(self) -> list[HookAnswer]:
        """Every hook's answer, in order."""
        return [
            HookAnswer(
                event["hook_event"], event["hook_name"], event.get("outcome", ""), event.get("output", "")
            )
            for event in self._of("system", "hook_response")
        ]

    @property
    def system_messages(self) -> list[str]:
        """The lines that hooks showed to the person.

        The oldest client reports them only inside the hook's answer; newer ones have an event for the line
        itself, which must then agree.
        """
        answered = [message for answer in self.hook_answers if (message := answer.json.get("systemMessage"))]
        lines = [event["content"] for event in self._of("system", "informational")]
        shown = [line.split(_SAYS, 1)[1] for line in lines if _SAYS in line]
        return [message for message in answered if not shown or message in shown]

    @property
    def mcp_servers(self) -> dict[str, str]:
        """The status of each MCP server when the session began, by name."""
        return {server["name"]: server["status"] for server in self._of("system", "init")[-1]["mcp_servers"]}

    def _of(self, kind: str, subtype: str | None = None) -> list[dict[str, Any]]:
        wanted = [event for event in self.events if event["type"] == kind]
        return [event for event in wanted if subtype is None or event.get("subtype") == subtype]


@dataclass(frozen=True)
class ClaudeCode:
    """One client with its own home and configuration below `folder`, and the plugin at `plugin` if given.

    Its environment is empty but for PATH, what keeps it offline, and `environment`.
    """

    client: Client
    folder: Path
    plugin: Path | None = None
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(
        self,
        prompt: str,
        api: MessagesApi,
        *,
        cwd: Path,
        resume: str | None = None,
        tools: Sequence[str] = TOOLS,
        seconds: float = SESSION_SECONDS,
    ) -> Session:
        """Run one prompt, a slash command or `/compact` to its end.

        Args:
            prompt: what the person types.
            api: the scripted model; one script may span several runs.
            cwd: the project folder.
            resume: the id of the session to go on with.
            tools: the tools that need no permission.
            seconds: after this time the client is killed.

        Raises:
            SessionHungError: the client did not end in time.
        """
        options = ["-p", "--verbose", "--output-format", "stream-json", "--include-hook-events"]
        options += ["--allowedTools", ",".join(tools)]
        options += ["--plugin-dir", str(self.plugin)] if self.plugin else []
        options += ["--resume", resume] if resume else []
        before, start = len(api.requests), time.monotonic()
        done = self._finish([*options, "--", prompt], cwd, self.environment_for(api.url), seconds)
        events = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        took = time.monotonic() - start
        return Session(done.returncode, events, done.stderr, api.requests[before:], took)

    def command(self, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a subcommand that needs no model, such as `plugin validate`."""
        return self._finish(
            arguments, cwd or self.folder, self.environment_for("http://127.0.0.1:9"), COMMAND_SECONDS
        )

    def environment_for(self, url: str) -> dict[str, str]:
        """The environment of a client that talks to the stand-in at `url`."""
        home, temporary = self.folder / "home", self.folder / "tmp"
        for place in (home, temporary):
            place.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "LANG": "C.UTF-8",
            "HOME": str(home),
            "TMPDIR": str(temporary),
            "CLAUDE_CONFIG_DIR": str(home / ".claude"),
            "ANTHROPIC_BASE_URL": url,
            "ANTHROPIC_API_KEY": "scripted",
            **_proxies(url),
            "DISABLE_TELEMETRY": "1",
            "DISABLE_AUTOUPDATER": "1",
            "DISABLE_ERROR_REPORTING": "1",
            "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # commands run the tests' own pytest, without its extras
            **self.environment,
        }

    def _finish(
        self, arguments: Sequence[str], cwd: Path, environment: Mapping[str, str], seconds: float
    ) -> subprocess.CompletedProcess[str]:
        with tempfile.TemporaryFile("w+") as stdout, tempfile.TemporaryFile("w+") as stderr:
            process = subprocess.Popen(
                [self.client.binary, *arguments],
                cwd=cwd,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=stdout,
                stderr=stderr,
                start_new_session=True,
            )
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                _kill_tree(process.pid)
                said = f"{_whole(stdout)[-2000:]}\n{_whole(stderr)[-2000:]}"
                raise SessionHungError(f"not done after {seconds:.0f} s: {said}") from None
            return subprocess.CompletedProcess(arguments, process.returncode, _whole(stdout), _whole(stderr))


def _proxies(url: str) -> dict[str, str]:
    """A proxy that is the stand-in itself: whatever heads for another host is refused and recorded there."""
    upper = {"HTTP_PROXY": url, "HTTPS_PROXY": url, "ALL_PROXY": url, "NO_PROXY": "127.0.0.1,localhost"}
    return upper | {name.lower(): value for name, value in upper.items()}


def _whole(file: TextIO) -> str:
    file.seek(0)
    return file.read()


def _kill_tree(pid: int) -> None:
    try:
        root = psutil.Process(pid)
        family = [root, *root.children(recursive=True)]
    except psutil.NoSuchProcess:
        return
    for process in family:
        processes.end(process)
