"""Queues what is to be sent and sends it."""

import hashlib
import json
import random
import secrets
import sqlite3
import time
import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any, Literal

from commontrace.consent import Approved
from commontrace.drafts import DraftInvalidError
from commontrace.memory import Memory
from commontrace.outbox import items
from commontrace.outbox.delivery import LONGEST_ASKED, delay, send
from commontrace.outbox.items import Item, Kind, Receipt, State
from commontrace.outbox.turn import turn
from commontrace.stores import (
    Store,
    StoreBusyError,
    StoreError,
    StoreForbiddenError,
    StorePermissionError,
    StoreRefusedError,
    StoreUnauthorizedError,
    StoreUnavailableError,
)

MENDABLE = (StoreUnauthorizedError, StoreForbiddenError)
"""Refusals that end when the person gives the store another key or another role."""


class Outbox:
    """Queues and sends. Any number of processes may use one memory; one at a time sends.

    Args:
        memory: where the rows are.
        stores: the stores by name.
        clock: seconds since the epoch.
    """

    def __init__(
        self, memory: Memory, stores: Mapping[str, Store], clock: Callable[[], float] = time.time
    ) -> None:
        self._memory = memory
        self._stores = stores
        self._clock = clock

    def publish(self, approved: Approved) -> int:
        """Queue a draft that the person has approved, and return the row's id.

        Raises:
            DraftInvalidError: the draft is not what was approved any more.
        """
        record = approved.record
        with self._memory.write(durable=True) as connection:
            changed = connection.execute(
                "UPDATE drafts SET state = 'approved'"
                " WHERE id = ? AND state = 'draft' AND store = ? AND body = ?",
                (record.id, record.store, record.body),
            )
            if not changed.rowcount:
                raise DraftInvalidError(f"draft {record.id} is not what was approved any more: show it again")
            key = f"{record.id}-{record.fingerprint[:32]}"
            return self._insert(connection, "trace", record.store, key, record.body, draft=record.id)

    def put(
        self, kind: Literal["vote", "outcome"], store: str, body: Mapping[str, Any], key: str | None = None
    ) -> int:
        """Queue a vote or an outcome, and return the row's id.

        Args:
            kind: what it is. A newer vote on a trace, or a newer outcome of it in the same session, replaces
                one that is still queued; the same outcome is queued once.
            store: name of the store.
            body: `{trace, value, reason?, by}`, where a value of 0 withdraws the vote, or
                `{trace, worked, session, signature?, packages?}`.
            key: idempotency key; the same key is queued once.

        Raises:
            StorePermissionError: the person does not let this store have it.
        """
        fields = dict(body)
        trace = str(uuid.UUID(str(fields.pop("trace"))))
        self._permit(kind, store, fields)
        text = json.dumps(fields)
        with self._memory.write(durable=True) as connection:
            chosen = key or _key(kind, trace, text)
            connection.execute(
                "UPDATE outbox SET state = 'superseded', done_at = ?"
                " WHERE store = ? AND trace = ? AND kind = ? AND state = 'queued' AND idempotency_key != ?"
                " AND json_extract(body, '$.session') IS ?",
                (self._clock(), store, trace, kind, chosen, fields.get("session")),
            )
            return self._insert(connection, kind, store, chosen, text, trace=trace)

    def persons_vote(self, store: str, trace: str) -> int:
        """What the person on this machine has voted on a trace last; 0 for nothing."""
        rows = self._memory.read(
            "SELECT json_extract(body, '$.value') AS value FROM outbox WHERE kind = 'vote' AND store = ?"
            " AND trace = ? AND state IN ('queued', 'sent') AND json_extract(body, '$.by') = 'person'"
            " ORDER BY id DESC LIMIT 1",
            (store, trace),
        )
        return int(rows[0]["value"]) if rows else 0

    def items(self, *states: State) -> list[Item]:
        """The rows in these states, oldest first; all rows if none is named."""
        rows = self._memory.read("SELECT * FROM outbox ORDER BY id")
        return [item for item in map(items.read, rows) if not states or item.state in states]

    def drain(self, limit: int = 20, wait: float = 0.0) -> list[Receipt]:
        """Send what is due, oldest first; a store that does not answer is asked once.

        Args:
            limit: rows at most.
            wait: seconds to wait for another process that is sending; without its turn nothing is sent.
        """
        receipts: list[Receipt] = []
        down: set[str] = set()
        with self._turn(wait) as mine:
            for item in self._due(limit) if mine else ():
                if item.store in down:
                    continue
                receipt, reached = self._deliver(item)
                receipts.append(receipt)
                if not reached:
                    down.add(item.store)
        return receipts

    def flush(self, identifier: int, wait: float) -> Receipt:
        """Send one row now, however long it would have to wait otherwise, and say what became of it.

        Args:
            identifier: the row.
            wait: seconds to wait for another process that is sending.
        """
        with self._turn(wait) as mine:
            item = self._get(identifier)
            if item.state != "queued":
                return Receipt(item, item.state, item.result, item.last_error)
            if not mine:
                return Receipt(item, "queued", error="another process is sending")
            return self._deliver(item)[0]

    def cancel(self, draft: str) -> bool:
        """Take back the yes to a draft that no attempt was made to send yet; False if it is too late."""
        with self._turn(1.0) as mine, self._memory.write(durable=True) as connection:
            if not mine:
                return False
            changed = connection.execute(
                "DELETE FROM outbox WHERE draft = ? AND state = 'queued' AND attempts = 0", (draft,)
            )
            if changed.rowcount:
                connection.execute("UPDATE drafts SET state = 'draft' WHERE id = ?", (draft,))
            return bool(changed.rowcount)

    def _permit(self, kind: Kind, store: str, fields: Mapping[str, Any]) -> None:
        found = self._stores.get(store)
        if found is None:
            raise StorePermissionError(f"no store is called {store!r}: `commontrace setup` connects one")
        if kind == "outcome":
            found.require("outcomes")
        elif fields.get("by") != "person":
            found.require("votes")

    def _insert(  # noqa: PLR0913  the columns of a row
        self,
        connection: sqlite3.Connection,
        kind: Kind,
        store: str,
        key: str,
        body: str,
        *,
        trace: str | None = None,
        draft: str | None = None,
    ) -> int:
        now = self._clock()
        connection.execute(
            "INSERT INTO outbox (store, idempotency_key, kind, trace, draft, body, next_at, created_at)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING",
            (store, key, kind, trace, draft, body, now, now),
        )
        row = connection.execute(
            "SELECT id FROM outbox WHERE store = ? AND idempotency_key = ?", (store, key)
        ).fetchone()
        return int(row[0])

    def _get(self, identifier: int) -> Item:
        return items.read(self._memory.read("SELECT * FROM outbox WHERE id = ?", (identifier,))[0])

    def _due(self, limit: int) -> list[Item]:
        query = (
            "SELECT * FROM outbox WHERE state = 'queued' AND (next_at <= :now OR next_at > :now + :longest)"
            " ORDER BY id LIMIT :limit"
        )
        values = {"now": self._clock(), "longest": LONGEST_ASKED, "limit": limit}
        return [items.read(row) for row in self._memory.read(query, values)]

    def _deliver(self, item: Item) -> tuple[Receipt, bool]:
        """Make one attempt; what it came to, and whether the store could be reached.

        The attempt is counted and the next one scheduled first: a row that ends the process does not come
        first again when the next process starts.
        """
        if not self._begin(item):
            return Receipt(item, "superseded"), True
        try:
            result = send(self._stores, item)
        except StoreUnavailableError as error:
            later = error.retry_after if isinstance(error, StoreBusyError) else None
            return self._defer(item, error, later), False
        except MENDABLE as error:
            return self._defer(item, error, None), True
        except (StoreRefusedError, StorePermissionError) as error:
            return self._refuse(item, error), True
        return self._record(item, result), True

    def _begin(self, item: Item) -> bool:
        next_at = self._clock() + delay(item.attempts + 1, random.random())  # noqa: S311  spreads load, hides nothing
        with self._memory.write(durable=True) as connection:
            changed = connection.execute(
                "UPDATE outbox SET attempts = attempts + 1, next_at = ? WHERE id = ? AND state = 'queued'",
                (next_at, item.id),
            )
            return bool(changed.rowcount)

    def _record(self, item: Item, result: str | None) -> Receipt:
        with self._memory.write(durable=True) as connection:
            connection.execute(
                "UPDATE outbox SET state = 'sent', done_at = ?, result = ?, last_error = NULL WHERE id = ?",
                (self._clock(), result, item.id),
            )
            connection.execute("UPDATE drafts SET state = 'sent' WHERE id = ?", (item.draft,))
        return Receipt(item, "sent", result)

    def _refuse(self, item: Item, error: StoreError) -> Receipt:
        """Give a row up; its draft is a draft again, so that the person can correct or discard it."""
        with self._memory.write(durable=True) as connection:
            # the key was not used up: the same draft may be approved again
            connection.execute(
                "UPDATE outbox SET state = 'refused', done_at = ?, last_error = ?,"
                " idempotency_key = idempotency_key || '-refused-' || id WHERE id = ?",
                (self._clock(), str(error), item.id),
            )
            connection.execute("UPDATE drafts SET state = 'draft' WHERE id = ?", (item.draft,))
        return Receipt(item, "refused", error=str(error))

    def _defer(self, item: Item, error: StoreError, later: float | None) -> Receipt:
        with self._memory.write(durable=True) as connection:
            connection.execute(
                "UPDATE outbox SET last_error = ?, next_at = max(next_at, ?) WHERE id = ?",
                (str(error), self._clock() + min(later or 0.0, LONGEST_ASKED), item.id),
            )
        return Receipt(item, "queued", error=str(error))

    def _turn(self, wait: float) -> AbstractContextManager[bool]:
        return turn(f"{self._memory.path}.sending", wait)


def _key(kind: Kind, trace: str, body: str) -> str:
    if kind == "outcome":
        return "outcome-" + hashlib.sha256(f"{trace}\n{body}".encode()).hexdigest()[:40]
    return f"vote-{secrets.token_hex(16)}"
