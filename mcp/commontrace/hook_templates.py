"""Claude Code's side of hooks.json: which handlers an event reaches, and with which arguments."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_VARIABLE = re.compile(r"\$\{([^}]+)\}")
SUBJECTS = {"SessionStart": "source", "UserPromptExpansion": "command_name"}
"""What a matcher is held against; for all other events that is the tool's name."""
_EXACT_MATCHER = re.compile(r"[A-Za-z0-9_\- ,|]*")


def calls(hooks_file: Path, payload: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The arguments of each `mcp_tool` call that Claude Code makes for a payload.

    Args:
        hooks_file: the plugin's hooks.json.
        payload: one event as Claude Code delivers it to hooks.
    """
    subject = SUBJECTS.get(str(payload.get("hook_event_name")), "tool_name")
    groups = json.loads(hooks_file.read_text())["hooks"].get(payload.get("hook_event_name"), [])
    for group in groups:
        if _matches(group.get("matcher", ""), str(payload.get(subject, ""))):
            for handler in group["hooks"]:
                if handler["type"] == "mcp_tool":
                    yield {name: _expand(value, payload) for name, value in handler["input"].items()}


def _matches(matcher: str, tool: str) -> bool:
    """Plain names are a list, anything else is a regular expression that may match anywhere."""
    if matcher in ("", "*"):
        return True
    if _EXACT_MATCHER.fullmatch(matcher):
        return tool in (name.strip() for name in re.split(r"[,|]", matcher))
    return re.search(matcher, tool) is not None


def _expand(template: object, payload: Mapping[str, Any]) -> object:
    if not isinstance(template, str):
        return template
    return _VARIABLE.sub(lambda found: _text(_at(payload, found.group(1))), template)


def _at(payload: object, path: str) -> object:
    for name in path.split("."):
        payload = payload.get(name) if isinstance(payload, Mapping) else None
    return payload


def _text(value: object) -> str:
    """Strings as they are, nothing for what is missing, JSON for the rest."""
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
