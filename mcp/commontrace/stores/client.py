"""One store and everything it can be asked."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import httpx

from commontrace.config import LOCAL, ConfigInvalidError, Permissions, StoreConfig
from commontrace.stores.errors import (
    StoreForbiddenError,
    StoreInvalidError,
    StoreNotFoundError,
    StorePermissionError,
)
from commontrace.stores.models import (
    Account,
    Contribution,
    Found,
    Imported,
    ImportedLine,
    ImportJob,
    Query,
    TagCount,
    Tags,
    Trace,
    TracePage,
)
from commontrace.stores.transport import Transport, connect

Permission = Literal["queries", "prompts", "outcomes", "votes", "publishing"]
Reason = Literal["outdated", "wrong", "harmful", "spam"]
By = Literal["person", "agent"]
APPROVAL_HEADER = "CommonTrace-Approval"
IMPORT_SECONDS = 120.0
"""Until a store has written down what it was sent."""
AS_A_JOB = "respond-async"


class Store:
    """A store behind an `httpx.Client` whose base URL and transport lead to it.

    Args:
        client: leads to the store; it carries the key where one is needed.
        name: what the person calls the store.
        permissions: what the person lets it have; everything for the store on this machine.
        approval: the file of what tells the store on this machine that a person has said yes.

    Raises:
        StoreUnavailableError: not reachable, too slow, or its answer makes no sense.
        StoreRefusedError: a problem document; its text says what to do.
        StorePermissionError: the person has not allowed it.
    """

    def __init__(
        self,
        client: httpx.Client,
        name: str = LOCAL,
        permissions: Permissions | None = None,
        approval: Path | None = None,
    ) -> None:
        self.name = name
        self.permissions = permissions or Permissions.all()
        self._approval = approval
        self._transport = Transport(client, name)

    @classmethod
    def connected(cls, config: StoreConfig) -> "Store":
        """The store of a configuration; its key is read when the store is first asked something."""
        return cls(connect(config), config.name, config.permissions)

    @property
    def url(self) -> str:
        """Where the store is."""
        return str(self._transport.client.base_url).rstrip("/")

    def require(self, permission: Permission) -> None:
        """Check that the person lets this store have something.

        Raises:
            StorePermissionError: they do not.
        """
        if not getattr(self.permissions, permission):
            raise StorePermissionError(
                f"the store {self.name!r} is not allowed {permission}: "
                f"`commontrace setup --name {self.name}` asks"
            )

    def search(self, query: Query, permission: Permission | None = "queries") -> Found:
        """The best traces for a query, best first.

        Args:
            query: redacted by the caller.
            permission: what the store must be allowed; `prompts` for text of a prompt, None only for a search
                that the person typed for this store.
        """
        if permission is not None:
            self.require(permission)
        return self._transport.ask(Found, "POST", "/v1/search", json=query.body())

    def trace(self, identifier: uuid.UUID) -> Trace:
        """One trace, whole."""
        return self._transport.ask(Trace, "GET", f"/v1/traces/{identifier}")

    def several(self, identifiers: Sequence[uuid.UUID]) -> dict[uuid.UUID, Trace]:
        """Those of some traces that the store has for this account, by id, in one request.

        Args:
            identifiers: 100 at most. A store that is older than this is asked for one after the other.
        """
        asked = {"id": [str(one) for one in identifiers], "limit": len(identifiers)}
        try:
            found = self._transport.ask(TracePage, "GET", "/v1/traces", params=asked).items
        except StoreInvalidError:
            found = [trace for one in identifiers if (trace := self._trace_if_there(one)) is not None]
        return {trace.id: trace for trace in found if trace.id in identifiers}

    def _trace_if_there(self, identifier: uuid.UUID) -> Trace | None:
        try:
            return self.trace(identifier)
        except (StoreNotFoundError, StoreForbiddenError):
            return None

    def traces(
        self, cursor: str | None = None, limit: int = 20, space: str | None = None, tag: str | None = None
    ) -> TracePage:
        """A page of traces, newest first."""
        return self._transport.ask(
            TracePage, "GET", "/v1/traces", params=_given(cursor=cursor, limit=limit, space=space, tag=tag)
        )

    def contribute(self, trace: Mapping[str, object] | bytes, key: str) -> Contribution:
        """Add a trace that a person has approved; repeating the call with the same key adds nothing.

        Args:
            trace: the fields, or the JSON document as it was shown to the person, byte for byte.
            key: idempotency key.
        """
        headers = {"Idempotency-Key": key, "Content-Type": "application/json", **self.approval()}
        body: dict[str, Any] = {"content": trace} if isinstance(trace, bytes) else {"json": dict(trace)}
        return self._transport.ask(Contribution, "POST", "/v1/traces", headers=headers, **body)

    def approval(self) -> dict[str, str]:
        """The header that tells the store on this machine of a person's yes; empty for other stores."""
        if self._approval is None:
            return {}
        try:
            return {APPROVAL_HEADER: self._approval.read_bytes().hex()}
        except OSError:
            return {}  # what arrives without it waits, and the store says so

    def vote(
        self, identifier: uuid.UUID, value: Literal[1, -1], reason: Reason | None = None, by: By = "person"
    ) -> None:
        """Vote for or against a trace, in place of an earlier vote; a vote against needs a reason."""
        if by == "agent":
            self.require("votes")
        body = _given(value=value, reason=reason, by=by)
        self._transport.send("PUT", f"/v1/traces/{identifier}/vote", json=body)

    def unvote(self, identifier: uuid.UUID) -> None:
        """Withdraw the account's vote."""
        self._transport.send("DELETE", f"/v1/traces/{identifier}/vote")

    def outcome(
        self,
        identifier: uuid.UUID,
        *,
        worked: bool,
        session: str,
        signature: str | None = None,
        packages: Mapping[str, str] | None = None,
    ) -> None:
        """Tell whether a trace that was shown has helped; once per session."""
        self.require("outcomes")
        body = _given(worked=worked, session=session, signature=signature, packages=dict(packages or {}))
        self._transport.send("POST", f"/v1/traces/{identifier}/outcomes", json=body)

    def retract(self, identifier: uuid.UUID) -> None:
        """Take back a trace of the account's own."""
        self._transport.send("POST", f"/v1/traces/{identifier}/retract")

    def delete(self, identifier: uuid.UUID) -> None:
        """Delete a trace of the account's own for good."""
        self._transport.send("DELETE", f"/v1/traces/{identifier}")

    def report(self, identifier: uuid.UUID, reason: str) -> None:
        """Ask the store's moderators to look at a trace."""
        self._transport.send("POST", f"/v1/traces/{identifier}/reports", json={"reason": reason})

    def tags(self) -> list[TagCount]:
        """The tags in use, as the store orders them."""
        return self._transport.ask(Tags, "GET", "/v1/tags").root

    def me(self) -> Account:
        """Whose key this is."""
        return self._transport.ask(Account, "GET", "/v1/me")

    def export(self, space: str | None = None) -> Iterator[bytes]:
        """The traces of a space, one JSON document per line, without line ends."""
        return self._transport.lines("GET", "/v1/export", params=_given(space=space))

    def import_(self, lines: Iterable[bytes], space: str | None = None) -> ImportJob | Imported:
        """Send some lines of an export; repeating it adds nothing.

        Args:
            lines: JSON documents; sent as they come unless they are a sequence.
            space: slug of the space; None for the account's own.

        Returns:
            The job that the store has accepted; from one that has no such jobs, what became of them.
        """
        ended = (line + b"\n" for line in lines)
        status, body = self._transport.answer(
            "POST",
            "/v1/import",
            params=_given(space=space),
            content=b"".join(ended) if isinstance(lines, Sequence) else ended,
            headers={"Content-Type": "application/x-ndjson", "Prefer": AS_A_JOB, **self.approval()},
            timeout=IMPORT_SECONDS,
        )
        if status == httpx.codes.ACCEPTED:
            return self._transport.understand(ImportJob, body)
        return Imported.of(self._transport.understand(ImportedLine, line) for line in body.splitlines())

    def import_job(self, identifier: uuid.UUID, after: int = 0) -> ImportJob:
        """How far an import is, with some of its refused lines after line `after`."""
        path = f"/v1/imports/{identifier}"
        return self._transport.ask(ImportJob, "GET", path, params={"after": after})

    def close(self) -> None:
        """End the connections."""
        self._transport.client.close()

    def ready(self) -> bool:
        """Whether the store can answer searches now."""
        try:
            return self._transport.client.get("/readyz").status_code == httpx.codes.OK
        except (httpx.HTTPError, ConfigInvalidError):
            return False


def _given(**values: object) -> dict[str, Any]:
    """The values that are set."""
    return {name: value for name, value in values.items() if value is not None}
