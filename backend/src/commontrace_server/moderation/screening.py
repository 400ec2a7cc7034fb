"""The store's second line: what no trace and no note may contain, whatever its sender has looked at."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from commontrace_rules import redaction, screening
from commontrace_rules.screening.rules import REFUSED
from commontrace_server.refusals import ContentRefusedError
from commontrace_server.traces.schemas import TraceDraft

if TYPE_CHECKING:
    from commontrace_server.transfer.schemas import Line

_SECRET = "secret:"  # noqa: S105 - the first part of a finding's kind


class Objection(NamedTuple):
    """Why a text is not taken; never the text itself."""

    field: str
    rule: str


def screened(draft: TraceDraft) -> list[str]:
    """Return the kinds of findings for which a person should look at a trace; none is the usual case.

    Takes milliseconds of computing: not for the event loop.

    Raises:
        ContentRefusedError: It holds a secret, or what no honest trace does.
    """
    kinds, objections = judged(draft)
    if objections:
        raise ContentRefusedError(objections)
    return kinds


def judged(draft: "TraceDraft | Line") -> tuple[list[str], list[Objection]]:
    """Return the kinds of findings in a trace, and what speaks against taking it at all."""
    result = screening.screen(draft.model_dump(include={"title", "context_text", "solution_text", "tags"}))
    objections = secrets(_texts(draft))
    if result.verdict == REFUSED:
        objections += [
            Objection(_field(found.where), f"{found.kind}: {found.detail}") for found in result.findings
        ]
    return sorted({finding.kind for finding in result.findings}), objections


def check_note(field: str, text: str) -> None:
    """Check what people write about a trace.

    Raises:
        ContentRefusedError: It holds a secret.
    """
    objections = secrets({field: text})
    if objections:
        raise ContentRefusedError(objections)


def secrets(texts: Mapping[str, str]) -> list[Objection]:
    """Return where texts hold secrets, and of which kind."""
    return [
        Objection(field, f"holds a secret ({finding.kind.removeprefix(_SECRET)}) at {finding.start}")
        for field, text in texts.items()
        if text
        for finding in redaction.redact(text).findings
        if finding.kind.startswith(_SECRET)
    ]


def _texts(draft: "TraceDraft | Line") -> dict[str, str]:
    """Everything that a contributor wrote, by field."""
    environment = draft.environment
    packages: Sequence[str] = [f"{name} {version}" for name, version in environment.packages.items()]
    said = draft.model_dump(include={"provenance"}, exclude_none=True)["provenance"]
    return {
        "title": draft.title,
        "context_text": draft.context_text,
        "solution_text": draft.solution_text,
        "tags": "\n".join(draft.tags),
        "environment": "\n".join(
            [*environment.languages, *environment.frameworks, *environment.os, *packages]
        ),
        "provenance": "\n".join(said.values()),
    }


def _field(where: str) -> str:
    return where.partition(":")[0]
