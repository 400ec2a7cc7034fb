"""What sessions remember of what they were shown."""

import sqlite3
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from commontrace.memory import Memory, MemoryNewerError, Shown, schema


def shown(session: str = "s", agent: str = "", trace: str = "t", characters: int = 10) -> Shown:
    return Shown(session, agent, trace, "1:ab", 0.9, characters)


def test_a_trace_is_claimed_once_per_agent_and_session(tmp_path: Path) -> None:
    """The same agent never gets the same trace twice, another agent or session may."""
    memory = Memory(tmp_path / "m" / "memory.sqlite3")
    assert memory.claim([shown()])
    assert not memory.claim([shown()])
    assert memory.claim([shown(agent="sub")])
    assert memory.claim([shown(session="other")])
    assert memory.shown_to("s", "") == {"t"}
    memory.close()


def test_concurrent_claims_have_one_winner(tmp_path: Path) -> None:
    """Of hooks that run at once, in threads or processes, exactly one shows a trace."""
    memories = [Memory(tmp_path / "m" / "memory.sqlite3") for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda number: memories[number % 4].claim([shown()]), range(32)))
    assert results.count(True) == 1
    for memory in memories:
        memory.close()


def test_a_claim_is_all_or_nothing(tmp_path: Path) -> None:
    """If one trace of an injection was shown before, none of it is recorded."""
    memory = Memory(tmp_path / "m" / "memory.sqlite3")
    memory.claim([shown()])
    assert not memory.claim([shown(trace="new"), shown()])
    assert memory.shown_to("s", "") == {"t"}
    memory.close()


def test_budget_counts_the_whole_session(tmp_path: Path) -> None:
    """Sub-agents spend from their session's budget."""
    memory = Memory(tmp_path / "m" / "memory.sqlite3")
    memory.claim([shown(characters=300)])
    memory.claim([shown(agent="sub", characters=200)])
    memory.claim([shown(session="other", characters=999)])
    assert memory.characters("s") == 500
    memory.close()


def test_memory_survives_its_process(tmp_path: Path) -> None:
    """What was claimed is there for the next process, and for nobody else on the machine."""
    path = tmp_path / "m" / "memory.sqlite3"
    first = Memory(path)
    first.claim([shown()])
    second = Memory(path)
    assert second.shown_to("s", "") == {"t"}
    assert path.stat().st_mode & 0o077 == 0
    first.close()
    second.close()


def test_damaged_file_is_an_error_not_an_empty_memory(tmp_path: Path) -> None:
    """Forgetting silently would show things twice; the caller has to know."""
    folder = tmp_path / "m"
    folder.mkdir(mode=0o700)
    (folder / "memory.sqlite3").write_bytes(b"not a database" * 100)
    with pytest.raises(sqlite3.DatabaseError):
        Memory(folder / "memory.sqlite3")


