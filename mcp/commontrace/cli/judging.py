"""`vote`, `report` and `forget`: what people say about traces, and what they take back."""

import argparse
import json
import re

from commontrace import drafts, references, render
from commontrace.catalogue import Catalogue
from commontrace.cli import person
from commontrace.cli.output import CommandError, offline, reach
from commontrace.cli.progress import waiting
from commontrace.config import LOCAL
from commontrace.memory import copies
from commontrace.references import Reference
from commontrace.runtime import Runtime
from commontrace_rules.redaction import redact

SENDING_SECONDS = 15.0
REASONS = ("outdated", "wrong", "harmful", "spam")
_DRAFT_ID = re.compile(r"[a-z2-7]{8}")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    voting = commands.add_parser("vote", help="vote for or against a trace")
    voting.add_argument(
        "id", metavar="ID", help="id of the trace, with STORE/ in front for a connected store"
    )
    voting.add_argument("value", choices=("up", "down"), help="up: it has helped")
    voting.add_argument("--reason", choices=REASONS, help="required for a vote down")
    _add_json(voting)
    voting.set_defaults(run=vote)

    reporting = commands.add_parser("report", help="ask a store's moderators to look at a trace")
    reporting.add_argument("id", metavar="ID", help="id of the trace")
    reporting.add_argument("--reason", required=True, metavar="TEXT", help="what is wrong with it")
    _add_json(reporting)
    reporting.set_defaults(run=report)

    forgetting = commands.add_parser("forget", help="delete a draft; retract or delete a trace of your own")
    forgetting.add_argument("id", metavar="ID", help="id of the draft or trace")
    forgetting.add_argument(
        "--for-good", action="store_true", help="delete the trace and all that was said about it"
    )
    forgetting.add_argument("--yes", action="store_true", help="do not ask (store on this machine only)")
    _add_json(forgetting)
    forgetting.set_defaults(run=forget)


def vote(arguments: argparse.Namespace) -> int:
    """Vote on one trace; the vote is kept until the store has it."""
    if arguments.value == "down" and not arguments.reason:
        raise CommandError(f"a vote down needs --reason: {', '.join(REASONS)}")
    if arguments.value == "up" and arguments.reason:
        raise CommandError("--reason is for a vote down")
    with offline() as ready:
        found, store = Catalogue(ready).holder(references.parse(arguments.id))
        body = {
            "trace": str(found.id),
            "value": 1 if arguments.value == "up" else -1,
            "by": "agent" if person.is_agent() else "person",
        }
        if arguments.reason:
            body["reason"] = arguments.reason
        with waiting(f"Telling {store.name}"):
            receipt = ready.outbox.flush(ready.outbox.put("vote", store.name, body), SENDING_SECONDS)
    if receipt.state != "sent":
        again = "" if receipt.state == "refused" else "; it is kept and sent again by itself"
        raise CommandError(f"{receipt.error}{again}")
    _tell(arguments, f"Voted {arguments.value} on {found}", id=str(found), vote=body["value"])
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Report one trace."""
    if not arguments.reason.strip():
        raise CommandError("--reason is empty: say what is wrong with the trace")
    with offline() as ready:
        found, store = Catalogue(ready).holder(references.parse(arguments.id))
        if store.name != LOCAL:
            _confirm(f"reporting to {store.name!r} sends your words there", "Send the report?")
        store.report(found.id, redact(arguments.reason.strip()).text)
    _tell(arguments, f"Reported {found}", id=str(found), reported=True)
    return 0


def forget(arguments: argparse.Namespace) -> int:
    """Delete a draft, or take back a trace."""
    with offline() as ready:
        if _DRAFT_ID.fullmatch(arguments.id.strip().lower()):
            _forget_draft(ready, arguments)
        else:
            _take_back(ready, references.parse(arguments.id), arguments)
    return 0


def _forget_draft(ready: Runtime, arguments: argparse.Namespace) -> None:
    record = drafts.get(ready.memory, arguments.id)
    cancelled = record.state == "approved" and ready.outbox.cancel(record.id)
    drafts.discard(ready.memory, record.id)
    after = ", and is not published after all" if cancelled else ""
    _tell(arguments, f"Draft {record.id} is deleted{after}", id=record.id, deleted=True)


def _take_back(ready: Runtime, reference: Reference, arguments: argparse.Namespace) -> None:
    if person.is_agent():
        raise CommandError(
            "a coding agent cannot take back a trace: run this command yourself in a terminal of your own"
        )
    found, store = Catalogue(ready).holder(reference)
    trace = reach(ready, store.name).trace(found.id)
    if not (arguments.yes and store.name == LOCAL):
        print(f"{found}  {render.one_line(trace.title)}")
        if arguments.for_good:
            _confirm("deleting needs your yes", "Delete it with all that was said about it, for good?")
        else:
            _confirm("retracting needs your yes", "Retract it, so that nobody is shown it any more?")
    copies.drop(ready.memory, store.name, str(found.id))
    if arguments.for_good:
        store.delete(found.id)
        _tell(arguments, f"Deleted {found}", id=str(found), deleted=True)
    else:
        store.retract(found.id)
        _tell(arguments, f"Retracted {found}", id=str(found), retracted=True)


def _add_json(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="print one JSON document")


def _tell(arguments: argparse.Namespace, words: str, **document: object) -> None:
    print(json.dumps(document) if arguments.json else words)


def _confirm(what: str, question: str) -> None:
    person.require(what)
    if not person.agrees(question):
        raise CommandError("nothing was done")
