"""The files that sessions have edited last: what an error is about is often among them."""

from collections import OrderedDict, deque
from collections.abc import Sequence

FILES = 4
SESSIONS = 32


class Edits:
    """Remembers the last few files of the last few sessions; safe to share between threads."""

    def __init__(self) -> None:
        self._files: OrderedDict[str, deque[str]] = OrderedDict()

    def add(self, session: str, file: str) -> None:
        """Take note of an edited file."""
        files = self._files.setdefault(session, deque(maxlen=FILES))
        if file in files:
            files.remove(file)
        files.append(file)
        while len(self._files) > SESSIONS:
            self._files.popitem(last=False)

    def of(self, session: str) -> Sequence[str]:
        """The files of a session, the latest first."""
        return tuple(reversed(self._files.get(session, ())))
