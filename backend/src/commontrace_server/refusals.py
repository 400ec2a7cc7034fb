"""What the store refuses, and why: one tree.

Refusal
├── KeyMissingError
├── KeyInvalidError
├── ScopeMissingError
├── RoleMissingError
├── KeyNotFoundError
├── KeyEndedError
├── KeyReachError
├── TooManyKeysError
├── AccountNotFoundError
├── NameTakenError
├── SpaceNotFoundError
├── SlugTakenError
├── PersonalSpaceError
├── LastOwnerError
├── TraceNotFoundError
├── ContentRefusedError
├── HeldError
├── NotReplaceableError
├── NotAnAmendmentError
├── TransitionError
├── StarterStaysError
├── EntryNotFoundError
├── NotUndoableError
├── ContributorNotFoundError
├── TokenNeedsKeyError
├── TooManyRequestsError
├── CursorError
├── IdempotencyKeyReusedError
├── NotObservedError
├── ImportNotFoundError
├── TooManyImportsError
├── ImportTooLongError
└── NotMigratedError
"""

import inspect
from collections.abc import Mapping, Sequence
from typing import Final

_CHALLENGE: Final = {"WWW-Authenticate": "Bearer"}
_HOW_TO_GET_A_KEY: Final = (
    "ask the store's administrator for one, or, on the store's machine, "
    "create the first administrator with `commontrace admin create-admin --name NAME`"
)


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault
    """The request cannot be done. A subclass's docstring is its message; {0} is its first argument."""

    headers: Mapping[str, str] = {}
    errors: Sequence[Mapping[str, str]] = ()

    def __str__(self) -> str:
        return " ".join(inspect.cleandoc(self.__doc__ or "").split()).format(*self.args)


class KeyMissingError(Refusal):
    """This store needs an API key, sent as `Authorization: Bearer ct_...`: {0}."""

    headers = _CHALLENGE

    def __init__(self) -> None:
        super().__init__(_HOW_TO_GET_A_KEY)


class KeyInvalidError(Refusal):
    """This API key is unknown, expired or revoked: {0}."""

    headers = _CHALLENGE

    def __init__(self) -> None:
        super().__init__(_HOW_TO_GET_A_KEY)


class ScopeMissingError(Refusal):
    """This key lacks the scope `{0}`. Use one that has it, or ask the store's administrator for one."""


class RoleMissingError(Refusal):
    """This takes the role {0} in the space `{1}`. Ask one of its owners."""


class KeyNotFoundError(Refusal):
    """Your account has no key with this id. List them with GET /v1/keys."""


class KeyEndedError(Refusal):
    """This key has expired or was revoked. Create a new one with POST /v1/keys."""


class KeyReachError(Refusal):
    """A key manages and creates only keys that may do no more, and live no longer, than itself."""


class TooManyKeysError(Refusal):
    """An account has {0} valid keys at most. Revoke one that is not in use: DELETE /v1/keys/ID."""


class AccountNotFoundError(Refusal):
    """There is no such account. Create it with `commontrace admin create-account --name NAME`."""


class NameTakenError(Refusal):
    """There is an account called {0} already. Choose another, or `admin create-key`."""


class SpaceNotFoundError(Refusal):
    """There is no such space, or not for you. List yours with GET /v1/spaces."""


class SlugTakenError(Refusal):
    """There is a space called {0} already. Choose another slug."""


class PersonalSpaceError(Refusal):
    """A personal space belongs to one account for good. Use a team's space to share with others."""


class LastOwnerError(Refusal):
    """A space keeps at least one owner. Make somebody else an owner first."""


class TraceNotFoundError(Refusal):
    """There is no trace with this id. Search for it, or list the traces with GET /v1/traces."""


class ContentRefusedError(Refusal):
    """The store takes no such text: {0}. Remove what `errors` names and send it again."""

    def __init__(self, objections: Sequence[tuple[str, str]]) -> None:
        self.errors = [{"field": field, "rule": rule} for field, rule in objections]
        kinds = dict.fromkeys(f"{field} ({rule.partition(':')[0]})" for field, rule in objections)
        super().__init__(", ".join(list(kinds)[:5]))


class HeldError(Refusal):
    """Screening found something in this trace ({0}): a moderator has to look at it first."""


class NotReplaceableError(Refusal):
    """A trace is replaced by its author or a moderator, within its space. Amend it: POST .../amendments."""


class NotAnAmendmentError(Refusal):
    """This trace amends no other, or no longer waits for that. List a trace's: GET .../amendments."""


class TransitionError(Refusal):
    """A trace that is {0} cannot become {1}."""


