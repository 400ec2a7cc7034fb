"""`admin`: what it prints and how it ends, with an external database and with the embedded one."""

import asyncio
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from commontrace_server import cli
from commontrace_server.app import create_app
from commontrace_server.database.migrate import HEAD
from commontrace_server.settings import Settings
from support import postgres
from support.store import LocalStore, StoreProcess, admin, client_of, draft

PEPPER = "p" * 40

Admin = Callable[..., tuple[int, str, str]]
Ask = Callable[[str, str], dict[str, Any]]


@pytest.fixture
def run(store_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Admin:
    """Runs `admin` on the test's database; returns its status, output and errors."""
    monkeypatch.setenv("COMMONTRACE_PEPPER", PEPPER)
    monkeypatch.setenv("COMMONTRACE_DATABASE_URL", store_url)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = cli.main(["admin", *arguments])
        out, err = capsys.readouterr()
        return status, out.strip(), err.strip()

    return run


@pytest.fixture
def ask(store_url: str) -> Ask:
    """Asks a store on the test's database something with a key."""

    async def get(path: str, key: str) -> dict[str, Any]:
        app = create_app(Settings(database_url=store_url, pepper=PEPPER, embedder="none"))
        async with app.router.lifespan_context(app), client_of(app) as client:
            answer = await client.get(path, headers={"Authorization": f"Bearer {key}"})
            answer.raise_for_status()
            said: dict[str, Any] = answer.json()
            return said

    return lambda path, key: asyncio.run(get(path, key))


def test_first_administrator_may_do_everything(run: Admin, ask: Ask) -> None:
    """What is printed is the key and nothing else."""
    status, key, _ = run("create-admin", "--name", "Robin")
    said = ask("/v1/me", key)
    assert (status, said["name"]) == (0, "Robin")
    assert said["scopes"] == ["read", "contribute", "moderate", "admin"]


def test_account_gets_the_scopes_that_are_named(run: Admin, ask: Ask) -> None:
    """An account reads and contributes unless something else is said."""
    _, usual, _ = run("create-account", "--name", "Robin")
    _, reader, _ = run("create-account", "--name", "Kim", "--scopes", "read")
    assert ask("/v1/me", usual)["scopes"] == ["read", "contribute"]
    assert ask("/v1/me", reader)["scopes"] == ["read"]


def test_lost_key_is_replaced(run: Admin, ask: Ask) -> None:
    """Whoever runs the store makes an account another key."""
    _, first, _ = run("create-account", "--name", "Robin")
    status, second, _ = run("create-key", "Robin", "--scopes", "read,moderate")
    assert (status, first != second) == (0, True)
    assert ask("/v1/me", second)["scopes"] == ["read", "moderate"]


def test_member_is_added_to_a_new_space(run: Admin, ask: Ask) -> None:
    """A space is made, then its members; each step says what it did."""
    _, key, _ = run("create-account", "--name", "Robin")
    assert run("create-space", "team", "--kind", "team")[0] == 0
    assert run("add-member", "team", "Robin", "--role", "owner")[:2] == (0, "Robin is owner of team")
    places = ask("/v1/spaces", key)["items"]
    assert [(place["slug"], place["role"]) for place in places][-1] == ("team", "owner")


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (("create-admin", "--name", "local"), "already"),
        (("create-key", "Nobody"), "no such account"),
        (("create-space", "local", "--kind", "team"), "already"),
        (("add-member", "nowhere", "local"), "no such space"),
        (("add-member", "local", "local"), "for good"),
    ],
)
def test_refusal_is_one_line(run: Admin, arguments: tuple[str, ...], reason: str) -> None:
    """What cannot be done ends with 1 and a line that says why."""
    status, out, err = run(*arguments)
    assert (status, out, err.count("\n"), reason in err) == (1, "", 0, True)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("create-admin",),
        ("create-admin", "--name", " "),
        ("create-admin", "--name", "00000000-0000-7000-8000-000000000001"),
        ("create-account", "--name", "a", "--scopes", "root"),
        ("create-account", "--name", "a", "--scopes", ""),
        ("create-space", "Not A Slug", "--kind", "team"),
        ("create-space", "mine", "--kind", "personal"),
        ("add-member", "team", "a", "--role", "king"),
        ("create-admin", "--name", "a", "--data", "d"),
    ],
)
def test_wrong_usage_ends_with_2(run: Admin, arguments: tuple[str, ...]) -> None:
    """Names, scopes and slugs that cannot be, and options that contradict each other."""
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err


