"""The person's yes to a draft, asked for in the client's own form where the client has one.

The form goes to the person past the model. Clients without one, headless sessions and clients of the era
without server requests keep the draft, which is published by typing a line.
"""

import os
from functools import partial
from typing import TYPE_CHECKING, Any

import anyio
from fastmcp import Context
from fastmcp.server.elicitation import AcceptedElicitation
from mcp_types import ClientCapabilities, ElicitationCapability
from mcp_types.version import HANDSHAKE_PROTOCOL_VERSIONS

from commontrace import ancestry, duplicates, publishing
from commontrace.config import LOCAL
from commontrace.consent import Refusal
from commontrace.drafts import DraftRecord
from commontrace.tools import text

if TYPE_CHECKING:
    from commontrace.runtime import Runtime

ANSWER_SECONDS = 300.0
"""A form that nobody answers, as where a host shows none, holds the model up for this long."""


async def confirm(context: Context, runtime: "Runtime", session: str, record: DraftRecord) -> str:
    """Ask the person whether to publish a draft, publish it after a yes, and say what became of it.

    Args:
        context: of the tool call.
        runtime: leads to the desk and the outbox.
        session: where the draft was made.
        record: the draft.
    """
    store = runtime.stores.get(record.store)
    if store is not None and record.store != LOCAL and store.permissions.publishing:
        return drafted(record, standing=True)
    if not session or not _can_ask(context):
        return drafted(record)
    nonce = runtime.desk.offer_shown(session, record)
    form = partial(context.elicit, publishing.shown(runtime, record), bool)
    agreed = False
    with anyio.move_on_after(ANSWER_SECONDS):
        answer = await form(response_title="Publish exactly this")
        agreed = isinstance(answer, AcceptedElicitation) and answer.data is True
    if not agreed:
        return drafted(record)
    return await anyio.to_thread.run_sync(partial(_publish, runtime, session, record, nonce))


def drafted(record: DraftRecord, *, standing: bool = False) -> str:
    """What the model is told of a draft that waits.

    Args:
        record: the draft.
        standing: its store gets what the person has asked for; whether this is, the hook server knows.
    """
    held = f"\nThe screening has doubts: {'; '.join(record.findings)}" if record.findings else ""
    held += "".join(f"\n{line}" for line in duplicates.advice(record))
    if standing:
        fate = (
            f"{record.store} gets it now if the person has typed /commontrace:trace-contribute for it.{held}"
        )
        rest = (
            "The person sees its exact text and what became of it. Else only they can publish it, by typing"
        )
    else:
        fate = f"nothing was sent.{held}"
        rest = "The person sees its exact text. Only the person can publish it, by typing"
    return (
        f"Draft {record.id} is saved on this machine, redacted; {fate}\n{rest}:\n"
        f"/commontrace:trace-publish {record.id}"
    )


def _publish(runtime: "Runtime", session: str, record: DraftRecord, nonce: str) -> str:
    approved = runtime.desk.approve(session, record.id, nonce)
    if isinstance(approved, Refusal):
        return f"Nothing was published: {approved.reason}."
    receipt = publishing.publish(runtime, approved)
    if receipt.state == "sent":
        return f"The person agreed: published to {record.store} as {receipt.result}."
    if receipt.state == "queued":
        return f"The person agreed; the store {record.store} gets it as soon as it can be reached."
    refused = f"The person agreed, but the store {record.store} did not take it"
    return text.told(record.store, refused, receipt.error or "")


def _can_ask(context: Context) -> bool:
    """Whether a form would reach a person: not where an agent has started this client."""
    session: Any = context.session
    asks = session.protocol_version in HANDSHAKE_PROTOCOL_VERSIONS and session.check_client_capability(
        ClientCapabilities(elicitation=ElicitationCapability())
    )
    # the client has started the front, and the front has started this process
    return bool(asks) and not ancestry.started_by_agent(ancestry.parent(os.getppid()))
