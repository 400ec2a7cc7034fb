"""The plugin's hooks.json, expanded as Claude Code expands it."""

import json
from pathlib import Path

from commontrace import hook_templates

ROOT = Path(__file__).parents[2]
HOOKS = ROOT / "hooks" / "hooks.json"


def test_failing_bash_reaches_the_hook_with_its_error() -> None:
    """A failing Bash call is passed on with command and error text."""
    payload = {
        "hook_event_name": "PostToolUseFailure", "session_id": "s", "tool_name": "Bash", "cwd": "/p",
        "tool_input": {"command": "make"}, "error": "Exit code 2\nboom", "is_interrupt": False,
    }  # fmt: skip
    (arguments,) = hook_templates.calls(HOOKS, payload)
    assert arguments == {
        "event": "PostToolUseFailure", "session": "s", "agent": "", "cwd": "/p",
        "command": "make", "error": "Exit code 2\nboom", "interrupted": "false",
    }  # fmt: skip


def test_other_tools_do_not_reach_the_hook() -> None:
    """Reading a file is none of the plugin's business."""
    payload = {"hook_event_name": "PostToolUse", "tool_name": "Read", "tool_input": {}}
    assert list(hook_templates.calls(HOOKS, payload)) == []


def test_placeholders_of_objects_become_json(tmp_path: Path) -> None:
    """Objects are passed as JSON text, what is missing as nothing, literals as they are."""
    file = tmp_path / "hooks.json"
    templates = {"all": "${tool_input}", "none": "${nope.deep}", "number": 3, "mixed": "a-${cwd}"}
    handler = {"type": "mcp_tool", "server": "x", "tool": "hook", "input": templates}
    file.write_text(json.dumps({"hooks": {"Stop": [{"hooks": [handler]}]}}))
    payload = {"hook_event_name": "Stop", "tool_input": {"a": [1]}, "cwd": "/x"}
    (arguments,) = hook_templates.calls(file, payload)
    assert arguments == {"all": '{"a":[1]}', "none": "", "number": 3, "mixed": "a-/x"}
