"""How stores of this kind are known to break: each way is tried here."""

import asyncio
import json
import random
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from commontrace_server.accounts.standing import SCOPES
from commontrace_server.reputation import contributors, recount
from support import fake_secrets
from support.community import Community, Person
from support.store import draft

YAML = "ModuleNotFoundError: No module named 'yaml'"
NOBODY = "00000000-0000-7000-8000-00000000ffff"


@pytest.fixture
async def author(community: Community) -> Person:
    return await community.person("author")


@pytest.fixture
async def commons(community: Community, author: Person) -> Person:
    """A public space; its moderator."""
    boss = await community.person("boss", scopes=("read", "contribute", "moderate"))
    await community.space("commons", "public", owner=(boss,))
    return boss


async def _hits(person: Person, query: str) -> list[dict[str, Any]]:
    answer = await person.client.post("/v1/search", json={"query": query, "kind": "error"})
    return list(answer.json()["hits"])


@pytest.mark.usefixtures("commons")
async def test_popularity_never_makes_an_unrelated_trace_relevant(
    community: Community, author: Person
) -> None:
    """However many votes it has and whatever it says of itself, it enters no results of others."""
    await author.contribute(space="commons")
    everything = {"languages": ["python"], "frameworks": ["pytest", "django"], "packages": {"pyyaml": ">=1"}}
    star = await author.contribute(
        title="Sourdough starter goes flat in winter",
        context_text="The dough does not rise at 15 degrees.",
        solution_text="Feed it twice a day and keep it at 25 degrees.",
        tags=["python", "pytest", "yaml", "importerror"],
        environment=everything,
        space="commons",
    )
    for number in range(6):
        fan = await community.person(f"fan {number}")
        await community.trust(fan)
        await fan.vote(star)
        await fan.observe(star, worked=True)
    hits = await _hits(author, f"pytest fails: {YAML}")
    assert [hit["title"] for hit in hits] == ["pytest cannot import yaml"]


