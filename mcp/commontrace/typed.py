"""What typed slash commands answer: the hook server does the act itself, without a model."""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, get_args

from commontrace import ancestry, drafts, publishing, references, render
from commontrace.catalogue import Catalogue
from commontrace.config import LOCAL, ConfigInvalidError
from commontrace.consent import Refusal
from commontrace.drafts import DraftInvalidError, DraftNotFoundError, DraftRecord
from commontrace.memory import MemoryNewerError
from commontrace.paths import RuntimeFolderUnsafeError
from commontrace.references import ReferenceInvalidError
from commontrace.stores import Store, StoreError
from commontrace.stores.client import Reason

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

PREFIX = "commontrace:"
FORESEEN = (
    ConfigInvalidError,
    DraftInvalidError,
    DraftNotFoundError,
    MemoryNewerError,
    ReferenceInvalidError,
    RuntimeFolderUnsafeError,
    StoreError,
)
REASONS = get_args(Reason)
PUBLISH_USAGE = "Type the id of a draft: /commontrace:trace-publish ID"
VOTE_USAGE = (
    "Type /commontrace:trace-vote ID up, or /commontrace:trace-vote ID down REASON "
    f"with one of {', '.join(REASONS)}."
)
BY_AGENT = (
    "Nothing was published: an agent started this Claude Code, so nobody typed this. To publish, type the "
    "line in a session of your own, or run `commontrace publish {id}` in a terminal."
)


def answer(runtime: "Runtime", session: str, command: str, arguments: str) -> str | None:
    """Do what a person has typed, and return what they are told; None if the command is not one of these.

    Args:
        runtime: leads to stores, memory and the desk that shows drafts.
        session: where it was typed.
        command: the command's full name.
        arguments: everything after it.
    """
    act = COMMANDS.get(command.removeprefix(PREFIX)) if command.startswith(PREFIX) else None
    if act is None:
        return None
    try:
        return act(runtime, session, arguments.split())
    except FORESEEN as error:
        return f"CommonTrace: {error}"
    except (sqlite3.Error, OSError) as error:
        runtime.record("typed", error)
        return (
            "CommonTrace cannot use its files on this machine; /commontrace:trace-doctor names the problem."
        )


def publish(runtime: "Runtime", session: str, words: list[str]) -> str:
    """Publish the draft that was shown in this session; show it first where it was not."""
    if len(words) != 1:
        return "\n".join([PUBLISH_USAGE, *_waiting(runtime)])
    record = drafts.get(runtime.memory, words[0])
    if ancestry.started_by_agent():
        return BY_AGENT.format(id=record.id)
    if record.state == "draft" and not runtime.desk.was_offered(session, record.id):
        runtime.desk.offer_shown(session, record)
        if record.store != LOCAL:
            return _invited(runtime, record, "Nothing was sent. Read it; to publish it, type the line again")
    approved = runtime.desk.approve_typed(session, record.id)
    if isinstance(approved, Refusal):
        return f"CommonTrace: {approved.reason}"
    return publishing.told(record, publishing.publish(runtime, approved))


def vote(runtime: "Runtime", _session: str, words: list[str]) -> str:
    """Cast the person's vote."""
    if len(words) not in (2, 3) or words[1] not in ("up", "down") or (words[1] == "up" and len(words) == 3):
        return VOTE_USAGE
    if words[1] == "down" and (len(words) == 2 or words[2] not in REASONS):
        return f"A vote down needs a reason. {VOTE_USAGE}"
    if ancestry.started_by_agent():
        return "No vote was cast: an agent started this Claude Code, so nobody typed this."
    reference, _ = Catalogue(runtime).holder(references.parse(words[0]))
    body: dict[str, Any] = {
        "trace": str(reference.id),
        "value": 1 if words[1] == "up" else -1,
        "by": "person",
    }
    if words[1] == "down":
        body["reason"] = words[2]
    row = runtime.outbox.put("vote", str(reference.store), body)
    receipt = runtime.outbox.flush(row, publishing.TURN_SECONDS)
    if receipt.state == "sent":
        return f"Voted {words[1]} on {reference}."
    if receipt.state == "queued":
        return f"The vote on {reference} is kept and will be sent: {receipt.error}"
    return f"The vote on {reference} was not taken: {receipt.error}"


