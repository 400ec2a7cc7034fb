"""`search` and `show`: the store's contents, for people."""

import argparse
import sys
from pathlib import Path

from commontrace import references, render
from commontrace.catalogue import QUERY_LIMIT, Catalogue
from commontrace.cli.output import CommandError, offline, reach, whole
from commontrace.config import LOCAL
from commontrace.recognition import question
from commontrace.stores import Found, Hit


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    searching = commands.add_parser("search", help="search the store with an error or a question")
    searching.add_argument("query", metavar="QUERY", help="error text or a question; - reads standard input")
    searching.add_argument("--json", action="store_true", help="print one JSON document")
    searching.add_argument("--limit", type=_limit, default=5, metavar="N", help="at most N traces (1 to 50)")
    searching.add_argument("--store", default=LOCAL, metavar="NAME", help="a connected store instead")
    searching.add_argument(
        "--space", metavar="SLUG", help="a space of that store; without it all that you read"
    )
    searching.set_defaults(run=search)

    showing = commands.add_parser("show", help="print one trace")
    showing.add_argument(
        "id", metavar="ID", help="id of the trace, with STORE/ in front for a connected store"
    )
    showing.add_argument("--json", action="store_true", help="print one JSON document")
    showing.set_defaults(run=show)


def search(arguments: argparse.Namespace) -> int:
    """Print what the store finds, everything labelled, nothing hidden by a threshold."""
    text = sys.stdin.read() if arguments.query == "-" else arguments.query
    if not text.strip():
        raise CommandError("the query is empty: give an error message or a question")
    with offline() as ready:
        spaces = [arguments.space] if arguments.space else []
        asked = ready.recall.query(question(text, QUERY_LIMIT), str(Path.cwd()))
        asked = asked.model_copy(update={"spaces": spaces, "limit": arguments.limit})
        # typed for this store, which needs no permission
        found = reach(ready, arguments.store).search(asked, permission=None)
    if arguments.json:
        print(found.model_dump_json(indent=2))
    else:
        print(_listing(found, None if arguments.store == LOCAL else arguments.store))
    return 0


def show(arguments: argparse.Namespace) -> int:
    """Print one trace."""
    with offline() as ready:
        _, trace = Catalogue(ready).trace(references.parse(arguments.id))
    print(trace.model_dump_json(indent=2) if arguments.json else whole(trace))
    return 0


def _listing(found: Found, store: str | None = None) -> str:
    if not found.hits:
        return "Nothing found."
    head = ["No trace answers this with confidence; the nearest are:"] if found.abstained else []
    notes = [f"(without {render.one_line(signal)})" for signal in found.degraded]
    return "\n".join(head + [_line(hit, store) for hit in found.hits] + notes)


def _line(hit: Hit, store: str | None) -> str:
    title = render.clip(render.one_line(hit.title), render.TITLE_LIMIT)
    why = render.one_line("; ".join(hit.why)) or "no single signal stands out"
    return f"{hit.confidence:.2f}  {title}\n      {hit.id}  {render.evidence(hit, store)}\n      {why}"


def _limit(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 50:
        raise argparse.ArgumentTypeError("a whole number from 1 to 50")
    return int(text)
