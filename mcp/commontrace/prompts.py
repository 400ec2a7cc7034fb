"""What the model is told with a person's prompt: a trace that answers it, or nothing."""

import hashlib
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from commontrace.restraint import Cooldown

if TYPE_CHECKING:
    from commontrace.inquiry import Inquiry
    from commontrace.recall import Injection
    from commontrace.recognition import Question
    from commontrace.runtime import Runtime

NOT_THE_PERSON = "<task-notification>"
"""How a prompt begins that carries a sub-agent's output."""
COMMAND = "/"
"""How one begins that Claude Code or a plugin acts upon."""
CHARACTERS_MOST = 20_000
"""More than this is material to work on, and would take long to redact."""
LATE_SECONDS = 600
"""What came too late for its prompt is worth saying for this long, unless there is a next prompt."""
SESSIONS_MOST = 32


@dataclass(frozen=True)
class _Asked:
    question: "Question"
    inquiry: "Inquiry"


def question(prompt: str) -> "Question | None":
    """What a prompt asks, redacted; None where it is no question of a person."""
    text = prompt.strip()
    if not text or len(text) > CHARACTERS_MOST or text.startswith((NOT_THE_PERSON, COMMAND)):
        return None
    from commontrace import recognition

    return recognition.question(text, CHARACTERS_MOST)


class Prompts:
    """Asks the stores what persons ask their agents. Safe to share between threads.

    This machine's store is asked; a connected one only where the person lets it have prompts.
    """

    def __init__(self, runtime: "Runtime") -> None:
        self._runtime = runtime
        self._lock = threading.Lock()
        self._asked: OrderedDict[str, _Asked] = OrderedDict()
        self._cooldown = Cooldown()

    def ask(self, session: str, cwd: str, prompt: str) -> None:
        """Ask about a prompt, beside what else is done for it; what an earlier one has found is dropped.

        Args:
            session: whose prompt it is.
            cwd: where; languages and versions there are part of the question.
            prompt: as it was submitted, by whomever.
        """
        with self._lock:
            self._asked.pop(session, None)
        asked = question(prompt)
        if asked is None:
            return
        reader, key = (session, ""), hashlib.blake2b(asked.query.encode("utf-8", "replace")).hexdigest()
        if self._cooldown.spares(reader, key):
            return
        inquiry = self._runtime.recall.ask(asked, cwd)
        if inquiry is None:
            return
        self._cooldown.answered(reader, key)
        with self._lock:
            self._asked[session] = _Asked(asked, inquiry)
            while len(self._asked) > SESSIONS_MOST:
                self._asked.popitem(last=False)

    def answer(self, session: str, until: float) -> "Injection | None":
        """What is known by now of the session's last prompt and was not said yet.

        Args:
            session: whose context it enters.
            until: how long to wait for the stores (`time.monotonic`).

        Raises:
            sqlite3.Error: the memory cannot be used; then nothing is shown.
        """
        asked = self._asked.get(session)
        if asked is None:
            return None
        asked.inquiry.wait(until, without_local=self._runtime.store_away)
        over = asked.inquiry.is_done or time.monotonic() - asked.inquiry.started > LATE_SECONDS
        with self._lock:
            if self._asked.get(session) is not asked:
                return None  # another hook has said it, or there is another prompt
            if over:
                del self._asked[session]
        answers = asked.inquiry.take()
        return self._runtime.recall.inject(session, "", asked.question, answers) if answers else None
