"""`vote`, `report` and `forget`: what people say about traces, and what they take back."""

import argparse
import re

from commontrace import drafts, references
from commontrace.catalogue import Catalogue
from commontrace.cli import person
from commontrace.cli.output import CommandError, offline, reach
from commontrace.config import LOCAL
from commontrace.references import Reference
from commontrace.runtime import Runtime

SENDING_SECONDS = 15.0
REASONS = ("outdated", "wrong", "harmful", "spam")
_DRAFT_ID = re.compile(r"[a-z2-7]{8}")


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    voting = commands.add_parser("vote", help="vote for or against a trace")
    voting.add_argument(
        "id", metavar="ID", help="id of the trace, with STORE/ in front for a connected store"
    )
    voting.add_argument("value", choices=("up", "down"))
    voting.add_argument("--reason", choices=REASONS, help="required for a vote down")
    voting.set_defaults(run=vote)

    reporting = commands.add_parser("report", help="ask a store's moderators to look at a trace")
    reporting.add_argument("id", metavar="ID", help="id of the trace")
    reporting.add_argument("--reason", required=True, metavar="TEXT", help="what is wrong with it")
    reporting.set_defaults(run=report)

    forgetting = commands.add_parser("forget", help="delete a draft, or retract a trace of your own")
    forgetting.add_argument("id", metavar="ID", help="id of the draft or trace")
    forgetting.add_argument("--yes", action="store_true", help="do not ask (store on this machine only)")
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
        receipt = ready.outbox.flush(ready.outbox.put("vote", store.name, body), SENDING_SECONDS)
    if receipt.state != "sent":
        again = "" if receipt.state == "refused" else "; it is kept and sent again by itself"
        raise CommandError(f"{receipt.error}{again}")
    print(f"Voted {arguments.value} on {found}")
    return 0


def report(arguments: argparse.Namespace) -> int:
    """Report one trace."""
    if not arguments.reason.strip():
        raise CommandError("--reason is empty: say what is wrong with the trace")
    with offline() as ready:
        found, store = Catalogue(ready).holder(references.parse(arguments.id))
        if store.name != LOCAL:
            _confirm(f"reporting to {store.name!r} sends your words there", "Send the report?")
        store.report(found.id, arguments.reason.strip())
    print(f"Reported {found}")
    return 0


def forget(arguments: argparse.Namespace) -> int:
    """Delete a draft, or retract a trace."""
    with offline() as ready:
        if _DRAFT_ID.fullmatch(arguments.id.strip().lower()):
            _forget_draft(ready, arguments.id)
        else:
            _retract(ready, references.parse(arguments.id), yes=arguments.yes)
    return 0


def _forget_draft(ready: Runtime, identifier: str) -> None:
    record = drafts.get(ready.memory, identifier)
    if record.state == "approved" and ready.outbox.cancel(record.id):
        print(f"Draft {record.id} is not published after all")
    drafts.discard(ready.memory, record.id)
    print(f"Draft {record.id} is deleted")


def _retract(ready: Runtime, reference: Reference, *, yes: bool) -> None:
    if person.is_agent():
        raise CommandError(
            "a coding agent cannot retract a trace: run this command yourself in a terminal of your own"
        )
    found, store = Catalogue(ready).holder(reference)
    trace = reach(ready, store.name).trace(found.id)
    if not (yes and store.name == LOCAL):
        print(f"{found}  {trace.title}")
        _confirm("retracting needs your yes", "Retract it, so that nobody is shown it any more?")
    store.retract(found.id)
    print(f"Retracted {found}")


def _confirm(what: str, question: str) -> None:
    person.require(what)
    if not person.agrees(question):
        raise CommandError("nothing was done")
