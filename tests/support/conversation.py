"""A headless session of several prompts in one process: the person types, reads, and types again."""

import json
import queue
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

from support import processes
from support.claude_code import TOOLS, ClaudeCode, SessionHungError
from support.messages_api import MessagesApi

ANSWER_SECONDS = 90
END_SECONDS = 20


class Conversation:
    """One running client.

    Attributes:
        events: everything that it has printed so far, parsed.
        forms: the forms that a server asked the person to fill in.
        answer: what the person answers to every form.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.events: list[dict[str, Any]] = []
        self.forms: list[dict[str, Any]] = []
        self.answer: dict[str, Any] = {"action": "cancel"}
        self._process = process
        self._arrived: queue.Queue[dict[str, Any] | None] = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()

    def say(self, prompt: str) -> str:
        """Type a prompt and wait for its result: the text that the person is left with.

        Raises:
            SessionHungError: there was none in time, or the client has ended.
        """
        self._write({"type": "user", "message": {"role": "user", "content": prompt}})
        while True:
            try:
                event = self._arrived.get(timeout=ANSWER_SECONDS)
            except queue.Empty:
                event = None
            if event is None:
                raise SessionHungError(f"no result for {prompt!r}; last: {self.events[-1:]}")
            self.events.append(event)
            if event["type"] == "control_request":
                self._fill_in(event)
            elif event["type"] == "result":
                return str(event.get("result", ""))

    @property
    def hook_outputs(self) -> list[dict[str, Any]]:
        """The hook JSON of every hook that said something."""
        outputs = [
            event.get("output", "") for event in self.events if event.get("subtype") == "hook_response"
        ]
        return [json.loads(output) for output in outputs if output.startswith("{")]

    @property
    def shown(self) -> list[str]:
        """The lines that hooks put in front of the person."""
        return [output["systemMessage"] for output in self.hook_outputs if "systemMessage" in output]

    def _fill_in(self, event: dict[str, Any]) -> None:
        """Answer a form as the host of a client does in which a person sits."""
        assert event["request"]["subtype"] == "elicitation", event
        self.forms.append(event["request"])
        response = {"subtype": "success", "request_id": event["request_id"], "response": self.answer}
        self._write({"type": "control_response", "response": response})

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(message) + "\n")
        self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.startswith("{"):
                self._arrived.put(json.loads(line))
        self._arrived.put(None)


@contextmanager
def talking(
    claude: ClaudeCode, api: MessagesApi, *, cwd: Path, tools: Sequence[str] = TOOLS
) -> Iterator[Conversation]:
    """Run a client until the block ends."""
    options = ["-p", "--verbose", "--output-format", "stream-json", "--input-format", "stream-json"]
    options += ["--include-hook-events", "--allowedTools", ",".join(tools)]
    options += ["--plugin-dir", str(claude.plugin)] if claude.plugin else []
    with tempfile.TemporaryFile("w+") as stderr:
        process = subprocess.Popen(
            [claude.client.binary, *options],
            cwd=cwd,
            env=claude.environment_for(api.url),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            start_new_session=True,
        )
        with process:
            family = psutil.Process(process.pid)
            try:
                yield Conversation(process)
                assert process.stdin is not None
                process.stdin.close()
                process.wait(END_SECONDS)
            finally:
                if process.poll() is None:
                    for child in (*family.children(recursive=True), family):
                        processes.end(child)
