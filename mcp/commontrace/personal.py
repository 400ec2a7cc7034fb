"""Hook events between the person and us: typed commands, new drafts, attempts to pass for the person."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from commontrace import typed

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

_PUBLISH = re.compile(r"trace-publish ([a-z2-7]{8})\b")
_ACTS = re.compile(r"commontrace:trace-(?:publish|vote|contribute)")
SCHEDULED = (
    "A scheduled prompt would pass for the person. Only the person contributes, publishes and votes with "
    "these commands: ask them to type the line."
)


def answer(runtime: "Runtime", arguments: Mapping[str, str]) -> dict[str, Any] | None:
    """Hook JSON for one event, or None for silence.

    Args:
        runtime: leads to stores, memory and the desk.
        arguments: of the hook call; absent ones are empty or missing.
    """
    event, session = arguments["event"], arguments.get("session", "")
    if event == "UserPromptExpansion" and "hint" in arguments:
        from commontrace import contribution

        runtime.desk.ask(session)
        return contribution.evidence(runtime, session, arguments.get("cwd", ""), arguments["hint"])
    if event == "UserPromptExpansion":
        said = typed.answer(runtime, session, arguments.get("name", ""), arguments.get("arguments", ""))
        return None if said is None else {"decision": "block", "reason": said}
    if event == "DraftMade":
        return _show(runtime, session, arguments.get("response", ""))
    return _refuse(arguments.get("prompt", ""))


def _show(runtime: "Runtime", session: str, response: str) -> dict[str, Any] | None:
    """Put a draft in front of the person; what a hook says here never reaches the model."""
    made = _PUBLISH.search(response)
    text = typed.offer(runtime, session, made.group(1)) if made else None
    return {"systemMessage": text} if text else None


def _refuse(prompt: str) -> dict[str, Any] | None:
    """Refuse to schedule what would then look as if the person had typed it."""
    if not _ACTS.search(prompt):
        return None
    denial = {"permissionDecision": "deny", "permissionDecisionReason": SCHEDULED}
    return {"hookSpecificOutput": {"hookEventName": "PreToolUse", **denial}}
