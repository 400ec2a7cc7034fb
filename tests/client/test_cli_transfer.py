"""`import` and `export`."""

import json
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace import config
from commontrace.cli import transfer
from commontrace.cli.importing import Importing
from commontrace.cli.progress import Progress
from commontrace.config import StoreConfig
from commontrace.paths import Paths
from commontrace.stores import ImportJob
from support import keeping_store, terminal
from support.keeping_store import KeepingStore

KEY = "ct_" + "k" * 43


@pytest.fixture
def folders(tmp_path: Path) -> Paths:
    return Paths.from_environment({"COMMONTRACE_HOME": str(tmp_path / "home")})


@pytest.fixture
def local(folders: Paths) -> Iterator[KeepingStore]:
    with keeping_store.keeping(folders.socket) as running:
        yield running


def test_an_export_can_be_imported(folders: Paths, local: KeepingStore, tmp_path: Path) -> None:
    """The round trip loses nothing, in more than one batch, and a second import adds nothing."""
    for number in range(450):
        fields = {"title": f"trace {number} größer", "content_hash": "ab" * 32}
        one = keeping_store.trace(str(uuid.uuid4()), **fields)
        local.traces[one["id"]] = one
    before = dict(local.traces)
    file = str(tmp_path / "all.jsonl")
    assert terminal.run(folders.data, "export", file).status == 0
    assert Path(file).stat().st_mode & 0o077 == 0
    local.traces.clear()
    done = terminal.run(folders.data, "import", file)
    assert (done.status, done.out) == (0, "451 added, 0 were there already, 0 refused\n")
    assert local.traces == before
    assert "0 added, 451" in terminal.run(folders.data, "import", file).out


def test_an_import_that_the_store_does_as_a_job_is_followed(
    folders: Paths, local: KeepingStore, tmp_path: Path
) -> None:
    """In as few requests as it takes; every refused line is named by its place in the file."""
    local.queues = True
    good = [json.dumps(keeping_store.trace(str(uuid.uuid4()))) for _ in range(450)]
    bad = {3: "{}", 7: "nonsense", 300: "{}", 301: "", 302: "{}", 303: "{}", 440: "{}"}
    lines = [bad.get(number, line) for number, line in enumerate(good, 1)]
    file = tmp_path / "all.jsonl"
    file.write_text("\n".join(lines))
    done = terminal.run(folders.data, "import", str(file), "--json")
    told = json.loads(done.out)
    assert (done.status, told["created"], told["existing"]) == (1, 450 - len(bad), 0)
    assert [line["line"] for line in told["refused"]] == [3, 7, 300, 302, 303, 440]
    assert local.requests.count("POST /v1/import") == 2


def test_a_store_that_goes_away_while_it_imports_is_waited_for(
    folders: Paths, local: KeepingStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has written down what it was sent: a restart in the middle ends no import."""
    local.queues = True

    def back(_seconds: float) -> None:
        local.failing = None

    def away(self: Importing, job: ImportJob, _seconds: float) -> None:
        local.failing = keeping_store.problem(503, "database-unavailable", "Try again.")

    monkeypatch.setattr(Importing, "_wait", away)
    monkeypatch.setattr(time, "sleep", back)
    done = terminal.run(folders.data, "import", "-", stdin=json.dumps(keeping_store.trace()))
    assert (done.status, done.out) == (0, "1 added, 0 were there already, 0 refused\n")


def test_an_export_goes_to_standard_output(folders: Paths, local: KeepingStore) -> None:
    """Nothing else does."""
    done = terminal.run(folders.data, "export")
    assert [json.loads(line)["id"] for line in done.out.splitlines()] == [keeping_store.STARTER]


def test_lines_that_are_refused_are_named(folders: Paths, local: KeepingStore) -> None:
    """By their place in the file; the others are taken."""
    good = json.dumps(keeping_store.trace())
    done = terminal.run(folders.data, "import", "-", stdin=f"{good}\n\nnonsense\n[]\n{{}}\n{good}\n")
    assert done.status == 1
    assert done.out == "1 added, 1 were there already, 3 refused\n"
    for place in ("line 3", "line 4", "line 5: title: missing"):
        assert place in done.err
    assert len(done.err.splitlines()) == 1


def test_what_is_imported_is_redacted(folders: Paths, local: KeepingStore) -> None:
    """A file from elsewhere may hold what should not be stored; then its hash does not hold either."""
    secret = "ghp_" + "a8F3kq9ZpL2mX7vB4nR6tY1wC5dE0gH" + "jKlMn"
    one = keeping_store.trace(
        solution_text=f"Use {secret}.",
        content_hash="ab" * 32,
        tags=[secret],
        environment={"packages": {"yaml": secret}},
        provenance={"client": secret},
    )
    terminal.run(folders.data, "import", "-", stdin=json.dumps(one))
    assert secret not in json.dumps(local.traces)
    assert "content_hash" not in local.traces[one["id"]]


def test_a_line_without_secrets_stays_as_it_is() -> None:
    """Byte for byte, so that the round trip loses nothing."""
    line = b'{"title":  "x", "content_hash": "' + b"ab" * 32 + b'"}'
    assert transfer.redacted(line + b"\n") == line


def test_an_agent_cannot_import(folders: Paths, local: KeepingStore) -> None:
    """What is in the store counts as approved by the person."""
    done = terminal.run(folders.data, "import", "-", stdin=json.dumps(keeping_store.trace()), CLAUDECODE="1")
    assert done.status == 1
    assert len(local.traces) == 1


def test_an_import_into_a_shared_store_needs_the_persons_yes(folders: Paths, tmp_path: Path) -> None:
    """It publishes everything in the file."""
    file = tmp_path / "one.jsonl"
    file.write_text(json.dumps(keeping_store.trace()))
    arguments = ["import", str(file), "--store", "team"]
    with keeping_store.keeping() as team:
        team.key = KEY
        config.connect(folders.config, StoreConfig("team", team.url, api_key=KEY))
        assert terminal.run(folders.data, *arguments, stdin="yes\n").status == 1
        assert terminal.on_terminal(folders.data, arguments, [("Type yes", "no")]).status == 1
        assert len(team.traces) == 1
        assert terminal.on_terminal(folders.data, arguments, [("Type yes", "yes")]).status == 0
        assert len(team.traces) == 2


def test_an_export_that_fails_leaves_no_half_file(
    folders: Paths, local: KeepingStore, tmp_path: Path
) -> None:
    """The earlier file stays."""
    file = tmp_path / "all.jsonl"
    file.write_text("before")
    local.failing = keeping_store.problem(503, "busy", "Try again.")
    done = terminal.run(folders.data, "export", str(file), "--store", "local")
    assert done.status == 1
    assert file.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".all")] == []


def test_progress_is_told_when_it_takes_long(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing in the first second, then now and then, on standard error."""
    now = 0.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with Progress("traces imported") as progress:
        progress.reach(1)
        now = 1.1
        progress.reach(200)
        progress.reach(201)
    assert capsys.readouterr().err == "200 traces imported\n"
