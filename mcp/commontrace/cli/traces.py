"""`search` and `show`: the store's contents, for people."""

import argparse
import sys
import uuid

from commontrace import render
from commontrace.cli.output import CommandError, runtime, whole
from commontrace.stores import Found, Hit, Query
from commontrace_rules.errors import error_lines
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signature

QUERY_LIMIT = 20_000
"""Characters of a query that the store accepts."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    searching = commands.add_parser("search", help="search the store with an error or a question")
    searching.add_argument("query", metavar="QUERY", help="error text or a question; - reads standard input")
    searching.add_argument("--json", action="store_true", help="print one JSON document")
    searching.add_argument("--limit", type=_limit, default=5, metavar="N", help="at most N traces (1 to 50)")
    searching.set_defaults(run=search)

    showing = commands.add_parser("show", help="print one trace")
    showing.add_argument("id", type=_identifier, metavar="ID")
    showing.add_argument("--json", action="store_true", help="print one JSON document")
    showing.set_defaults(run=show)


def search(arguments: argparse.Namespace) -> int:
    """Print what the store finds, everything labelled, nothing hidden by a threshold."""
    text = redact(sys.stdin.read() if arguments.query == "-" else arguments.query).text
    if not text.strip():
        raise CommandError("the query is empty: give an error message or a question")
    with runtime() as ready:
        found = ready.local.store.search(_query(text, arguments.limit))
    if arguments.json:
        print(found.model_dump_json(indent=2))
    else:
        print(_listing(found))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print one trace."""
    with runtime() as ready:
        trace = ready.local.store.trace(arguments.id)
    print(trace.model_dump_json(indent=2) if arguments.json else whole(trace))
    return 0


def _query(text: str, limit: int) -> Query:
    """An explicit search; text that carries an error is also matched by its signature."""
    lines = error_lines(text, limit=1)
    mark = signature(lines[0].text) if lines else None
    return Query(query=text[:QUERY_LIMIT], kind="question", signature=mark, limit=limit)


def _listing(found: Found) -> str:
    if not found.hits:
        return "Nothing found."
    head = ["No trace answers this with confidence; the nearest are:"] if found.abstained else []
    notes = [f"(without {render.one_line(signal)})" for signal in found.degraded]
    return "\n".join(head + [_line(hit) for hit in found.hits] + notes)


def _line(hit: Hit) -> str:
    title = render.clip(render.one_line(hit.title), render.TITLE_LIMIT)
    why = render.one_line("; ".join(hit.why)) or "no single signal stands out"
    return f"{hit.confidence:.2f}  {title}\n      {hit.id}  {render.evidence(hit)}\n      {why}"


def _identifier(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a trace id (they look like 0199c2f0-...)"
        ) from None


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 50:
        raise argparse.ArgumentTypeError("a whole number from 1 to 50")
    return int(text)
