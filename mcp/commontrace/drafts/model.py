"""What somebody contributes: its form, its redaction, and the least that it has to say."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from commontrace.drafts import floor
from commontrace_rules import screening
from commontrace_rules.redaction import redact

Title = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20_000)]
Tag = Annotated[str, StringConstraints(strip_whitespace=True, to_lower=True, min_length=1, max_length=50)]
Identifier = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")]


class DraftInvalidError(Exception):
    """This is not a trace that can be contributed."""


class DraftHuskError(DraftInvalidError):
    """The trace has the form but not the content of one."""


class DraftRefusedError(DraftInvalidError):
    """The screening refuses the trace."""


class Environment(BaseModel):
    """Where the problem was seen; packages map a name to a version range."""

    model_config = ConfigDict(extra="forbid")

    languages: list[str] = []
    frameworks: list[str] = []
    packages: dict[str, str] = {}
    os: list[str] = []


class Draft(BaseModel):
    """What a person contributes.

    Attributes:
        supersedes: the id of the trace of one's own whose place it takes.
    """

    model_config = ConfigDict(extra="forbid")

    title: Title
    context_text: Text
    solution_text: Text
    tags: Annotated[list[Tag], Field(max_length=20)] = []
    kind: Literal["fix", "pattern", "dead_end"] = "fix"
    environment: Environment = Environment()
    supersedes: Identifier | None = None

    def redacted(self) -> "Draft":
        """The same without secrets and personal data: the exact text that is stored or sent.

        Raises:
            DraftInvalidError: with the placeholders it is longer than a trace may be.
        """
        try:
            return Draft.model_validate(redacted(self.fields()))
        except ValidationError as error:
            raise DraftInvalidError(f"after redaction, {_reason(error)}") from error

    def fields(self) -> dict[str, Any]:
        """The document as stores are sent it; older ones refuse a field that they do not know."""
        return self.model_dump(mode="json", exclude_none=True)

    def screened(self) -> screening.Screening:
        """What the rules for untrusted text say of it."""
        return screening.screen(self.fields())

    def key(self) -> str:
        """Idempotency key: the same draft is the same contribution."""
        return hashlib.sha256(self.model_dump_json(exclude_none=True).encode()).hexdigest()

    def check_floor(self) -> None:
        """Refuse what could help nobody.

        Raises:
            DraftHuskError: names what is missing.
        """
        problem = floor.lacking(self.title, self.context_text, self.solution_text)
        if problem:
            raise DraftHuskError(problem)


@dataclass(frozen=True)
class Prepared:
    """A draft as it may be kept or sent.

    Attributes:
        verdict: of the screening, `clean` or `held`.
        findings: what the screening found, one line each.
    """

    draft: Draft
    verdict: str
    findings: tuple[str, ...]


def prepare(draft: Draft) -> Prepared:
    """Redact and screen a trace as somebody wrote it.

    Raises:
        DraftHuskError: it could help nobody.
        DraftRefusedError: the screening refuses it.
    """
    safe = draft.redacted()
    safe.check_floor()
    screened = safe.screened()
    findings = tuple(f"{found.kind} in {found.where}: {found.detail}" for found in screened.findings)
    if screened.verdict == "refused":
        raise DraftRefusedError(f"the trace is refused: {'; '.join(findings)}")
    return Prepared(safe, screened.verdict, findings)


def read(text: str, source: str) -> Draft:
    """Parse a draft from JSON.

    Args:
        text: a JSON object {title, context_text, solution_text, tags, ...}.
        source: what to call it in an error message.

    Raises:
        DraftInvalidError: not JSON, or a field is missing, unknown or out of bounds.
    """
    try:
        return Draft.model_validate(json.loads(text))
    except ValueError as error:
        raise DraftInvalidError(f"{source}: {_reason(error)}") from error


def read_file(path: Path) -> Draft:
    """Like `read`, from a file."""
    try:
        return read(path.read_text(encoding="utf-8"), str(path))
    except OSError as error:
        raise DraftInvalidError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise DraftInvalidError(f"{path}: cannot be read: {error}") from error


def _reason(error: ValueError) -> str:
    if not isinstance(error, ValidationError):
        return f"not valid JSON: {error}"
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"]) or "the document"
    return f"{where}: {first['msg']}"


def redacted(value: Any) -> Any:
    """A JSON value with secrets and personal data taken out of all its texts."""
    if isinstance(value, str):
        return redact(value).text
    if isinstance(value, list):
        return [redacted(item) for item in value]
    if isinstance(value, dict):
        return {redact(key).text: redacted(item) for key, item in value.items()}
    return value
