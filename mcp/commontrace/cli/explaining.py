"""`explain`, `redact` and `screen`: what the plugin would do with a text, without doing it."""

import argparse
import json
import sys
from typing import Any

from commontrace.cli import lines
from commontrace.cli.lines import LineInvalidError
from commontrace.cli.output import CommandError, offline
from commontrace_rules import redaction, screening

Json = dict[str, Any]
WORKERS = 2
"""Explanations at once: no more than one connected store is asked at once by the hooks themselves."""
TRACE = ("title", "context_text", "solution_text")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    explaining = commands.add_parser(
        "explain", help="say what the plugin makes of the Claude Code payload on standard input, and why"
    )
    redacting = commands.add_parser(
        "redact", help="replace secrets and personal data in the text on standard input"
    )
    screening_ = commands.add_parser(
        "screen", help="judge the trace on standard input: clean, held or refused, and why"
    )
    for parser, run in ((explaining, explain), (redacting, redact), (screening_, screen)):
        form = parser.add_mutually_exclusive_group()
        also = "also what was found, as" if run is redact else "as without it:"
        form.add_argument("--json", action="store_true", help=f"print {also} one JSON document")
        form.add_argument(
            "--jsonl", action="store_true", help="one item per line in, one JSON result per line out"
        )
        parser.set_defaults(run=run)


def explain(arguments: argparse.Namespace) -> int:
    """Print the decision on each payload; nothing is recorded as shown."""
    from commontrace.explanation import Explainer

    with offline() as ready:
        explainer = Explainer(ready)
        if arguments.jsonl:
            return lines.answer(lambda item: explainer.explain(_payload(item)), workers=WORKERS)
        print(json.dumps(explainer.explain(_payload(_document())), indent=2))
    return 0


def redact(arguments: argparse.Namespace) -> int:
    """Print the redacted text; as JSON also what was found, in positions of the original."""
    if arguments.jsonl:
        return lines.answer(_redacted)
    text = sys.stdin.buffer.read().decode("utf-8", "surrogateescape")
    if arguments.json:
        print(json.dumps(_redacted(text), indent=2))
        return 0
    sys.stdout.buffer.write(redaction.redact(text).text.encode("utf-8", "surrogateescape"))
    sys.stdout.buffer.flush()
    return 0


def screen(arguments: argparse.Namespace) -> int:
    """Print the verdict on each trace with its reasons."""
    if arguments.jsonl:
        return lines.answer(_screened)
    print(json.dumps(_screened(_document()), indent=2))
    return 0


def _redacted(item: object) -> Json:
    if not isinstance(item, str):
        raise LineInvalidError("each line must hold one JSON string")
    done = redaction.redact(item)
    found = [{"kind": each.kind, "start": each.start, "end": each.end} for each in done.findings]
    return {"text": done.text, "findings": found}


def _screened(item: object) -> Json:
    if not isinstance(item, dict) or not any(isinstance(item.get(name), str) for name in TRACE):
        raise LineInvalidError(f"a trace is a JSON object with {', '.join(TRACE)} and tags")
    verdict, findings = screening.screen(item)
    return {"verdict": verdict, "findings": [finding._asdict() for finding in findings]}


def _payload(item: object) -> Json:
    if not isinstance(item, dict) or not isinstance(item.get("hook_event_name"), str):
        raise LineInvalidError("a payload is a JSON object with a hook_event_name")
    return item


def _document() -> object:
    try:
        return json.loads(sys.stdin.buffer.read())
    except (ValueError, RecursionError) as error:
        raise CommandError(f"standard input must hold one JSON document: {error}") from error
