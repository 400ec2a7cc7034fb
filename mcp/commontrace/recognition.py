"""From the output of a command to a failure that may be stored and sent; every Bash call passes here."""

from dataclasses import dataclass

from commontrace import failure
from commontrace_rules.errors import statement
from commontrace_rules.redaction import redact
from commontrace_rules.signature import signature


@dataclass(frozen=True)
class Failure:
    """A failure as it may be stored and sent: everything in it is redacted.

    Attributes:
        line: what the line that carries the error says.
        signature: the same error's fingerprint anywhere else, None where the line is too general.
        query: the few lines of output that a search needs.
    """

    line: str
    signature: str | None
    query: str


def recognise(command: str, output: str, exit_code: int | None, *, interrupted: bool) -> Failure | None:
    """The failure that a command's output reports, or None if nothing failed that one would want fixed.

    The whole output is redacted before anything is cut from it.
    """
    detection = failure.detect(command, output, exit_code, interrupted=interrupted)
    if not detection.failing or detection.error is None:
        return None
    line = statement(redact(detection.error.text).text)
    return Failure(line, signature(line), failure.query(redact(output).text))
