"""`contribute`, `drafts` and `publish`: from a file to a draft to a yes."""

import argparse
import json
import os
import sys
import uuid
from pathlib import Path

from commontrace import drafts, references, render, repository
from commontrace.cli import person
from commontrace.cli.output import CommandError, offline, start
from commontrace.cli.progress import waiting
from commontrace.config import LOCAL
from commontrace.consent import Refusal
from commontrace.drafts import DraftRecord
from commontrace.memory import repos
from commontrace.outbox import Receipt
from commontrace.runtime import Runtime

SENDING_SECONDS = 15.0
"""How long to wait for another process of ours that is sending."""


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    contributing = commands.add_parser("contribute", help="add a trace to the store on this machine")
    contributing.add_argument(
        "file",
        metavar="FILE",
        nargs="?",
        default="-",
        help="JSON {title, context_text, solution_text, tags, ...}; without it, or as -, standard input",
    )
    contributing.add_argument(
        "--replaces", metavar="ID", help="a trace of your own whose place it takes, in the same store"
    )
    contributing.add_argument("--yes", action="store_true", help="do not ask (store on this machine only)")
    contributing.add_argument("--store", default=LOCAL, metavar="NAME", help="a connected store instead")
    contributing.add_argument("--json", action="store_true", help="print the stored trace or draft as JSON")
    contributing.set_defaults(run=contribute)

    listing = commands.add_parser("drafts", help="list the drafts that wait for your yes")
    listing.add_argument("--json", action="store_true", help="print one JSON document")
    listing.set_defaults(run=show_drafts)

    publishing = commands.add_parser("publish", help="publish a draft once you have seen its exact text")
    publishing.add_argument("id", metavar="ID", help="id of the draft")
    publishing.add_argument("--store", metavar="NAME", help="another store than the draft was made for")
    publishing.add_argument("--yes", action="store_true", help="do not ask (store on this machine only)")
    publishing.add_argument("--json", action="store_true", help="print the stored trace as JSON")
    publishing.set_defaults(run=publish)


def contribute(arguments: argparse.Namespace) -> int:
    """Make a draft of a trace, and publish it once a person has seen exactly what is stored."""
    draft = _read(arguments.file)
    if arguments.replaces:
        draft = draft.model_copy(update={"supersedes": str(references.parse(arguments.replaces).id)})
    with offline() as ready:
        space = ready.config.space(arguments.store)
        record = drafts.create(ready.memory, "", draft, arguments.store, space)
        repos.drafted(ready.memory, repository.root(Path.cwd()), record.id)
        if person.is_agent():
            _print_draft(record, as_json=arguments.json)
            return 0
        return _publish(ready, record, yes=arguments.yes, as_json=arguments.json)


def show_drafts(arguments: argparse.Namespace) -> int:
    """Print the drafts that wait for an answer."""
    with offline() as ready:
        records = drafts.listed(ready.memory)
    if arguments.json:
        print(json.dumps([as_dict(record) for record in records], indent=2))
    elif not records:
        print("No drafts.")
    for record in records if not arguments.json else ():
        held = "  held: " + "; ".join(record.findings) if record.findings else ""
        print(f"{record.id}  for {record.store}  {render.one_line(record.title)}{held}")
    return 0


def publish(arguments: argparse.Namespace) -> int:
    """Publish one draft."""
    if person.is_agent():
        raise CommandError(person.PUBLISHING)
    with offline() as ready:
        record = drafts.get(ready.memory, arguments.id)
        if arguments.store and arguments.store != record.store:
            space = ready.config.space(arguments.store)
            record = drafts.retarget(ready.memory, record.id, arguments.store, space)
        return _publish(ready, record, yes=arguments.yes, as_json=arguments.json)


def as_dict(record: DraftRecord) -> dict[str, object]:
    """A draft for JSON output; `body` is the exact text that would be sent."""
    return {
        "id": record.id,
        "store": record.store,
        "title": record.title,
        "verdict": record.verdict,
        "findings": list(record.findings),
        "state": record.state,
        "session": record.session,
        "created_at": record.created_at,
        "body": record.body,
    }


def _publish(ready: Runtime, record: DraftRecord, *, yes: bool, as_json: bool) -> int:
    """Show, ask, send; the yes is taken by the desk that has shown the draft."""
    local = record.store == LOCAL
    _require_person(record, yes=yes)
    session = f"terminal-{os.getpid()}"
    nonce = ready.desk.offer(session, record.id)
    if not (local and yes) and not _asked(ready, record):
        raise CommandError(f"not stored; it is kept as draft {record.id} (`commontrace forget {record.id}`)")
    approved = ready.desk.approve(session, record.id, nonce)
    if isinstance(approved, Refusal):
        raise CommandError(approved.reason)
    if local:
        start(ready)
    with waiting(f"Sending it to {record.store}"):
        receipt = ready.outbox.flush(ready.outbox.publish(approved), SENDING_SECONDS)
    return _report(ready, record, receipt, as_json=as_json)


def _require_person(record: DraftRecord, *, yes: bool) -> None:
    kept = f"it is kept as draft {record.id}"
    if record.store != LOCAL:
        if yes:
            raise CommandError(
                f"--yes reaches the store on this machine only; {kept}: publish it in a terminal"
            )
        person.require(f"publishing to {record.store!r} needs your yes ({kept})")
    elif not yes and not person.on_terminal():
        raise CommandError(f"nobody is here to ask ({kept}): repeat with --yes, or publish it in a terminal")


def _asked(ready: Runtime, record: DraftRecord) -> bool:
    shared = record.store != LOCAL
    where = (
        f"sent to {record.store!r} at {ready.stores[record.store].url}"
        if shared
        else "stored on this machine"
    )
    print(f"This is what will be {where}, exactly:\n")
    print("\n".join("    " + line for line in record.body.splitlines()))
    if record.findings:
        print("\nThe screening has doubts: " + "; ".join(record.findings))
    print()
    if shared:
        return person.insists("Others will read it.")
    return person.agrees("Store it on this machine?")


def _report(ready: Runtime, record: DraftRecord, receipt: Receipt, *, as_json: bool) -> int:
    if receipt.state == "refused":
        raise CommandError(f"{receipt.error}; it is kept as draft {record.id}")
    if receipt.state != "sent":
        raise CommandError(f"{receipt.error}; it is kept and sent again by itself (`commontrace status`)")
    store = ready.stores[record.store]
    if as_json:
        print(store.trace(uuid.UUID(receipt.result)).model_dump_json(indent=2))
    elif record.store == LOCAL:
        print(f"Stored on this machine as {receipt.result}")
    else:
        print(f"Published in {record.store} as {record.store}/{receipt.result}")
    if record.verdict == "held":
        remarks = "; ".join(record.findings)
        print(f"It can be searched but is never shown automatically: {remarks}", file=sys.stderr)
    return 0


def _print_draft(record: DraftRecord, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({"draft": as_dict(record), "published": False}, indent=2))
        return
    print(
        f"Draft {record.id} is saved on this machine; nothing was stored in a store or sent. "
        "Only the person can publish it:\n"
        f"  in Claude Code, by typing /commontrace:trace-publish {record.id}\n"
        f"  in a terminal, with commontrace publish {record.id}"
    )


def _read(source: str) -> drafts.Draft:
    if source != "-":
        return drafts.read_file(Path(source))
    if sys.stdin.isatty():
        print("Type or paste a trace as JSON, then Ctrl-D:", file=sys.stderr)
    return drafts.read(sys.stdin.read(), "standard input")
