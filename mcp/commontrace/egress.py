"""Everything that can leave this machine, in one table: `status` prints it, the tests hold the client to it.

Nothing leaves to a store that is not connected. All else that is ever asked of another machine is packages.
"""

from dataclasses import dataclass
from typing import Literal

from commontrace.config import Permissions

Permission = Literal["queries", "prompts", "outcomes", "votes", "publishing"]


@dataclass(frozen=True)
class Flow:
    """One way for bytes to leave.

    Attributes:
        call: the method of `Store` that sends them, or the function of ours.
        request: method and path.
        holds: what they are.
        when: what makes them leave.
        permission: what the person must have allowed the store; None where each time is the person's own act.
    """

    call: str
    request: str
    holds: str
    when: str
    permission: Permission | None


FLOWS = (
    Flow(
        call="search",
        request="POST /v1/search",
        holds=(
            "the redacted lines of an error, its signature, and languages, frameworks, "
            "package versions and operating system"
        ),
        when="a command fails, or a session starts",
        permission="queries",
    ),
    Flow(
        call="search",
        request="POST /v1/search",
        holds=(
            "the redacted text that the model searches for, the signature of an error in it, and languages, "
            "frameworks, package versions and operating system"
        ),
        when="the model searches",
        permission="queries",
    ),
    Flow(
        call="search",
        request="POST /v1/search",
        holds=(
            "the redacted text of your prompt, the signature of an error in it, and languages, frameworks, "
            "package versions and operating system"
        ),
        when="you send a prompt",
        permission="prompts",
    ),
    Flow(
        call="search",
        request="POST /v1/search",
        holds=(
            "the redacted text that you search for, the signature of an error in it, and languages, "
            "frameworks, package versions and operating system"
        ),
        when="you search this store by name",
        permission=None,
    ),
    Flow(
        call="search",
        request="POST /v1/search",
        holds="the redacted title and problem of a draft",
        when="a draft is made for this store",
        permission="queries",
    ),
    Flow(
        call="trace",
        request="GET /v1/traces/ID",
        holds="the id of a trace",
        when="a trace is read, or what was shown is checked with a store of an older version",
        permission=None,
    ),
    Flow(
        call="several",
        request="GET /v1/traces",
        holds="the ids of traces that were shown",
        when="they are checked, at the start of a session and after a trace was shown",
        permission=None,
    ),
    Flow(
        call="traces",
        request="GET /v1/traces",
        holds="a cursor, a space and a tag",
        when="traces are listed",
        permission=None,
    ),
    Flow(
        call="tags",
        request="GET /v1/tags",
        holds="nothing but the request",
        when="tags are listed",
        permission=None,
    ),
    Flow(
        call="contribute",
        request="POST /v1/traces",
        holds="a trace, byte for byte as it was shown to you",
        when="you publish a draft",
        permission=None,
    ),
    Flow(
        call="contribute",
        request="POST /v1/traces",
        holds="a trace, byte for byte as it is shown to you then",
        when="a draft is made that you have asked for with /commontrace:trace-contribute",
        permission="publishing",
    ),
    Flow(
        call="vote",
        request="PUT /v1/traces/ID/vote",
        holds="up or down, and the reason",
        when="you vote",
        permission=None,
    ),
    Flow(
        call="vote",
        request="PUT /v1/traces/ID/vote",
        holds="up or down, and the reason",
        when="the model votes",
        permission="votes",
    ),
    Flow(
        call="unvote",
        request="DELETE /v1/traces/ID/vote",
        holds="the id of a trace",
        when="you withdraw a vote",
        permission=None,
    ),
    Flow(
        call="outcome",
        request="POST /v1/traces/ID/outcomes",
        holds="worked or not, the session's id, the error's signature, package versions",
        when="a trace that was shown has helped or not",
        permission="outcomes",
    ),
    Flow(
        call="retract",
        request="POST /v1/traces/ID/retract",
        holds="the id of a trace",
        when="you take back a trace of yours",
        permission=None,
    ),
    Flow(
        call="delete",
        request="DELETE /v1/traces/ID",
        holds="the id of a trace",
        when="you delete a trace of yours",
        permission=None,
    ),
    Flow(
        call="report",
        request="POST /v1/traces/ID/reports",
        holds="the reason that you typed",
        when="you report a trace",
        permission=None,
    ),
    Flow(
        call="import_",
        request="POST /v1/import",
        holds="the traces of a file, redacted",
        when="you import a file into the store",
        permission=None,
    ),
    Flow(
        call="import_job",
        request="GET /v1/imports/ID",
        holds="the id of an import",
        when="an import that the store does by itself is followed",
        permission=None,
    ),
    Flow(
        call="export",
        request="GET /v1/export",
        holds="the name of a space",
        when="you export a space",
        permission=None,
    ),
    Flow(
        call="me",
        request="GET /v1/me",
        holds="nothing but the request",
        when="`setup` or `doctor` tests the key",
        permission=None,
    ),
    Flow(
        call="ready",
        request="GET /readyz",
        holds="nothing but the request",
        when="`status` or `doctor` asks whether the store answers",
        permission=None,
    ),
)

WITHOUT_STORE = (
    Flow(
        call="install",
        request="GET of files, from the package index that pip or uv is set to use",
        holds="names and versions of the packages that this version of CommonTrace needs, and of uv",
        when="a version starts for the first time",
        permission=None,
    ),
)
"""What leaves for no store; `environment` and `installer` do it, before anything else of ours can run."""


def allowed(flow: Flow, permissions: Permissions) -> bool:
    """Whether this flow is open to a store with these permissions."""
    return flow.permission is None or bool(getattr(permissions, flow.permission))