def first_version(path: Path) -> None:
    """A file as the first version left it: one table, no number."""
    path.parent.mkdir(mode=0o700, parents=True)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE shown (session TEXT NOT NULL, agent TEXT NOT NULL, trace TEXT NOT NULL,"
            " signature TEXT, confidence REAL NOT NULL, characters INTEGER NOT NULL, shown_at REAL NOT NULL,"
            " PRIMARY KEY (session, agent, trace)) WITHOUT ROWID"
        )
        row = ("s", "", "t", None, 0.5, 10, time.time())
        connection.execute("INSERT INTO shown VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def test_an_older_memory_is_upgraded_and_a_copy_kept(tmp_path: Path) -> None:
    """Nothing is forgotten, and what was there before can be had back."""
    path = tmp_path / "m" / "memory.sqlite3"
    first_version(path)
    with closing(Memory(path)) as memory:
        assert memory.shown_to("s", "") == {"t"}
        assert memory.store_of("t") == "local"
        assert memory.read("PRAGMA user_version")[0][0] == schema.VERSION
    copy = schema.backup_path(path, 0)
    assert copy.stat().st_mode & 0o077 == 0
    with closing(sqlite3.connect(copy)) as before:
        assert before.execute("SELECT trace FROM shown").fetchall() == [("t",)]
        assert len(before.execute("SELECT * FROM sqlite_master WHERE type = 'table'").fetchall()) == 1


def test_an_upgrade_that_fails_leaves_the_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All steps are taken, or none."""
    path = tmp_path / "m" / "memory.sqlite3"
    first_version(path)
    broken = (*schema.MIGRATIONS[:1], (*schema.MIGRATIONS[1], "CREATE TABLE shown (x)"))
    monkeypatch.setattr(schema, "MIGRATIONS", broken)
    with pytest.raises(sqlite3.OperationalError, match="already exists"):
        Memory(path)
    monkeypatch.undo()
    with closing(Memory(path)) as memory:
        assert memory.shown_to("s", "") == {"t"}


def test_processes_that_open_an_older_memory_at_once_upgrade_it_once(tmp_path: Path) -> None:
    """A new version starts in several sessions at the same moment."""
    path = tmp_path / "m" / "memory.sqlite3"
    first_version(path)
    program = "import sys; from commontrace import memory, paths; memory.Memory(paths.Path(sys.argv[1]))"
    processes = [
        subprocess.Popen([sys.executable, "-c", program, str(path)], env={"PYTHONPATH": ":".join(sys.path)})
        for _ in range(4)
    ]
    assert [process.wait(60) for process in processes] == [0] * 4
    with closing(Memory(path)) as memory:
        assert memory.shown_to("s", "") == {"t"}


def test_a_newer_memory_is_refused_and_left_alone(tmp_path: Path) -> None:
    """An old client must not guess at tables that it does not know."""
    path = tmp_path / "m" / "memory.sqlite3"
    Memory(path).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with pytest.raises(MemoryNewerError, match="update the plugin"):
        Memory(path)


def test_what_is_older_than_ninety_days_goes(tmp_path: Path) -> None:
    """The memory is bounded; what still waits to be sent stays."""
    path = tmp_path / "m" / "memory.sqlite3"
    with closing(Memory(path)) as memory:
        memory.claim([shown(trace="new"), shown(trace="old")])
        old = time.time() - 91 * 24 * 3600
        with memory.write() as connection:
            connection.execute("UPDATE shown SET shown_at = ? WHERE trace = 'old'", (old,))
            for key, state, done in (("a", "queued", None), ("b", "sent", old), ("c", "sent", time.time())):
                connection.execute(
                    "INSERT INTO outbox"
                    " (store, idempotency_key, kind, body, state, next_at, created_at, done_at)"
                    " VALUES ('local', ?, 'trace', '{}', ?, 0, ?, ?)",
                    (key, state, old, done),
                )
            connection.execute("UPDATE notes SET value = value - 25 * 3600 WHERE name = 'expired_at'")
    with closing(Memory(path)) as memory:
        assert memory.shown_to("s", "") == {"new"}
        assert [key for (key,) in memory.read("SELECT idempotency_key FROM outbox ORDER BY 1")] == ["a", "c"]


def test_a_write_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A transaction is all or nothing, and the next one works."""
    with closing(Memory(tmp_path / "m" / "memory.sqlite3")) as memory:
        with pytest.raises(sqlite3.IntegrityError), memory.write(durable=True) as connection:
            connection.executemany("INSERT INTO notes VALUES (?, 1)", [("x",), ("x",)])
        assert memory.read("SELECT * FROM notes WHERE name = 'x'") == []
        assert memory.claim([shown()])


def test_closing_waits_for_a_thread_that_reads(tmp_path: Path) -> None:
    """A session's end meets work that goes on beside it: that gets an error, the process stays alive."""
    memory = Memory(tmp_path / "memory.sqlite3")
    ended: list[type[Exception]] = []

    def read() -> None:
        try:
            while True:
                memory.shown_to("s", "")
        except sqlite3.Error as error:
            ended.append(type(error))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    memory.close()
    for thread in threads:
        thread.join(10)
    assert ended == [sqlite3.ProgrammingError] * 4
