"""Problem documents in the OpenAPI document: which ones a route may answer with."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field

_MEDIA_TYPE: Final = "application/problem+json"
_MEANINGS: Final = {
    400: "The request cannot be read.",
    401: "The API key is missing or not valid.",
    403: "The key lacks the scope, or the account the role.",
    404: "There is nothing of this name or id, or not for this account.",
    409: "It contradicts what the store has.",
    413: "The request body is too large.",
    422: "The request breaks a rule; `errors` names the fields.",
    429: "Too many requests; Retry-After says when to come back.",
    503: "The store cannot answer right now; Retry-After says when to try again.",
}


class FieldError(BaseModel):
    """A field and the rule that it breaks."""

    field: str
    rule: str


class ProblemDocument(BaseModel):
    """An RFC 9457 problem document."""

    type: str = Field(description="A URN that stays the same for the same kind of problem.")
    title: str
    status: int
    detail: str = Field(description="What is wrong and what to do.")
    errors: list[FieldError] = Field([], description="The fields that are wrong, if that is what it is.")


# What can be done with a trace that an answer holds: operation -> how it is called. FastAPI names operations
# after function, path and method.
_WITH_A_TRACE: Final = {
    "read": "get_trace_v1_traces__trace_id__get",
    "delete": "delete_trace_v1_traces__trace_id__delete",
    "retract": "retract_trace_v1_traces__trace_id__retract_post",
    "vote": "put_vote_v1_traces__trace_id__vote_put",
    "withdraw": "delete_vote_v1_traces__trace_id__vote_delete",
    "observe": "post_outcome_v1_traces__trace_id__outcomes_post",
    "report": "report_trace_v1_traces__trace_id__reports_post",
    "amend": "amend_trace_v1_traces__trace_id__amendments_post",
    "amendments": "list_amendments_v1_traces__trace_id__amendments_get",
    "apply": "apply_amendment_v1_traces__trace_id__apply_post",
    "decide": "decide_v1_moderation_traces__trace_id__decide_post",
}
TRACE_LINKS: Final[Mapping[str, Any]] = {
    name: {"operationId": operation, "parameters": {"trace_id": "$response.body#/id"}}
    for name, operation in _WITH_A_TRACE.items()
} | {
    "author": {
        "operationId": "get_contributor_v1_contributors__account_id__get",
        "parameters": {"account_id": "$response.body#/author"},
    }
}
SPACE_LINKS: Final[Mapping[str, Any]] = {
    name: {"operationId": operation, "parameters": {"slug": "$response.body#/slug"}}
    for name, operation in {
        "members": "list_members_v1_spaces__slug__members_get",
        "member": "put_member_v1_spaces__slug__members__account__put",
        "leave": "remove_member_v1_spaces__slug__members__account__delete",
    }.items()
}
ENTRY_LINKS: Final[Mapping[str, Any]] = {
    "undo": {
        "operationId": "undo_v1_moderation_audit__entry_id__undo_post",
        "parameters": {"entry_id": "$response.body#/id"},
    }
}

# Behind every route that asks who the caller is.
USUAL: Final = (400, 401, 403, 404, 413, 422, 429, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the `responses` of a router whose routes may answer with these problems."""
    # Nested definitions cannot be referred to from within an answer, so there is one level only.
    schema = ProblemDocument.model_json_schema()
    schema["properties"]["errors"]["items"] = schema.pop("$defs")["FieldError"]
    content = {_MEDIA_TYPE: {"schema": schema}}
    return {
        status: {"description": _MEANINGS.get(status, HTTPStatus(status).phrase), "content": content}
        for status in statuses
    }
