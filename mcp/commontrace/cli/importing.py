"""How the lines of a file get into a store: sent in parts, and followed until the store has done them."""

import sys
import time
import uuid
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from commontrace.cli.output import CommandError
from commontrace.cli.progress import Progress
from commontrace.stores import Imported, ImportedLine, ImportJob, Store, StoreBusyError, StoreUnavailableError

FIRST_LINES = 200
"""The answer to these tells whether the store does imports as jobs; if not, all parts are that small."""
PART_LINES = 500_000
PART_BYTES = 200_000_000
"""Less than what a store takes in one request."""
POLL_SECONDS = 0.3
MAX_POLL_SECONDS = 2.0
AWAY_SECONDS = 120.0
"""That a store may be away while it is followed: it may be restarted."""


class Importing:
    """An import of one file.

    Args:
        store: takes the lines.
        space: slug of the space; None for the account's own.
        size: bytes of the file, if they are known.
    """

    def __init__(self, store: Store, space: str | None, size: int | None) -> None:
        self._store = store
        self._space = space
        self._size = size
        self._sent = 0
        self._bytes = 0
        self.total = Imported()

    def run(self, lines: Iterable[tuple[int, bytes]]) -> Imported:
        """Import numbered lines; returns when the store has done them all.

        Raises:
            CommandError: the store has given up.
        """
        rest, jobs = iter(lines), False
        while part := list(islice(rest, 1)):
            limit = PART_LINES if jobs else FIRST_LINES
            jobs = self._import_part(chain(part, islice(rest, limit - 1)), whole=not jobs)
        return self.total

    def _import_part(self, lines: Iterator[tuple[int, bytes]], *, whole: bool) -> bool:
        """Send a part and follow it; whether the store did it as a job."""
        numbers: list[int] = []
        with Progress("traces sent", self._size) as progress:
            sent = self._noted(lines, numbers, progress)
            answer = self._store.import_(list(sent) if whole else sent, self._space)
        if isinstance(answer, Imported):
            self._add(answer, numbers)
            return False
        done = self._followed(answer)
        refused = self._refused(done)
        self._add(Imported(created=done.created, existing=done.existing, refused=refused), numbers)
        if done.status == "failed":
            raise CommandError(
                f"the store has given up after {done.done} of {done.lines} lines: whoever runs it can look "
                f"with `admin jobs`, and try again with `admin jobs --retry` (import {done.id})"
            )
        return True

    def _noted(
        self, lines: Iterator[tuple[int, bytes]], numbers: list[int], progress: Progress
    ) -> Iterator[bytes]:
        """The lines until the part is large enough, each with its number noted."""
        size = 0
        for number, line in lines:
            numbers.append(number)
            self._sent += 1
            self._bytes += len(line)
            progress.reach(self._sent, self._bytes)
            yield line
            size += len(line)
            if size >= PART_BYTES:
                return

    def _followed(self, job: ImportJob) -> ImportJob:
        pause = POLL_SECONDS
        with Progress("traces imported", job.lines) as progress:
            while not job.has_ended:
                progress.reach(job.done, job.done)
                self._wait(job, pause)
                pause = min(pause * 1.2, MAX_POLL_SECONDS)
                job = self._asked(job.id)
        return job

    def _wait(self, job: ImportJob, seconds: float) -> None:
        try:
            time.sleep(seconds)
        except KeyboardInterrupt:
            print(f"commontrace: the store goes on with what it was sent (import {job.id})", file=sys.stderr)
            raise

    def _asked(self, identifier: uuid.UUID, after: int = 0) -> ImportJob:
        """What the store says, which may be away for a while: it has written down what it does."""
        until = time.monotonic() + AWAY_SECONDS
        while True:
            try:
                return self._store.import_job(identifier, after)
            except (StoreUnavailableError, StoreBusyError):
                if time.monotonic() > until:
                    raise
            time.sleep(MAX_POLL_SECONDS)

    def _refused(self, job: ImportJob) -> list[ImportedLine]:
        """Every refused line; the store tells some at a time."""
        found = list(job.refusals)
        while found and len(found) < job.refused:
            more = self._asked(job.id, found[-1].line or 0).refusals
            if not more:
                break
            found += more
        return found

    def _add(self, answer: Imported, numbers: list[int]) -> None:
        """Count what became of a part; the store counts the lines of one request, we those of the file."""
        self.total.created += answer.created
        self.total.existing += answer.existing
        for refused in answer.refused:
            own = numbers[refused.line - 1] if refused.line and refused.line <= len(numbers) else None
            self.total.refused.append(refused.model_copy(update={"line": own}))
