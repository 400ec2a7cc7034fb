"""Imports that are accepted as a job and worked off batch by batch."""

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.database.tables import import_batches, imports, jobs, traces
from commontrace_server.jobs import queue
from commontrace_server.transfer import imports as service
from support.community import Community, Person
from support.store import StoreProcess, draft, eventually

SECRET = "x" * 40
AS_A_JOB = {"Prefer": "respond-async"}


@pytest.fixture
async def person(community: Community) -> Person:
    """Who imports."""
    return await community.person("person")


async def sent(client: httpx.AsyncClient, lines: Sequence[Any], **query: str) -> dict[str, Any]:
    """Send lines as a job; what the store says of it."""
    content = b"\n".join(line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines)
    answer = await client.post("/v1/import", content=content, headers=AS_A_JOB, params=query)
    assert answer.status_code == 202, answer.text
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.headers["location"] == f"/v1/imports/{answer.json()['id']}"
    return dict(answer.json())


async def ended(client: httpx.AsyncClient, accepted: dict[str, Any]) -> dict[str, Any]:
    """What the store says of an import that has ended."""
    told: dict[str, Any] = {}

    async def has_ended() -> bool:
        nonlocal told
        told = (await client.get(f"/v1/imports/{accepted['id']}")).json()
        return told["status"] in ("done", "failed")

    await eventually(has_ended, seconds=60)
    return told


async def count(engine: AsyncEngine, table: Any, *conditions: Any) -> int:
    """How many rows there are."""
    async with engine.connect() as connection:
        return int(await connection.scalar(select(func.count()).select_from(table).where(*conditions)) or 0)


async def test_import_is_accepted_at_once_and_done_by_a_job(community: Community, person: Person) -> None:
    """It takes several batches, leaves nothing behind, and a second one finds everything there."""
    lines = [draft(title=f"trace {number}") for number in range(230)]
    accepted = await sent(person.client, lines)
    assert (accepted["lines"], accepted["done"], accepted["finished_at"]) == (230, 0, None)
    done = await ended(person.client, accepted)
    assert {name: done[name] for name in ("status", "lines", "done", "created", "existing", "refused")} == {
        "status": "done", "lines": 230, "done": 230, "created": 230, "existing": 0, "refused": 0,
    }  # fmt: skip
    assert done["finished_at"] is not None
    again = await ended(person.client, await sent(person.client, lines))
    assert (again["created"], again["existing"]) == (0, 230)
    assert await count(community.engine, traces) == 230
    assert await count(community.engine, import_batches) == 0


async def test_job_takes_what_the_request_itself_would_take(community: Community, person: Person) -> None:
    """The same file ends in the same export, by either way."""
    other = await community.person("other")
    lines = [draft(title=f"trace {number}", created_at="2025-01-02T03:04:05Z") for number in range(3)]
    await person.client.post("/v1/import", content=b"\n".join(json.dumps(line).encode() for line in lines))
    exported = (await person.client.get("/v1/export")).content
    async with community.engine.begin() as connection:
        await connection.execute(traces.delete())
    await ended(other.client, await sent(other.client, exported.splitlines()))
    assert (await other.client.get("/v1/export")).content == exported


async def test_refused_lines_are_told_by_their_numbers(person: Person) -> None:
    """Blank lines count as lines; the others are taken."""
    long = b" " * 1_100_000 + b"{}"
    lines = [draft(title="first"), b"", b"nonsense", long, draft(surprise=1), draft(title="last")]
    done = await ended(person.client, await sent(person.client, lines))
    assert (done["status"], done["lines"], done["created"], done["refused"]) == ("done", 5, 2, 3)
    assert [one["line"] for one in done["refusals"]] == [3, 4, 5]
    assert "longer than" in done["refusals"][1]["detail"]
    assert done["refusals"][2]["detail"].startswith("surprise: ")
    rest = await person.client.get(f"/v1/imports/{done['id']}", params={"after": 3})
    assert [one["line"] for one in rest.json()["refusals"]] == [4, 5]


async def test_refusals_are_told_a_hundred_at_a_time(person: Person) -> None:
    """The count is of all of them."""
    done = await ended(person.client, await sent(person.client, [b"{}"] * 150))
    assert (done["refused"], len(done["refusals"]), done["refusals"][-1]["line"]) == (150, 100, 100)


async def test_empty_import_ends(person: Person) -> None:
    """There is nothing to do, and that is done."""
    assert (await ended(person.client, await sent(person.client, [b""])))["status"] == "done"


async def test_only_who_sent_an_import_may_ask_for_it(community: Community, person: Person) -> None:
    """To others it is not there."""
    stranger = await community.person("stranger", scopes=("read", "contribute", "moderate", "admin"))
    accepted = await sent(person.client, [draft()])
    answer = await stranger.client.get(f"/v1/imports/{accepted['id']}")
    assert (answer.status_code, answer.json()["type"]) == (404, "urn:commontrace:problem:import-not-found")


async def test_reader_cannot_queue_an_import(community: Community, person: Person) -> None:
    """Rights are looked at before anything is kept."""
    await community.space("crew", "team", reader=(person,))
    answer = await person.client.post("/v1/import", params={"space": "crew"}, headers=AS_A_JOB, content=b"{}")
    assert answer.status_code == 403
    assert await count(community.engine, imports) == 0