def test_short_pepper_is_refused(run: Admin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret that can be guessed is none."""
    monkeypatch.setenv("COMMONTRACE_PEPPER", "guess")
    status, _, err = run("create-admin", "--name", "Robin")
    assert (status, "COMMONTRACE_PEPPER" in err) == (1, True)


def test_key_of_a_running_local_store_works_on_its_socket(local_store: LocalStore) -> None:
    """`admin --data` reaches the store that runs there; its socket then knows key and no key apart."""
    with local_store.process() as process, local_store.client() as client:
        process.wait_ready()
        made = admin("create-account", "--name", "Robin", "--data", str(local_store.data))
        key = {"Authorization": f"Bearer {made.stdout.strip()}"}
        assert client.get("/v1/me", headers=key).json()["name"] == "Robin"
        assert client.get("/v1/me").json()["name"] == "local"
        assert process.stop() == 0
    assert stat.S_IMODE((local_store.data / "pepper").stat().st_mode) == 0o600


def test_key_survives_a_restart(tmp_path: Path) -> None:
    """An administrator who was made before the store ever ran is known once it does."""
    made = admin("create-admin", "--name", "Robin", "--data", str(tmp_path))
    assert (made.returncode, made.stderr) == (0, "")
    with StoreProcess("--port", "0", "--embedder", "none", "--data", str(tmp_path)) as process:
        address = process.wait_ready()
        headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
        assert httpx.get(f"{address}/v1/me", headers=headers, trust_env=False).json()["name"] == "Robin"
        assert httpx.get(f"{address}/v1/me", trust_env=False).status_code == 401
        assert process.stop() == 0
    postgres.wait_until_gone(tmp_path / "postgres")


def test_commons_is_seeded(run: Admin, ask: Ask, tmp_path: Path) -> None:
    """With the starter pack or a file, published at once; again it adds nothing, and a bad line is named."""
    key = run("create-admin", "--name", "Robin")[1]
    run("create-space", "commons", "--kind", "public")
    status, _, error = run("seed", "commons", "--author", "Robin")
    assert (status, "moderator" in error) == (1, True)
    run("add-member", "commons", "Robin", "--role", "moderator")
    status, said, _ = run("seed", "commons", "--author", "Robin")
    assert (status, said.startswith("commons has 0 new")) == (0, False)
    listed = ask("/v1/traces?space=commons&limit=100", key)["items"]
    assert {trace["status"] for trace in listed} == {"published"}
    again = run("seed", "commons", "--author", "Robin")[1]
    assert again == f"commons has 0 new traces; {said.split()[2]} were there"
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"title": "no more"}\n')
    status, _, error = run("seed", "commons", str(broken), "--author", "Robin")
    assert (status, "line 1: context_text" in error) == (1, True)
    status, _, error = run("seed", "commons", str(tmp_path / "none"), "--author", "Robin")
    assert (status, "cannot read" in error) == (1, True)


def test_reputation_is_rebuilt(run: Admin, store_url: str) -> None:
    """From votes and outcomes alone, whatever became of the numbers derived from them; then it is equal."""
    key = run("create-admin", "--name", "Robin")[1]
    voter = run("create-account", "--name", "Kim")[1]
    run("create-space", "commons", "--kind", "public")
    run("add-member", "commons", "Kim")

    async def vote() -> str:
        app = create_app(Settings(database_url=store_url, pepper=PEPPER, embedder="none", limits=False))
        async with app.router.lifespan_context(app), client_of(app) as client:
            robin, kim = ({"Authorization": f"Bearer {one}"} for one in (key, voter))
            made = await client.post("/v1/traces", json=draft(space="commons"), headers=robin)
            trace = str(made.json()["id"])
            (await client.put(f"/v1/traces/{trace}/vote", json={"value": 1}, headers=kim)).raise_for_status()
            return trace

    trace = asyncio.run(vote())
    tallies = f"SELECT wilson FROM traces WHERE id = '{trace}'"
    before = asyncio.run(postgres.query(store_url, tallies))
    assert run("rebuild-reputation")[1] == "reputation is counted anew: 0 traces had other numbers"
    asyncio.run(postgres.query(store_url, "UPDATE traces SET known_up = 7"))
    asyncio.run(postgres.query(store_url, "DELETE FROM voices"))
    assert run("rebuild-reputation")[1] == "reputation is counted anew: 1 traces had other numbers"
    assert asyncio.run(postgres.query(store_url, tallies)) == before > 0
    assert asyncio.run(postgres.query(store_url, "SELECT count(*) FROM reputation")) > 0


async def test_jobs_that_were_given_up_are_shown_and_tried_again(store_url: str) -> None:
    """A table for people, one document for scripts; --retry queues them."""
    await postgres.query(
        store_url,
        "INSERT INTO jobs (kind, state, attempts, last_error) VALUES ('embed', 'failed', 5, E'\\x1b[8mgone')",
    )
    shown = admin("jobs", "--database-url", store_url).stdout.splitlines()
    header, row = (line.split() for line in shown)
    assert header == ["kind", "state", "depth", "due_seconds", "last_error"]
    # what others have said may hold anything, and reaches no terminal as it is
    assert [*row[:3], row[4]] == ["embed", "failed", "1", "\ufffd[8mgone"]
    told = json.loads(admin("jobs", "--retry", "--json", "--database-url", store_url).stdout)
    assert [(job["kind"], job["state"], job["depth"]) for job in told["jobs"]] == [("embed", "queued", 1)]


def test_anybodys_key_is_revoked(run: Admin, ask: Ask) -> None:
    """A stolen one ends at once, by its id; what has ended is told."""
    key = run("create-account", "--name", "Robin")[1]
    run("create-key", "Robin", "--scopes", "read")
    listed = run("list-keys", "Robin")[1].splitlines()
    assert listed.pop(0).split() == ["id", "hint", "state", "scopes"]
    assert [line.split()[2:] for line in listed] == [["valid", "read"], ["valid", "read,contribute"]]
    (stolen,) = [line.split()[0] for line in listed if key[-4:] in line]
    assert run("revoke-key", stolen)[:2] == (0, f"{stolen} is revoked")
    with pytest.raises(httpx.HTTPStatusError):
        ask("/v1/me", key)
    assert "revoked" in run("list-keys", "Robin")[1]
    status, _, error = run("revoke-key", "00000000-0000-7000-8000-00000000ffff")
    assert (status, "no key" in error) == (1, True)
    assert run("revoke-key", "nonsense")[0] == 2


def test_every_command_answers_a_program_too(run: Admin, ask: Ask) -> None:
    """With --json one document, with the names that the API has for the same."""

    def told(*arguments: str) -> Any:
        status, out, err = run(*arguments, "--json")
        assert status == 0, err
        return json.loads(out)

    robin = told("create-admin", "--name", "Robin")
    assert ask("/v1/me", robin["key"])["id"] == robin["account"]
    kim = told("create-account", "--name", "Kim", "--root", "Robin")
    second = told("create-key", "Kim", "--scopes", "read")
    assert (second["account"], second["scopes"]) == (kim["account"], ["read"])
    assert told("revoke-key", second["id"]) == {"id": second["id"], "state": "revoked"}
    assert {key["id"]: key["state"] for key in told("list-keys", "Kim")} == {
        kim["id"]: "valid",
        second["id"]: "revoked",
    }
    assert told("set-tier", "Kim", "trusted") == {"account": "Kim", "tier": "trusted"}
    assert told("set-root", "Kim", "Robin")["account"] == "Kim"
    assert told("create-space", "commons", "--kind", "public")["kind"] == "public"
    assert told("add-member", "commons", "Robin", "--role", "owner")["role"] == "owner"
    assert told("seed", "commons", "--author", "Robin")["created"] > 10
    assert told("rebuild-reputation") == {"changed": 0}
    assert "embed" in {row["kind"] for row in told("jobs")["jobs"]}
    assert told("embedding")["serving"] is None


def test_migrate_tells_a_program_where_the_database_is(
    store_url: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """At which revision."""
    assert cli.main(["migrate", "--database-url", store_url, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"revision": HEAD}
