"""What a resumed session takes up: the open failures and the changes that an earlier process kept."""

from collections.abc import Sequence

from commontrace.memory import Memory, failures
from commontrace.pairing.changes import Change
from commontrace.pairing.commands import Run
from commontrace.pairing.ledger import Ledger, Open


def load(memory: Memory, session: str) -> tuple[list[tuple[str, Open]], list[Change]]:
    """Agents with their open failures, and the changes since the first of them.

    The runs are told again in their order, so that what is open is what was open then.
    """
    seen = failures.open_in(memory, session)
    if not seen:
        return [], []
    again = Ledger()
    opened: dict[int, tuple[str, Open]] = {}
    for run in seen:
        failure = Open(
            rows=[run.id],
            run=Run.load(run.run, run.cwd),
            command=run.command,
            repo=run.repo,
            line=run.line,
            query=run.query,
            signature=run.signature,
            first_at=run.seen_at,
            last_at=run.seen_at,
        )
        kept, _ = again.failed(session, run.agent, failure)
        opened[id(kept)] = (run.agent, kept)
    for _, failure in opened.values():
        failure.answers |= failures.answers_of(memory, failure.rows)
    made = failures.changes_since(memory, session, seen[0].seen_at)
    for change in made:
        for agent, failure in opened.values():
            failure.calls += agent == change.agent and change.made_at > failure.first_at
    return list(opened.values()), [
        Change("edit" if c.kind == "edit" else "command", c.what, c.detail, c.made_at, c.agent, c.target)
        for c in made
    ]


def keep(memory: Memory, session: str, made: Sequence[Change]) -> None:
    """Keep changes for a later process, redacted."""
    safe = [change.redacted for change in made]
    failures.record_changes(
        memory,
        session,
        [failures.Changed(c.agent, c.kind, c.what, c.detail, c.target, c.at) for c in safe],
    )