async def test_stream_that_breaks_off_leaves_nothing(community: Community, person: Person) -> None:
    """What was not accepted is not imported."""

    async def broken() -> AsyncIterator[bytes]:
        yield b"\n".join(json.dumps(draft(title=f"trace {number}")).encode() for number in range(150))
        raise RuntimeError

    with suppress(RuntimeError):
        await person.client.post("/v1/import", content=broken(), headers=AS_A_JOB)
    for table in (imports, import_batches):
        assert await count(community.engine, table) == 0
    assert await count(community.engine, jobs, jobs.c.kind == "import") == 0


async def test_account_has_few_imports_that_wait(
    community: Community, person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rest is refused until one of them has ended."""
    monkeypatch.setattr(service, "MAX_WAITING", 1)
    community.app.state.store.poller.stopping = True
    await sent(person.client, [draft()])
    answer = await person.client.post("/v1/import", content=b"{}", headers=AS_A_JOB)
    assert (answer.status_code, answer.json()["type"]) == (409, "urn:commontrace:problem:too-many-imports")


async def test_import_that_was_given_up_says_so_and_can_be_tried_again(
    community: Community, person: Person
) -> None:
    """`admin jobs --retry` goes on where it stopped."""
    community.app.state.store.poller.stopping = True
    accepted = await sent(person.client, [draft(title=f"trace {number}") for number in range(150)])
    job = await _claimed(community.engine)
    await service.work(community.engine, job)
    own = jobs.c.kind == "import"
    async with community.engine.begin() as connection:
        await connection.execute(update(jobs).where(own).values(state="failed", last_error="a fault"))
    told = (await person.client.get(f"/v1/imports/{accepted['id']}")).json()
    assert (told["status"], told["done"]) == ("failed", 100)
    async with community.engine.begin() as connection:
        await connection.execute(update(jobs).where(own).values(state="queued", attempts=0))
    while await count(community.engine, jobs, own, jobs.c.state == "queued"):
        await service.work(community.engine, await _claimed(community.engine))
    told = (await person.client.get(f"/v1/imports/{accepted['id']}")).json()
    assert (told["status"], told["created"]) == ("done", 150)


async def _claimed(engine: AsyncEngine) -> queue.Job:
    async with engine.begin() as connection:
        await connection.execute(jobs.delete().where(jobs.c.state == "running"))
        (job,) = await queue.claim(connection, ["import"])
    return job


async def test_batch_that_is_done_by_two_is_done_once(community: Community, person: Person) -> None:
    """A worker whose lock has run out and the one after it: the second finds that it is nobody's turn."""
    community.app.state.store.poller.stopping = True
    await sent(person.client, [draft(title=f"trace {number}") for number in range(150)])
    job = await _claimed(community.engine)
    await asyncio.gather(*(service.work(community.engine, job) for _ in range(4)))
    assert await count(community.engine, traces) == 100
    assert await count(community.engine, jobs, jobs.c.kind == "import", jobs.c.state == "queued") == 1


async def test_contribution_is_embedded_before_a_whole_file(engine: AsyncEngine) -> None:
    """What is asked for by the piece does not wait for what came in bulk."""
    async with engine.begin() as connection:
        await queue.enqueue_all(connection, "embed", [{"n": 1}, {"n": 2}], priority=queue.IN_BULK)
        await queue.enqueue_all(connection, "import", [{"n": 3}], priority=queue.OF_AN_IMPORT)
        await queue.enqueue(connection, "embed", {"n": 4})
        claimed = [await queue.claim(connection, ["embed", "import"]) for _ in range(4)]
    assert [job.payload["n"] for taken in claimed for job in taken] == [4, 3, 1, 2]


async def test_import_survives_kill_9_in_the_middle(store_url: str, engine: AsyncEngine) -> None:
    """Killed again and again while it works, the store has every line once in the end."""
    async with engine.begin() as connection:
        account = await accounts.create(connection, "robin")
        made = await accounts.create_key(connection, Pepper(SECRET), account, ["read", "contribute"])
    where = ("--port", "0", "--embedder", "none", "--database-url", store_url)
    lines = [draft(title=f"trace {number}") for number in range(450)]
    headers = {"Authorization": f"Bearer {made.key}"}
    accepted: dict[str, Any] = {}
    for goal in (0, 100, 200, 450):
        with StoreProcess(*where, environment={"COMMONTRACE_PEPPER": SECRET}) as store:
            address = await asyncio.to_thread(store.wait_ready)
            async with httpx.AsyncClient(
                base_url=address, headers=headers, trust_env=False, timeout=60
            ) as client:
                accepted = accepted or await sent(client, lines)
                await _reached(client, accepted["id"], goal)
                if goal == 450:
                    done = await ended(client, accepted)
            store.kill()
        async with engine.begin() as connection:  # what the killed one had in hand is not waited for
            await connection.execute(update(jobs).values(locked_until=func.now()))
    assert (done["status"], done["created"], done["existing"], done["refused"]) == ("done", 450, 0, 0)
    assert await count(engine, traces, traces.c.origin == "person") == 450


async def _reached(client: httpx.AsyncClient, identifier: str, goal: int) -> None:
    async def reached() -> bool:
        return bool((await client.get(f"/v1/imports/{identifier}")).json()["done"] >= goal)

    await eventually(reached, seconds=60)
