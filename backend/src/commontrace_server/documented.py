"""Problem documents in the OpenAPI document: which ones a route may answer with."""

from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field

_MEDIA_TYPE: Final = "application/problem+json"
_MEANINGS: Final = {
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


# Behind every route that asks who the caller is.
USUAL: Final = (401, 403, 404, 413, 422, 429, 503)


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
