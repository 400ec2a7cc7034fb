"""`import` and `export`: whole spaces in and out, one JSON document per line."""

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from commontrace import drafts
from commontrace.cli import person
from commontrace.cli.importing import Importing
from commontrace.cli.output import CommandError, offline, reach
from commontrace.cli.progress import Progress
from commontrace.config import LOCAL
from commontrace.stores import Imported, ImportedLine

WRITTEN = ("title", "context_text", "solution_text", "tags", "environment", "provenance")
"""What people have written of a trace; all else are ids, times and numbers."""
REFUSED_SHOWN = 5


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    importing = commands.add_parser("import", help="add the traces of an export")
    importing.add_argument("file", metavar="FILE.jsonl", help="- is standard input")
    _add_places(importing)
    importing.add_argument("--json", action="store_true", help="print one JSON document")
    importing.set_defaults(run=import_file)

    exporting = commands.add_parser("export", help="write all traces of a space, one JSON document per line")
    exporting.add_argument(
        "file", metavar="FILE.jsonl", nargs="?", default="-", help="standard output without it"
    )
    _add_places(exporting)
    exporting.add_argument("--json", action="store_true", help="tell how many there were as a JSON document")
    exporting.set_defaults(run=export_file)


def import_file(arguments: argparse.Namespace) -> int:
    """Add every line of a file; lines that the store has already change nothing."""
    if person.is_agent():
        raise CommandError(
            "a coding agent cannot import traces: run this command yourself in a terminal of your own"
        )
    with offline() as ready, _source(arguments.file) as lines:
        store = reach(ready, arguments.store)
        if store.name != LOCAL:
            person.require(f"importing into {store.name!r} needs your yes")
            if not person.insists(f"Everything in {arguments.file} will be sent to {store.url}, redacted."):
                raise CommandError("nothing was imported")
        space = arguments.space or ready.config.space(store.name)
        unreadable: list[ImportedLine] = []
        importing = Importing(store, space, _size(arguments.file))
        total = importing.run(_readable(lines, unreadable))
    refused = sorted([*unreadable, *total.refused], key=lambda line: line.line or 0)
    if arguments.json:
        print(_told(total, refused))
    else:
        print(f"{total.created} added, {total.existing} were there already, {len(refused)} refused")
    if refused:
        first = "; ".join(f"line {line.line}: {line.detail}" for line in refused[:REFUSED_SHOWN])
        raise CommandError(f"{len(refused)} lines of {arguments.file} were not taken: {first}")
    return 0


def _told(total: Imported, refused: list[ImportedLine]) -> str:
    lines = [{"line": line.line, "detail": line.detail} for line in refused]
    return json.dumps({"created": total.created, "existing": total.existing, "refused": lines}, indent=2)


def export_file(arguments: argparse.Namespace) -> int:
    """Write a space; the file appears when it is complete."""
    if arguments.json and arguments.file == "-":
        raise CommandError("what is exported is JSON already: --json is for an export to a file")
    count = write_export(arguments.file, arguments.store, arguments.space)
    if arguments.json:
        print(json.dumps({"traces": count, "file": arguments.file}))
    elif arguments.file != "-":
        print(f"{count} traces in {arguments.file}")
    return 0


def write_export(name: str, store_name: str, space: str | None) -> int:
    """Write a space of a store to the file `name` and return the number of its traces."""
    with offline() as ready, _target(name) as target:
        store = reach(ready, store_name)
        count = 0
        with Progress("traces exported") as progress:
            for line in store.export(space or ready.config.space(store.name)):
                target.write(line + b"\n")
                count += 1
                progress.reach(count)
    return count


def _add_places(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--store", default=LOCAL, metavar="NAME", help="a connected store instead of the local one"
    )
    parser.add_argument("--space", metavar="SLUG", help="a space of that store; your own without it")


def _readable(lines: Iterable[bytes], refused: list[ImportedLine]) -> Iterator[tuple[int, bytes]]:
    """The lines that are objects, redacted and numbered; the others are refused here."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield number, redacted(line)
        except ValueError as error:
            detail = f"not a JSON object: {error}"
            refused.append(ImportedLine(line=number, status="refused", detail=detail))


def redacted(line: bytes) -> bytes:
    """One line of an export without secrets and personal data; what has none stays byte for byte as it is.

    Raises:
        ValueError: it is not a JSON object.
    """
    fields = json.loads(line)
    if not isinstance(fields, dict):
        raise ValueError("one line is one object")  # noqa: TRY004  the same to the caller as bad JSON
    safe = {name: drafts.redacted(fields[name]) for name in WRITTEN if name in fields}
    if all(fields[name] == value for name, value in safe.items()):
        return line.strip()
    # the hash is of the text that was
    return json.dumps(
        {name: value for name, value in fields.items() if name != "content_hash"} | safe
    ).encode()


def _size(name: str) -> int | None:
    """The bytes of a file, where that can be known."""
    return None if name == "-" else Path(name).stat().st_size or None


@contextmanager
def _source(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as file:
        yield file


@contextmanager
def _target(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(name)
    descriptor, part = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        Path(part).replace(path)
    finally:
        Path(part).unlink(missing_ok=True)