class StarterStaysError(Refusal):
    """A starter trace comes with the program and would come back. Retract it instead: POST .../retract."""


class EvidenceStaysError(Refusal):
    """Only its author deletes a trace, and only before others spoke of it. Retract it: POST .../retract."""


class PersonVotedError(Refusal):
    """The person has voted on this trace, and their agent does not replace that. They can change it."""


class EntryNotFoundError(Refusal):
    """There is no entry with this id in the audit log. List them with GET /v1/moderation/audit."""


class NotUndoableError(Refusal):
    """This cannot be undone: {0}."""


class ContributorNotFoundError(Refusal):
    """There is no contributor with this id, or none of whom you can see anything."""


class TokenNeedsKeyError(Refusal):
    """A token is made from an API key. Send one as `Authorization: Bearer ct_...`."""


class TooManyRequestsError(Refusal):
    """Too many requests. Come back in {0} s; the limits are those of {1}."""

    def __init__(self, seconds: int, whose: str) -> None:
        self.headers = {"Retry-After": str(seconds)}
        super().__init__(seconds, whose)


class CursorError(Refusal):
    """This cursor is not one that this store gave out. Start again without a cursor."""


class IdempotencyKeyReusedError(Refusal):
    """This Idempotency-Key was used with another body. Use a new key for a new trace."""


class NotObservedError(Refusal):
    """This store keeps no metrics: the one of a single machine has nobody to read them."""


class ImportNotFoundError(Refusal):
    """Your account has sent no import of this id, or it ended more than 30 days ago."""


class TooManyImportsError(Refusal):
    """{0} of your account's imports have not ended yet. Wait for one of them, then send this one."""


class ImportTooLongError(Refusal):
    """An import may have {0} lines at most. Send the rest in another one."""


class NotMigratedError(Refusal):
    """The database is not at this program's revision. Run `commontrace migrate`, then restart the store."""


# Refusal -> (status, slug, title).
TABLE: Final[Mapping[type[Refusal], tuple[int, str, str]]] = {
    KeyMissingError: (401, "key-missing", "API key missing"),
    KeyInvalidError: (401, "key-invalid", "API key not valid"),
    ScopeMissingError: (403, "scope-missing", "Scope missing"),
    RoleMissingError: (403, "role-missing", "Role missing"),
    KeyNotFoundError: (404, "key-not-found", "No such key"),
    KeyEndedError: (409, "key-ended", "Key expired or revoked"),
    KeyReachError: (403, "key-reach", "Beyond this key"),
    TooManyKeysError: (409, "too-many-keys", "Too many keys"),
    AccountNotFoundError: (404, "account-not-found", "No such account"),
    NameTakenError: (409, "name-taken", "Name taken"),
    SpaceNotFoundError: (404, "space-not-found", "No such space"),
    SlugTakenError: (409, "slug-taken", "Slug taken"),
    PersonalSpaceError: (409, "personal-space", "Personal space"),
    LastOwnerError: (409, "last-owner", "Last owner"),
    TraceNotFoundError: (404, "trace-not-found", "No such trace"),
    ContentRefusedError: (422, "content-refused", "Content refused"),
    HeldError: (409, "held", "Held for a moderator"),
    NotReplaceableError: (403, "not-replaceable", "Not yours to replace"),
    NotAnAmendmentError: (409, "not-an-amendment", "Not an amendment"),
    TransitionError: (409, "transition", "Not possible in this status"),
    StarterStaysError: (409, "starter-stays", "Starter traces stay"),
    EvidenceStaysError: (409, "evidence-stays", "Evidence stays"),
    PersonVotedError: (409, "person-voted", "The person has voted"),
    EntryNotFoundError: (404, "entry-not-found", "No such entry"),
    NotUndoableError: (409, "not-undoable", "Not undoable"),
    ContributorNotFoundError: (404, "contributor-not-found", "No such contributor"),
    TokenNeedsKeyError: (403, "token-needs-key", "Token needs a key"),
    TooManyRequestsError: (429, "too-many-requests", "Too many requests"),
    CursorError: (422, "malformed-cursor", "Malformed cursor"),
    IdempotencyKeyReusedError: (422, "idempotency-key-reused", "Idempotency-Key reused"),
    NotObservedError: (404, "not-observed", "No metrics"),
    ImportNotFoundError: (404, "import-not-found", "No such import"),
    TooManyImportsError: (409, "too-many-imports", "Too many imports"),
    ImportTooLongError: (413, "import-too-long", "Import too long"),
    NotMigratedError: (503, "not-migrated", "Database not migrated"),
}
