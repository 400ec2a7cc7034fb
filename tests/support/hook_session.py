"""One session as its hooks see it: commands that fail and pass, edits, sub-agents."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from commontrace.hooks import Hooks
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from support import stand_in_store
from support.stand_in_store import StandInStore

SECONDS = 10
Json = dict[str, Any]


def runtime(folders: Paths) -> Runtime:
    """A runtime that takes the store behind the socket for connected, and has time."""
    built = Runtime(Path("unused"), folders, Settings(deadline_ms=SECONDS * 1000))
    built.local.connected.set()
    return built


def knows(store: StandInStore, solution: str, **fields: Any) -> str:
    """Have the stand-in find one trace from now on; returns its id."""
    found = stand_in_store.hit(solution) | fields
    store.answer = {"hits": [found], "abstained": False, "degraded": []}
    trace = {name: found[name] for name in ("id", "title", "context_text", "solution_text", "tags", "kind")}
    store.traces[found["id"]] = trace | {"status": "published", "origin": "person", "signatures": []}
    return str(found["id"])


def outcomes(store: StandInStore) -> list[bool]:
    """The outcomes that the stand-in was told."""
    return [body["worked"] for body in store.searches if "worked" in body]


def searches(store: StandInStore) -> list[Json]:
    """The searches that the stand-in was asked for."""
    return [body for body in store.searches if "query" in body]


@dataclass(frozen=True)
class HookSession:
    """A session, or one of its sub-agents; every step is settled before the next.

    Attributes:
        repo: where it works.
    """

    hooks: Hooks
    repo: str
    id: str = "s"
    agent: str = ""

    def fails(self, command: str, output: str, cwd: str | None = None) -> Json | None:
        """A command that exits with 1."""
        error = f"Exit code 1\n{output}"
        return self._send("PostToolUseFailure", command=command, error=error, cwd=cwd or self.repo)

    def passes(self, command: str, output: str = "ok", cwd: str | None = None, **more: str) -> Json | None:
        """A command that exits with 0; `cwd` is where the shell is afterwards."""
        given = {"stdout": output, "interrupted": "false", **more}
        return self._send("PostToolUse", command=command, cwd=cwd or self.repo, **given)

    def edits(self, file: str, *lines: str) -> Json | None:
        """An edit of a file below the repository; lines begin with + or -, none means a new file."""
        patch = json.dumps([{"lines": lines}] if lines else [])
        return self._send("PostToolUse", file=f"{self.repo}/{file}", patch=patch, cwd=self.repo)

    def asks_to_contribute(self, hint: str = "") -> str:
        """What the model is told when the person types the command."""
        answer = self._send("UserPromptExpansion", hint=hint, cwd=self.repo)
        return context(answer)

    def _send(self, event: str, **fields: str) -> Json | None:
        answer = self.hooks.answer({"event": event, "session": self.id, "agent": self.agent, **fields})
        self.hooks.settle(SECONDS)
        return answer


def context(answer: Mapping[str, Any] | None) -> str:
    """What an answer gives the model."""
    return str((answer or {}).get("hookSpecificOutput", {}).get("additionalContext", ""))


def notice(answer: Mapping[str, Any] | None) -> str:
    """What an answer tells the person."""
    return str((answer or {}).get("systemMessage", ""))
