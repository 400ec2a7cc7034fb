"""What a scripted model answers, and what it was asked: turns, scripts and recorded requests."""

import itertools
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

Json: TypeAlias = dict[str, Any]
Step: TypeAlias = "Turn | Callable[[Request], Turn]"
"""A turn, or a function that makes it from the request it answers."""

_HOOK_HEAD = r"[A-Z][A-Za-z]+(?::[^\s:]+)? hook additional context: "
_HOOK_CONTEXT = re.compile(rf"(?ms)^{_HOOK_HEAD}(.*?)(?=\n</system-reminder>|\n+{_HOOK_HEAD}|\Z)")
_identifiers = itertools.count(1)


@dataclass(frozen=True)
class Turn:
    """One answer of the model: content blocks, and the input tokens that its usage claims."""

    blocks: tuple[Json, ...]
    input_tokens: int = 100

    @property
    def stop_reason(self) -> str:
        """`tool_use` if a tool is called, else `end_turn`."""
        return "tool_use" if any(block["type"] == "tool_use" for block in self.blocks) else "end_turn"


def say(text: str, *, input_tokens: int = 100) -> Turn:
    """A turn that ends with `text`; claiming many input tokens provokes a compaction."""
    return Turn(({"type": "text", "text": text},), input_tokens)


def use(tool: str, **tool_input: Any) -> Turn:
    """A turn that calls one tool."""
    return together((tool, tool_input))


def together(*calls: tuple[str, Json]) -> Turn:
    """A turn that calls several tools at once: `(name, input)` pairs."""
    return Turn(tuple(_call(name, tool_input) for name, tool_input in calls))


def bash(command: str) -> Turn:
    """A turn that runs a shell command."""
    return use("Bash", command=command, description="a step of the task")


def delegate(prompt: str, *, agent_type: str = "general-purpose") -> Turn:
    """A turn that hands `prompt` to a sub-agent and waits for it; `prompt` is its key in `Script.agents`."""
    task = {"description": "a part", "prompt": prompt, "subagent_type": agent_type}
    return use("Agent", **task, run_in_background=False)


def pondered(turn: Turn, seconds: float = 2.0) -> Step:
    """The same turn after as long as a real model thinks; a loaded machine needs that to start servers."""

    def answer(_: "Request") -> Turn:
        time.sleep(seconds)
        return turn

    return answer


def identifier(prefix: str) -> str:
    """A new identifier, unique in this process."""
    return f"{prefix}_scripted_{next(_identifiers):08d}"


def _call(name: str, tool_input: Json) -> Json:
    return {"type": "tool_use", "id": identifier("toolu"), "name": name, "input": tool_input}


@dataclass(frozen=True)
class Script:
    """What the model answers.

    Attributes:
        turns: the main agent's answers, consumed in order, over resumed sessions too; then "Done." for ever.
        agents: a sub-agent's answers, by a text that its first message contains.
        summary: the answer to a request for a summary of the conversation (compaction).
    """

    turns: Sequence[Step]
    agents: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    summary: str = "<analysis>read</analysis><summary>The work so far.</summary>"


@dataclass(frozen=True)
class Request:
    """One recorded Messages request: `agent` is `main`, a key of `Script.agents`, `summary` or `side`."""

    agent: str
    body: Json

    @property
    def text(self) -> str:
        """Everything the model saw: system prompt, then all messages."""
        return "\n".join(itertools.chain(texts(self.body.get("system")), texts(self.messages)))

    @property
    def news(self) -> str:
        """What this request added: all that follows the model's last answer, reminders included."""
        return "\n".join(texts(self._fresh))

    @property
    def hook_contexts(self) -> list[str]:
        """What hooks added among the news.

        It arrives as a `<system-reminder>` beside the tool result, or, with newer models, as a message of
        the role `system` after it.
        """
        return [context for text in texts(self._fresh) for context in _HOOK_CONTEXT.findall(text)]

    @property
    def tool_results(self) -> list[str]:
        """The text of each tool result among the news."""
        contents = [message["content"] for message in self._fresh if isinstance(message["content"], list)]
        blocks = [block for content in contents for block in content if block["type"] == "tool_result"]
        return ["\n".join(texts(block)) for block in blocks]

    @property
    def tool_names(self) -> list[str]:
        """The tools offered to the model."""
        return [tool["name"] for tool in self.body.get("tools") or []]

    @property
    def messages(self) -> list[Json]:
        """The conversation so far."""
        return self.body.get("messages") or []

    @property
    def _fresh(self) -> list[Json]:
        fresh = itertools.takewhile(lambda message: message["role"] != "assistant", reversed(self.messages))
        return list(fresh)[::-1]


def texts(content: Any) -> Iterator[str]:
    """Every text in a system prompt, a message list or a content block, in order."""
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            yield from texts(part)
    elif isinstance(content, dict):
        yield from texts(content.get("text"))
        yield from texts(content.get("content"))