@pytest.mark.usefixtures("commons")
async def test_load_of_all_kinds_ends_in_no_deadlock_and_loses_nothing(
    community: Community, author: Person
) -> None:
    """Votes, searches, contributions, recounts and refreshes at once: no 5xx, and the sums are right."""
    people = [await community.person(f"p{number}") for number in range(8)]
    for person in people[:4]:
        await community.space(f"home-of-{person.name}", "team", contributor=(person,))
    traces = [await author.contribute(title=f"No module named m{n}", space="commons") for n in range(4)]
    chance = random.Random(5)
    statuses: list[int] = []

    async def busy(person: Person) -> None:
        for step in range(8):
            trace = chance.choice(traces)
            asks: list[tuple[str, str, Any]] = [
                ("PUT", f"/v1/traces/{trace}/vote", {"value": 1}),
                ("PUT", f"/v1/traces/{trace}/vote", {"value": -1, "reason": "wrong"}),
                ("DELETE", f"/v1/traces/{trace}/vote", None),
                ("POST", f"/v1/traces/{trace}/outcomes", {"session": "s", "worked": step % 2 == 0}),
                ("POST", "/v1/search", {"query": "No module named m1"}),
                (
                    "POST",
                    "/v1/traces",
                    draft(title=f"{person.name} {step}", space="commons", tags=[f"n{step}"]),
                ),
                ("POST", f"/v1/traces/{trace}/reports", {"reason": "odd"}),
                ("POST", f"/v1/traces/{trace}/amendments", {"title": f"better {step % 3}"}),
            ]
            method, path, body = chance.choice(asks)
            statuses.append((await person.client.request(method, path, json=body)).status_code)

    async def upkeep() -> None:
        for _ in range(4):
            await recount.recount_all(community.engine)
            await recount.renew_standing(community.engine)
            await contributors.refresh(community.engine)

    await asyncio.gather(*(busy(person) for person in people), upkeep())
    assert {status // 100 for status in statuses} <= {2, 4}, statuses
    assert not {status for status in statuses if status in (409, 422)}
    assert await recount.recount_all(community.engine) == 0
    async with community.engine.connect() as connection:
        count = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()"
        assert await connection.scalar(text(count)) == 0


async def test_one_key_hides_nothing(community: Community, author: Person, commons: Person) -> None:
    """Nor do thirty fresh ones; and what moderators hide comes back."""
    trace = await author.contribute(space="commons")
    decided = await commons.client.post(f"/v1/moderation/traces/{trace}/decide", json={"decision": "publish"})
    assert decided.status_code == 200
    for number in range(30):
        flagger = await community.person(f"flagger {number}")
        await flagger.vote(trace, -1, reason="spam")
        await flagger.client.post(f"/v1/traces/{trace}/reports", json={"reason": "spam"})
    seen = await flagger.client.get(f"/v1/traces/{trace}")
    assert (seen.status_code, seen.json()["status"]) == (200, "published")
    hidden = await commons.client.post(
        f"/v1/moderation/traces/{trace}/decide", json={"decision": "quarantine"}
    )
    assert (await flagger.client.get(f"/v1/traces/{trace}")).status_code == 404
    await commons.client.post(f"/v1/moderation/audit/{hidden.json()['id']}/undo", json={})
    assert (await flagger.client.get(f"/v1/traces/{trace}")).json()["status"] == "published"


@pytest.mark.usefixtures("commons")
async def test_thirty_accounts_make_nobody_trusted(community: Community, author: Person) -> None:
    """Their votes publish nothing, confirm nothing and give no standing."""
    trace = await author.contribute(space="commons")
    for number in range(30):
        fan = await community.person(f"fan {number}")
        await fan.vote(trace)
        await fan.observe(trace, worked=True)
    await recount.renew_standing(community.engine)
    await contributors.refresh(community.engine)
    seen = (await fan.client.get(f"/v1/traces/{trace}")).json()
    assert (seen["status"], seen["automatic"]) == ("pending", False)
    said = (await fan.client.get(f"/v1/contributors/{author.id}")).json()
    assert (said["roots"], said["positive"] <= 1) == (0, True)
    async with community.engine.connect() as connection:
        assert await connection.scalar(text("SELECT count(*) FROM standing")) == 0


@pytest.mark.usefixtures("commons")
async def test_amendment_can_be_read_where_it_was_written(community: Community, author: Person) -> None:
    """By everybody who reads the trace, and it is a trace that one can vote on."""
    reader = await community.person("reader")
    trace = await author.contribute(space="commons")
    made = await reader.client.post(f"/v1/traces/{trace}/amendments", json={"solution_text": "Use uv add."})
    listed = (await author.client.get(f"/v1/traces/{trace}/amendments")).json()["items"]
    assert [item["id"] for item in listed] == [made.json()["id"]]
    assert (await author.vote(made.json()["id"]))["counted"]
    applied = await author.client.post(f"/v1/traces/{made.json()['id']}/apply")
    assert applied.status_code == 200
    assert (await reader.client.get(f"/v1/traces/{trace}")).json()["superseded_by"] == made.json()["id"]


async def test_supersedes_of_a_foreign_trace_stores_nothing(community: Community, author: Person) -> None:
    """Private or not there: 404 both, word for word, and nothing half done."""
    thief = await community.person("thief")
    private = await author.contribute()
    answers = [
        await thief.client.post("/v1/traces", json=draft(title="mine now", supersedes=trace))
        for trace in (private, NOBODY)
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json() == answers[1].json()
    assert (await thief.client.get("/v1/traces")).json()["items"] == []
    assert (await author.client.get(f"/v1/traces/{private}")).json()["status"] == "published"


async def test_new_tags_of_many_at_once_are_no_conflict(community: Community, author: Person) -> None:
    """The same new tags, doubled and in other letters, from sixteen writers."""
    answers = await asyncio.gather(
        *(
            author.client.post(
                "/v1/traces", json=draft(title=f"t{n}", tags=["New-One", "new-one", "x" * (n % 3 + 1)])
            )
            for n in range(16)
        )
    )
    assert {answer.status_code for answer in answers} == {201}
    tags = {item["tag"]: item["count"] for item in (await author.client.get("/v1/tags")).json()["items"]}
    assert tags["new-one"] == 16


async def test_refusal_does_not_repeat_the_input(author: Person) -> None:
    """A 422 names the field and the rule; what was sent may be a secret."""
    body = draft(title="MARKER" * 100, tags=["MARKER" * 20], environment={"packages": {"a": "MARKER" * 50}})
    answer = await author.client.post("/v1/traces", json=body)
    assert answer.status_code == 422
    assert "MARKER" not in answer.text
    assert {error["field"] for error in answer.json()["errors"]} >= {"title", "tags.0"}


def _secret() -> str:
    (secret,) = fake_secrets.build("token", "[[ghp_~b62:36]]", 4).secrets
    return secret


def _places() -> Iterator[Any]:
    yield "title", {"title": f"login fails with {_secret()}"}
    yield "tags", {"tags": [_secret()]}
    yield "environment", {"environment": {"packages": {"internal": _secret()}}}
    yield "environment", {"environment": {"os": [_secret()]}}
    yield "provenance", {"provenance": {"agent_model": _secret()}}
    yield "solution_text", {"solution_text": f"export TOKEN={_secret()}"}


@pytest.mark.parametrize(("field", "changes"), list(_places()))
async def test_secret_is_refused_wherever_it_is(author: Person, field: str, changes: dict[str, Any]) -> None:
    """In texts, tags and metadata; the answer names the place and not the secret."""
    answer = await author.client.post("/v1/traces", json=draft(**changes))
    assert answer.status_code == 422
    assert _secret() not in answer.text
    assert field in {error["field"] for error in answer.json()["errors"]}
    assert (await author.client.get("/v1/traces")).json()["items"] == []


async def test_secret_in_feedback_is_refused(community: Community, author: Person) -> None:
    """In the versions of an outcome and in the reason of a report."""
    trace = await author.contribute()
    outcome = {"session": "s", "worked": True, "packages": {"internal": _secret()}}
    for path, body in (("outcomes", outcome), ("reports", {"reason": f"leaks {_secret()}"})):
        answer = await author.client.post(f"/v1/traces/{trace}/{path}", json=body)
        assert (answer.status_code, _secret() in answer.text) == (422, False)


async def test_git_commit_is_no_secret(author: Person) -> None:
    """A quoted hash of a commit is what fixes name."""
    sha = "".join(random.Random(1).choices("0123456789abcdef", k=40))
    answer = await author.client.post(
        "/v1/traces", json=draft(solution_text=f'Reverted by commit "{sha}" upstream.')
    )
    assert answer.status_code == 201, answer.text
    assert sha in answer.json()["solution_text"]


FOREIGN = (
    ("GET", "/v1/traces/{id}", None),
    ("DELETE", "/v1/traces/{id}", None),
    ("POST", "/v1/traces/{id}/retract", None),
    ("PUT", "/v1/traces/{id}/vote", {"value": 1}),
    ("DELETE", "/v1/traces/{id}/vote", None),
    ("POST", "/v1/traces/{id}/outcomes", {"session": "s", "worked": True}),
    ("POST", "/v1/traces/{id}/reports", {"reason": "spam"}),
    ("POST", "/v1/traces/{id}/amendments", {"title": "better"}),
    ("GET", "/v1/traces/{id}/amendments", None),
    ("POST", "/v1/traces/{id}/apply", None),
    ("POST", "/v1/moderation/traces/{id}/decide", {"decision": "publish"}),
    ("GET", "/v1/moderation/audit?trace_id={id}", None),
)


@pytest.mark.parametrize(("method", "path", "body"), FOREIGN)
async def test_foreign_private_trace_is_not_there(
    community: Community, author: Person, method: str, path: str, body: Any
) -> None:
    """With every scope, and whatever is asked: the same answer as for an id that nobody has."""
    stranger = await community.person("stranger", scopes=SCOPES)
    private = await author.contribute()
    answers = [
        await stranger.client.request(method, path.format(id=trace), json=body) for trace in (private, NOBODY)
    ]
    assert answers[0].status_code == (200 if "audit" in path else 404)
    assert (answers[0].status_code, answers[0].content) == (answers[1].status_code, answers[1].content)
    if "audit" in path:
        assert answers[0].json()["items"] == []


async def test_foreign_private_trace_shows_in_no_list(community: Community, author: Person) -> None:
    """Search, lists, tags, export, a copy of its text and the reputation of its author tell nothing of it."""
    stranger = await community.person("stranger", scopes=SCOPES)
    private = await author.contribute(tags=["telltale"])
    own = await stranger.client.post("/v1/traces", json=draft())
    assert (own.status_code, own.json()["similar"]) == (201, [])
    told = [
        await stranger.client.post("/v1/search", json={"query": YAML, "min_confidence": 0}),
        await stranger.client.get("/v1/traces"),
        await stranger.client.get("/v1/tags"),
        await stranger.client.get("/v1/export"),
        await stranger.client.get("/v1/moderation/queue"),
        await stranger.client.get("/v1/moderation/audit"),
    ]
    assert {answer.status_code for answer in told} == {200}
    assert not [answer for answer in told if private in answer.text or "telltale" in answer.text]
    assert (await stranger.client.get(f"/v1/contributors/{author.id}")).status_code == 404
    space = (await author.client.get("/v1/spaces")).json()["items"][-1]["slug"]
    for path in ("/v1/traces?space={}", "/v1/export?space={}", "/v1/tags?space={}", "/v1/spaces/{}/members"):
        answers = [await stranger.client.get(path.format(slug)) for slug in (space, "no-such-space")]
        assert [answer.status_code for answer in answers] == [404, 404], path
        assert answers[0].content == answers[1].content


async def test_key_replayed_with_other_bodies_at_once(author: Person) -> None:
    """One is stored, under its key; every other body is told so, and none is stored half."""
    answers = await asyncio.gather(
        *(
            author.client.post(
                "/v1/traces", json=draft(title=f"body {n % 4}"), headers={"Idempotency-Key": "once"}
            )
            for n in range(12)
        )
    )
    taken = [answer for answer in answers if answer.is_success]
    assert {answer.json()["id"] for answer in taken} == {taken[0].json()["id"]}
    assert {answer.status_code for answer in answers} <= {200, 201, 422}
    assert len((await author.client.get("/v1/traces")).json()["items"]) == 1


@pytest.mark.parametrize(
    "raw",
    [
        b'{"title": "\\ud800"}',
        b"\xff\xfe\x00",
        b"[" * 50_000,
        b'{"value":' + b"9" * 5000 + b"}",
        b"",
        b"null",
    ],
)
@pytest.mark.parametrize("path", ["/v1/traces", "/v1/search", "/v1/keys"])
async def test_garbage_is_a_clear_4xx(author: Person, path: str, raw: bytes) -> None:
    """Lone surrogates, broken text, depth and numbers beyond measure."""
    answer: httpx.Response = await author.client.post(
        path, content=raw, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in (400, 422), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    json.loads(answer.content)
