"""A person's yes to one draft: bound to the session that was shown it, to its exact bytes, and good once.

What was shown is held in the memory of the process that showed it, so no other process can answer for it: not
a second Claude Code that an agent starts, and not a script that edits files. It is a guard against a model's
eagerness, not a sandbox: whoever runs code as this user can do what this user can do.
"""

import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from commontrace import drafts
from commontrace.drafts import DraftNotFoundError, DraftRecord
from commontrace.memory import Memory

LIFE_SECONDS = 30 * 60
ASKED_SECONDS = 10 * 60
"""How long a typed request for a draft is one for what is made next."""
OFFERS_MOST = 256


@dataclass(frozen=True)
class Approved:
    """A draft that the person has said yes to; only a `Desk` makes these."""

    record: DraftRecord


@dataclass(frozen=True)
class Refusal:
    """Why there is no yes, and what to do."""

    reason: str


@dataclass(frozen=True)
class _Offer:
    nonce: str
    fingerprint: str
    made_at: float


class Desk:
    """Where one process shows drafts and takes the answers. Safe to share between threads.

    Args:
        memory: where drafts are kept.
        clock: seconds that only ever grow.
    """

    def __init__(self, memory: Memory, clock: Callable[[], float] = time.monotonic) -> None:
        self._memory = memory
        self._clock = clock
        self._lock = threading.Lock()
        self._offers: OrderedDict[tuple[str, str], _Offer] = OrderedDict()
        self._asked: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def offer(self, session: str, draft_id: str) -> str:
        """Note that this draft, as it is now, is being shown in this session.

        Args:
            session: where the person reads it; not empty.
            draft_id: the draft. Show `drafts.get(memory, draft_id).body` and nothing less.

        Returns:
            A nonce for `approve`. It replaces the one of an earlier offer of the same draft.

        Raises:
            DraftNotFoundError: there is no such draft.
            DraftInvalidError: it is no longer a draft, or there is no session.
        """
        record = drafts.get(self._memory, draft_id)
        if record.state != "draft":
            raise drafts.DraftInvalidError(_gone(record).reason)
        return self.offer_shown(session, record)

    def offer_shown(self, session: str, record: DraftRecord) -> str:
        """Like `offer`, for a record that the caller has read and shows: the yes will be for these bytes."""
        if not session:
            raise drafts.DraftInvalidError("a draft can only be shown in a session")
        nonce = secrets.token_urlsafe(9)
        with self._lock:
            self._offers[session, record.id] = _Offer(nonce, record.fingerprint, self._clock())
            self._offers.move_to_end((session, record.id))
            while len(self._offers) > OFFERS_MOST:
                self._offers.popitem(last=False)
        return nonce

    def was_offered(self, session: str, draft_id: str) -> bool:
        """Whether a yes of this session to this draft could count now."""
        with self._lock:
            offer = self._offers.get((session, draft_id.strip().lower()))
        return offer is not None and self._fresh(offer)

    def ask(self, session: str) -> None:
        """Note that the person has typed a request for a draft in this session."""
        with self._lock:
            self._asked[session] = self._clock(), time.time()
            self._asked.move_to_end(session)
            while len(self._asked) > OFFERS_MOST:
                self._asked.popitem(last=False)

    def was_asked(self, session: str, record: DraftRecord) -> bool:
        """Whether this draft was made upon such a request; a request is good for one."""
        with self._lock:
            at, since = self._asked.pop(session, (-ASKED_SECONDS, 0.0))
        return self._clock() - at < ASKED_SECONDS and record.created_at >= since

    def approve_typed(self, session: str, draft_id: str) -> Approved | Refusal:
        """The yes of a person who typed the command in the session that showed the draft."""
        return self._approve(session, draft_id, None)

    def approve(self, session: str, draft_id: str, nonce: str) -> Approved | Refusal:
        """The yes to exactly one showing, told apart from others of the same draft by its nonce."""
        return self._approve(session, draft_id, nonce)

    def _approve(self, session: str, draft_id: str, nonce: str | None) -> Approved | Refusal:
        identifier = draft_id.strip().lower()
        try:
            record = drafts.get(self._memory, identifier)
        except DraftNotFoundError as error:
            return Refusal(str(error))
        if record.state != "draft":
            return _gone(record)
        with self._lock:
            offer = self._offers.pop((session, identifier), None)
        problem = self._problem(record, offer, nonce)
        return Refusal(f"draft {identifier} {problem}") if problem else Approved(record)

    def _problem(self, record: DraftRecord, offer: _Offer | None, nonce: str | None) -> str | None:
        if offer is None:
            return (
                "has not been shown in this session, or was answered already: "
                "have it shown here, read it, then say yes"
            )
        if not self._fresh(offer):
            return "was shown too long ago: have it shown again, then say yes"
        if nonce is not None and not secrets.compare_digest(nonce.encode(), offer.nonce.encode()):
            return "was shown again since: read what is shown now, then say yes"
        if record.fingerprint != offer.fingerprint:
            return "has changed since it was shown: have it shown again, then say yes"
        return None

    def _fresh(self, offer: _Offer) -> bool:
        return self._clock() - offer.made_at < LIFE_SECONDS


def _gone(record: DraftRecord) -> Refusal:
    words = {
        "approved": "was published already and is on its way",
        "sent": "was published already",
        "discarded": "was discarded",
    }
    return Refusal(f"draft {record.id} {words[record.state]}: `commontrace drafts` lists what is left")