def offer(runtime: "Runtime", session: str, identifier: str) -> str | None:
    """Show a draft that was just made here, with the line that publishes it; None if it is gone.

    One that the person has asked for, for a store with a standing yes, is published and shown.
    """
    try:
        record = drafts.get(runtime.memory, identifier)
    except DraftNotFoundError:
        return None
    if record.state != "draft":
        return None
    nonce = runtime.desk.offer_shown(session, record)
    if _stands(runtime, session, record):
        approved = runtime.desk.approve(session, record.id, nonce)
        if not isinstance(approved, Refusal):
            return f"{publishing.told(record, publishing.publish(runtime, approved))}\n{_revocable(record)}"
    return _invited(runtime, record, "Nothing was sent. To publish exactly this, type")


def _stands(runtime: "Runtime", session: str, record: DraftRecord) -> bool:
    """Whether the person's standing yes covers a draft: asked for, sound, new, for a store that has one."""
    store = runtime.stores.get(record.store)
    covered = store is not None and store.name != LOCAL and store.permissions.publishing
    if not covered or record.verdict != "clean" or record.similar or ancestry.started_by_agent():
        return False
    return runtime.desk.was_asked(session, record)


def _revocable(record: DraftRecord) -> str:
    return (
        f"You let {record.store} have what you ask for: "
        f"`commontrace setup --name {record.store} --publish ask` ends that."
    )


def status(runtime: "Runtime", _session: str, _words: list[str]) -> str:
    """Stores and permissions, what waits, and what leaves this machine."""
    from commontrace import status as report

    return report.text(report.document(runtime))


def doctor(runtime: "Runtime", _session: str, _words: list[str]) -> str:
    """What works, what does not, and what to do about it."""
    from commontrace import doctor as examination

    return "\n".join(line for finding in examination.examine(runtime) for line in finding.lines())


def setup(runtime: "Runtime", _session: str, _words: list[str]) -> str:
    """What is connected and how to change it; a key does not belong in a prompt, so none is taken here."""
    return "\n".join(
        [
            "Stores:",
            *(f"  {_permitted(store)}" for store in runtime.stores.values()),
            f"Drafts go to: {runtime.config.default_store}",
            "To connect a store, or to change what it may be sent, run this in a terminal of your own:",
            f"  {runtime.root / 'scripts' / 'commontrace'} setup",
            "It asks for the store's address and key, tests them, and asks for each permission by itself.",
            f"The file is {runtime.folders.config}",
        ]
    )


def _permitted(store: Store) -> str:
    if store.name == LOCAL:
        return f"{LOCAL}: on this machine"
    granted = asdict(store.permissions)
    allowed = ", ".join(name for name, given in granted.items() if given) or "nothing"
    refused = ", ".join(name for name, given in granted.items() if not given) or "nothing"
    return f"{store.name}: {store.url}; without asking it is sent: {allowed}; never: {refused}"


def _invited(runtime: "Runtime", record: DraftRecord, invitation: str) -> str:
    """Everything that a yes to this draft would send, and the line that says yes."""
    return f"{publishing.shown(runtime, record)}\n{invitation}: /commontrace:trace-publish {record.id}"


def _waiting(runtime: "Runtime") -> list[str]:
    return [
        f"  {record.id}  {render.one_line(record.title)}" for record in drafts.listed(runtime.memory)[:10]
    ]


COMMANDS: Mapping[str, Callable[["Runtime", str, list[str]], str]] = {
    "trace-publish": publish,
    "trace-vote": vote,
    "trace-status": status,
    "trace-setup": setup,
    "trace-doctor": doctor,
}
