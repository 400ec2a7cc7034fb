"""Traces that somebody may publish: read, redacted, screened, and kept byte for byte until a yes or a no."""

from commontrace.drafts.keeping import (
    DraftNotFoundError,
    DraftRecord,
    create,
    discard,
    get,
    listed,
    resembles,
    retarget,
)
from commontrace.drafts.model import (
    Draft,
    DraftHuskError,
    DraftInvalidError,
    DraftRefusedError,
    Environment,
    Prepared,
    prepare,
    read,
    read_file,
    redacted,
)

__all__ = [
    "Draft",
    "DraftHuskError",
    "DraftInvalidError",
    "DraftNotFoundError",
    "DraftRecord",
    "DraftRefusedError",
    "Environment",
    "Prepared",
    "create",
    "discard",
    "get",
    "listed",
    "prepare",
    "read",
    "read_file",
    "redacted",
    "resembles",
    "retarget",
]
