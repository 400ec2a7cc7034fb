"""What the person reads of a draft before a yes, and what a yes does."""

from typing import TYPE_CHECKING

from commontrace import duplicates
from commontrace.catalogue import STARTING_SECONDS
from commontrace.config import LOCAL
from commontrace.consent import Approved
from commontrace.drafts import DraftRecord
from commontrace.outbox import Receipt
from commontrace.stores import StoreError

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

TURN_SECONDS = 3.0
"""How long an act waits for another process that is sending."""


def shown(runtime: "Runtime", record: DraftRecord) -> str:
    """Everything that a yes to this draft would send, and where to."""
    store = runtime.stores.get(record.store)
    where = "the store on this machine"
    if record.store != LOCAL:
        address = store.url if store else "no longer connected"
        where = f"the store {record.store!r} ({address}), where others read it"
    doubts = [f"The screening has doubts: {'; '.join(record.findings)}"] if record.findings else []
    size = len(record.body.encode())
    return "\n".join(
        [
            f"CommonTrace draft {record.id} for {where}. These are its {size} bytes, exactly:",
            record.body,
            *doubts,
            *duplicates.advice(record),
        ]
    )


def publish(runtime: "Runtime", approved: Approved) -> Receipt:
    """Queue what the person has approved and send it, if its store can be reached now."""
    row = runtime.outbox.publish(approved)
    _start(runtime, approved.record.store)
    return runtime.outbox.flush(row, TURN_SECONDS)


def told(record: DraftRecord, receipt: Receipt) -> str:
    """What became of a yes."""
    if receipt.state == "sent":
        stored = f"Published draft {record.id} to {record.store}"
        return f"{stored} as {receipt.result}. What was sent is exactly this:\n{record.body}"
    if receipt.state == "queued":
        return f"Draft {record.id} is approved and will be sent to {record.store} later: {receipt.error}"
    return f"The store {record.store} did not take draft {record.id}: {receipt.error}"


def _start(runtime: "Runtime", store: str) -> None:
    """Have the local store running; what cannot be sent now stays in the outbox, and the receipt says why."""
    if store == LOCAL and not runtime.connected:
        try:
            runtime.local.wait_ready(STARTING_SECONDS)
        except StoreError as error:
            runtime.record("publish", error)
