"""Drafts on this machine, from the first save to the yes or the no."""

import hashlib
import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from commontrace import render
from commontrace.drafts.model import Draft, DraftInvalidError, prepare
from commontrace.memory import Memory

State = Literal["draft", "approved", "sent", "discarded"]

_ID_LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
_ID_LENGTH = 8


class DraftNotFoundError(Exception):
    """There is no draft of this id."""


@dataclass(frozen=True)
class DraftRecord:
    """A draft as it is kept.

    Attributes:
        session: where it was made; empty outside a session.
        body: the exact JSON document that would be sent; fit to be shown as it is.
        verdict: of the screening, `clean` or `held`; a held trace is never shown automatically.
        findings: what the screening found, one line each.
        similar: a trace of the store that says the same, as `STORE/ID`.
    """

    id: str
    session: str
    store: str
    body: str
    verdict: str
    findings: tuple[str, ...]
    state: State
    created_at: float
    similar: str | None = None

    @property
    def fingerprint(self) -> str:
        """Changes when the text or its destination does."""
        return hashlib.sha256(f"{self.store}\n{self.body}".encode()).hexdigest()

    @property
    def title(self) -> str:
        """The trace's title."""
        return str(json.loads(self.body)["title"])

    def pretty(self) -> str:
        """The body, which is laid out to be read."""
        return self.body


def create(memory: Memory, session: str, draft: Draft, store: str, space: str | None = None) -> DraftRecord:
    """Redact and screen a trace and keep it as a draft; nothing is sent.

    The same text for the same store is one draft in a session, however often it is made.

    Args:
        memory: where drafts are kept.
        session: the session that makes it, empty outside of one.
        draft: as it was written; it is redacted here.
        store: the name of the store that it is meant for.
        space: slug of a space there; None for the account's own.

    Raises:
        DraftHuskError: it could help nobody.
        DraftRefusedError: the screening refuses it.
        sqlite3.Error: the memory cannot be written.
    """
    prepared = prepare(draft)
    body = _body(prepared.draft.fields(), space)
    for waiting in listed(memory):
        if (waiting.session, waiting.store, waiting.body) == (session, store, body):
            return waiting
    record = DraftRecord(
        id="".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH)),
        session=session,
        store=store,
        body=body,
        verdict=prepared.verdict,
        findings=prepared.findings,
        state="draft",
        created_at=time.time(),
    )
    with memory.write(durable=True) as connection:
        connection.execute(
            "INSERT INTO drafts (id, session, store, body, verdict, findings, state, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                record.id,
                session,
                store,
                body,
                record.verdict,
                json.dumps(record.findings),
                "draft",
                record.created_at,
            ),
        )
    return record


def listed(memory: Memory, states: Sequence[State] = ("draft",)) -> list[DraftRecord]:
    """Drafts in these states, newest first."""
    marks = ", ".join("?" * len(states))
    rows = memory.read(
        f"SELECT * FROM drafts WHERE state IN ({marks}) ORDER BY created_at DESC, id",  # noqa: S608  only marks
        tuple(states),
    )
    return [_record(row) for row in rows]


def get(memory: Memory, identifier: str) -> DraftRecord:
    """One draft, in whatever state.

    Raises:
        DraftNotFoundError: there is none of this id.
    """
    rows = memory.read("SELECT * FROM drafts WHERE id = ?", (identifier.strip().lower(),))
    if not rows:
        raise DraftNotFoundError(f"there is no draft {identifier!r}: `commontrace drafts` lists them")
    return _record(rows[0])


def retarget(memory: Memory, identifier: str, store: str, space: str | None = None) -> DraftRecord:
    """Mean a draft for another store; a yes that was given or asked for before no longer counts.

    Raises:
        DraftNotFoundError: there is none of this id.
        DraftInvalidError: it was published or discarded.
    """
    record = get(memory, identifier)
    fields = json.loads(record.body)
    for tied in ("space", "supersedes"):  # to the former store
        fields.pop(tied, None)
    with memory.write(durable=True) as connection:
        changed = connection.execute(
            "UPDATE drafts SET store = ?, body = ? WHERE id = ? AND state = 'draft'",
            (store, _body(fields, space), record.id),
        )
        if not changed.rowcount:
            raise DraftInvalidError(f"draft {record.id} was already {_past(record.state)}")
    return get(memory, record.id)


def resembles(memory: Memory, identifier: str, reference: str) -> DraftRecord:
    """Note that a trace of its store says the same as a draft.

    Raises:
        DraftNotFoundError: there is no draft of this id.
    """
    with memory.write() as connection:
        connection.execute("UPDATE drafts SET similar = ? WHERE id = ?", (reference, identifier))
    return get(memory, identifier)


def discard(memory: Memory, identifier: str) -> None:
    """Delete a draft that was not published.

    Raises:
        DraftNotFoundError: there is none of this id.
        DraftInvalidError: it was published.
    """
    record = get(memory, identifier)
    with memory.write(durable=True) as connection:
        # the text goes, the id stays: it is not given to another draft, and a second discard says so
        changed = connection.execute(
            "UPDATE drafts SET state = 'discarded', body = '{\"title\": \"\"}', findings = '[]'"
            " WHERE id = ? AND state = 'draft'",
            (record.id,),
        )
        if not changed.rowcount:
            raise DraftInvalidError(f"draft {record.id} was already {_past(record.state)}")


def _record(row: Any) -> DraftRecord:
    fields = {name: row[name] for name in row.keys() if name != "findings"}  # noqa: SIM118  rows iterate over values
    return DraftRecord(**fields, findings=tuple(json.loads(row["findings"])))


def _body(fields: dict[str, Any], space: str | None) -> str:
    """The document, laid out to be read, with every character that cannot be seen written as an escape."""
    text = json.dumps(fields if space is None else {**fields, "space": space}, indent=2, ensure_ascii=False)
    return "".join(char if char == "\n" or render.is_seen(char) else json.dumps(char)[1:-1] for char in text)


def _past(state: State) -> str:
    return {"draft": "drafted", "approved": "published and is on its way"}.get(state, state)
