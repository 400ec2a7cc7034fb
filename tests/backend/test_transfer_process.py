"""The client's own export and import, against real local stores on their sockets."""

import json
import uuid
from contextlib import closing
from pathlib import Path

from commontrace.cli.importing import Importing
from commontrace.stores import Imported, Store
from support.store import LocalStore, draft


def test_a_store_moves_to_another_machine(local_store: LocalStore, tmp_path: Path) -> None:
    """What is exported, imported and exported again is the same byte for byte, evidence included."""
    traces = [json.dumps(draft(title=f"trace {number}", tags=["moved"])).encode() for number in range(150)]
    with local_store.process() as process:
        process.wait_ready()
        with closing(Store(local_store.client())) as store:
            done = _imported(store, [*traces, b"{}", b"x" * 1_200_000, traces[0]])
            assert (done.created, done.existing, [line.line for line in done.refused]) == (150, 1, [151, 152])
            (known,) = store.traces(limit=1, tag="moved").items
            store.outcome(known.id, worked=True, session="one", packages={"pyyaml": "6.0"})
            store.vote(known.id, 1)
            exported = list(store.export())
            assert {"tag": "moved", "count": 150} in [tag.model_dump() for tag in store.tags()]
        assert process.stop() == 0
    local_store.wait_until_gone()
    _arrive_elsewhere(LocalStore(tmp_path / "elsewhere"), [line for line in exported if b"moved" in line])


def _imported(store: Store, lines: list[bytes]) -> Imported:
    return Importing(store, None, None).run(enumerate(lines, 1))


def _arrive_elsewhere(store: LocalStore, lines: list[bytes]) -> None:
    with store.process() as process:
        process.wait_ready()
        with closing(Store(store.client())) as client:
            assert _imported(client, lines).created == len(lines) == 150
            assert [line for line in client.export() if b"moved" in line] == lines
            evidence = [json.loads(line)["tallies"]["outcomes_worked"] for line in lines]
            assert sum(evidence) == 1
            first = json.loads(lines[0])
            assert client.trace(uuid.UUID(first["id"])).title == first["title"]
        assert process.stop() == 0
    store.wait_until_gone()
