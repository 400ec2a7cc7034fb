"""`commontrace hook`: what the plugin answers to one Claude Code payload."""

import argparse
import json
import sys
from typing import Any

from commontrace import hook_templates
from commontrace.cli.output import ROOT, CommandError, runtime
from commontrace.hooks import Hooks

DEADLINE_MS = 10_000
"""A person at a prompt waits longer than a session does."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the command."""
    parser = commands.add_parser(
        "hook", help="print what the plugin answers to the Claude Code payload on standard input"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace) -> int:
    """Print hook JSON, or nothing where the plugin stays silent."""
    payload = _payload()
    with runtime(deadline_ms=DEADLINE_MS) as ready:
        hooks = Hooks(ready)
        for arguments in hook_templates.calls(ROOT / "hooks" / "hooks.json", payload):
            said = hooks.answer(arguments)
            if said is not None:
                print(json.dumps(said, indent=2))
        hooks.settle(DEADLINE_MS / 1000)
    return 0


def _payload() -> dict[str, Any]:
    try:
        payload = json.loads(sys.stdin.buffer.read())
    except ValueError as error:
        raise CommandError(
            f"standard input must hold one Claude Code hook payload as JSON: {error}"
        ) from error
    if not isinstance(payload, dict) or not isinstance(payload.get("hook_event_name"), str):
        raise CommandError("the payload must be a JSON object with a hook_event_name")
    return payload
