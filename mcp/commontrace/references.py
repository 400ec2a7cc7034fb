"""How a trace is named to model and person: `ID` in the store on this machine, `STORE/ID` in any other."""

import uuid
from dataclasses import dataclass

from commontrace.config import LOCAL


class ReferenceInvalidError(Exception):
    """This is not the id of a trace."""


@dataclass(frozen=True)
class Reference:
    """One trace in one store; `store` is None where the text did not name it."""

    store: str | None
    id: uuid.UUID

    @property
    def connected(self) -> str | None:
        """The connected store, None for the one on this machine."""
        return None if self.store == LOCAL else self.store

    def __str__(self) -> str:
        return f"{self.connected}/{self.id}" if self.connected else str(self.id)


def parse(text: str) -> Reference:
    """Read a reference as a tool result or a hook has shown it.

    Raises:
        ReferenceInvalidError: it is none; the message shows what one looks like.
    """
    store, _, identifier = text.strip().rpartition("/")
    try:
        return Reference(store or None, uuid.UUID(identifier))
    except ValueError:
        raise ReferenceInvalidError(
            "this is not the id of a trace: ids look like 0199c2f0-5a3e-7cc1-9d52-3f6c1d2b7a90, "
            "with the store's name and a slash in front for a trace of a connected store"
        ) from None
