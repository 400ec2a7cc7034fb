"""The authorisation table, tried out row by row on a running app."""

import itertools
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from commontrace_server.accounts.authorisation import OPEN, TABLE, complete, names
from commontrace_server.accounts.standing import PUBLIC_ROLE, ROLES, SCOPES, Need, Role, Scope
from commontrace_server.spaces.schemas import SharedKind
from support.accounts import Person, Town
from support.store import draft

NOBODY = "00000000-0000-7000-8000-00000000ffff"
ALL: tuple[Scope, ...] = SCOPES
IDS = ("trace_id", "key_id", "entry_id", "account_id", "import_id")
ANY = dict.fromkeys(IDS, NOBODY) | {"slug": "s", "account": "a"}

# What a request to a route about a space, or a trace in it, looks like: path and body.
IN_SPACE: Mapping[str, Any] = {
    "GET /v1/spaces/{slug}/members": None,
    "PUT /v1/spaces/{slug}/members/{account}": {"role": "reader"},
    "DELETE /v1/spaces/{slug}/members/{account}": None,
    "POST /v1/search": {"query": "yaml", "spaces": ["team"]},
    "GET /v1/traces": None,
    "GET /v1/traces/{trace_id}": None,
    "POST /v1/traces": draft(title="another", space="team"),
    "POST /v1/traces/{trace_id}/retract": None,
    "DELETE /v1/traces/{trace_id}": None,
    "PUT /v1/traces/{trace_id}/vote": {"value": 1},
    "DELETE /v1/traces/{trace_id}/vote": None,
    "POST /v1/traces/{trace_id}/outcomes": {"worked": True, "session": "s"},
    "POST /v1/traces/{trace_id}/reports": {"reason": "wrong"},
    "POST /v1/traces/{trace_id}/amendments": {"title": "better"},
    "GET /v1/traces/{trace_id}/amendments": None,
    "POST /v1/traces/{amendment_id}/apply": None,
    "GET /v1/moderation/queue": None,
    "POST /v1/moderation/traces/{trace_id}/decide": {"decision": "quarantine"},
    "GET /v1/moderation/audit": None,
    "POST /v1/moderation/audit/{entry_id}/undo": {},
    "GET /v1/tags": None,
    "GET /v1/export": None,
    "POST /v1/import": draft(title="imported"),
}


# These name the space in their query.
BY_QUERY = {
    "GET /v1/traces",
    "GET /v1/moderation/queue",
    "GET /v1/moderation/audit",
    "GET /v1/tags",
    "GET /v1/export",
    "POST /v1/import",
}
# The same route, tried out on a trace of its own.
ALIASES = {"POST /v1/traces/{trace_id}/apply": "POST /v1/traces/{amendment_id}/apply"}


OWN_ONLY = {"DELETE /v1/traces/{trace_id}"}
"""Routes that no role opens to the matter of somebody else."""


async def _ask(person: Person, route: str, body: Any, **values: str) -> httpx.Response:
    method, path = route.split(" ")
    params = {"space": values["slug"]} if route in BY_QUERY else {}
    body = json.loads(json.dumps(body).replace('"team"', json.dumps(values["slug"])))
    path = path.format(**values)
    return await person.client.request(method, path, json=body, params=params)


async def _scene(town: Town, role: Role | None, scopes: tuple[Scope, ...]) -> tuple[Person, dict[str, str]]:
    """A team with a trace by somebody else, and a person in that role."""
    people = [await town.person("Asking", scopes=scopes), await town.person("Author", scopes=ALL)]
    return people[0], await _space(town, "team", "team", role, people[1], await town.person("Other"))


async def _space(  # noqa: PLR0917 - a scene has this much
    town: Town, slug: str, kind: SharedKind, role: Role | None, author: Person, other: Person
) -> dict[str, str]:
    """A space with a trace by somebody else, and what a request may name in it."""
    await town.space(slug, kind, Author="owner", Other="reader", **({"Asking": role} if role else {}))
    trace = (await author.post("/v1/traces", draft(space=slug))).json()
    better = {"title": "the same in other words"}
    amendment = (await author.post(f"/v1/traces/{trace['id']}/amendments", better)).json()
    second = (await author.post("/v1/traces", draft(title="second", space=slug))).json()
    decided = await author.post(f"/v1/moderation/traces/{second['id']}/decide", {"decision": "quarantine"})
    return {
        "slug": slug,
        "account": str(other.id),
        "trace_id": trace["id"],
        "amendment_id": amendment["id"],
        "entry_id": decided.json()["id"],
    }


def _allowed(need: Need, role: Role) -> bool:
    return need.role is None or ROLES.index(role) >= ROLES.index(need.role)


async def test_table_knows_every_route(town: Town) -> None:
    """No route is without a need, and none of the open ones is in the table."""
    complete(town.app)
    assert not OPEN & TABLE.keys()


async def test_table_knows_no_other_route(town: Town) -> None:
    """A row stands for a route that there is."""
    assert names(town.app) >= TABLE.keys() | OPEN


async def test_whatever_takes_a_role_is_tried_out_here() -> None:
    """A new route about a space has to be added to IN_SPACE, or named as one that is tested elsewhere."""
    routes = {ALIASES.get(route, route) for route, need in TABLE.items() if need.role}
    assert routes == IN_SPACE.keys()


@pytest.mark.parametrize("route", TABLE)
async def test_every_route_asks_for_a_key(town: Town, route: str) -> None:
    """Nothing but the open routes answers to nobody."""
    method, path = route.split(" ")
    path = path.format(**ANY)
    assert (await (await town.client()).request(method, path)).status_code == 401


@pytest.mark.parametrize("route", [route for route, need in TABLE.items() if need.scope])
async def test_every_scope_that_is_missing_is_named(town: Town, route: str) -> None:
    """A key without the scope is refused before anything is looked at: 403, also for what is not there."""
    need = TABLE[route]
    needed = {level.scope for level in (need, need.own) if level is not None}
    lacking = tuple(scope for scope in SCOPES if scope not in needed)
    person = await town.person("Robin", scopes=lacking)
    method, path = route.split(" ")
    path = path.format(**ANY)
    answer = await person.client.request(method, path)
    assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "scope-missing")


@pytest.mark.parametrize("route", IN_SPACE)
async def test_stranger_finds_nothing(town: Town, route: str) -> None:
    """To an account outside of a team neither the space nor its traces exist: 404, whatever its scopes."""
    stranger, values = await _scene(town, None, ALL)
    answer = await _ask(stranger, route, IN_SPACE[route], **values)
    assert answer.status_code == 404


@pytest.mark.parametrize(("route", "role"), list(itertools.product(IN_SPACE, ROLES)))
async def test_role_decides(town: Town, route: str, role: Role) -> None:
    """With every scope, the role in the space is what decides; too little of it is 403."""
    person, values = await _scene(town, role, ALL)
    answer = await _ask(person, route, IN_SPACE[route], **values)
    if route in OWN_ONLY:
        assert answer.status_code == 409
    elif _allowed(TABLE[route.replace("{amendment_id}", "{trace_id}")], role):
        assert answer.is_success, answer.text
    else:
        assert (answer.status_code, answer.json()["type"].rpartition(":")[2]) == (403, "role-missing")


@pytest.mark.parametrize("role", [None, "reader", "moderator"])
async def test_role_decides_in_public(town: Town, role: Role | None) -> None:
    """Without a membership one is what the public role says; a membership counts as it is."""
    asking, author = await town.person("Asking", scopes=ALL), await town.person("Author", scopes=ALL)
    other = await town.person("Other")
    wrong = []
    for number, route in enumerate(IN_SPACE):
        values = await _space(town, f"commons-{number}", "public", role, author, other)
        answer = await _ask(asking, route, IN_SPACE[route], **values)
        need = TABLE[route.replace("{amendment_id}", "{trace_id}")]
        expected = 409 if route in OWN_ONLY else 200 if _allowed(need, role or PUBLIC_ROLE) else 403
        if (200 if answer.is_success else answer.status_code) != expected:
            wrong.append((route, expected, answer.status_code, answer.text))
    assert wrong == []


async def test_personal_space_is_its_owners_alone(town: Town) -> None:
    """With every scope there is, another account finds neither it nor what is in it; it is never shared."""
    asking, author = await town.person("Asking", scopes=ALL), await town.person("Author", scopes=ALL)
    trace = (await author.post("/v1/traces", draft())).json()
    values = {"slug": trace["space"], "account": "Asking", "trace_id": trace["id"]}
    values |= {"amendment_id": trace["id"], "entry_id": NOBODY}
    answers = {route: await _ask(asking, route, IN_SPACE[route], **values) for route in IN_SPACE}
    assert {answer.status_code for answer in answers.values()} == {404}, answers
    shared = await author.put(f"/v1/spaces/{trace['space']}/members/Asking", {"role": "reader"})
    assert (shared.status_code, shared.json()["type"].rpartition(":")[2]) == (409, "personal-space")


async def test_ones_own_takes_less(town: Town) -> None:
    """A reader with the usual scopes takes back its own trace, and leaves."""
    robin = await town.person("Robin")
    await town.person("Kim")
    await town.space("team", "team", Robin="contributor", Kim="owner")
    trace = (await robin.post("/v1/traces", draft(space="team"))).json()
    assert (await robin.post(f"/v1/traces/{trace['id']}/retract")).json()["status"] == "retracted"
    assert (await robin.delete("/v1/spaces/team/members/Robin")).status_code == 204
    assert (await robin.get(f"/v1/traces/{trace['id']}")).status_code == 404


async def test_moderating_takes_the_scope_too(town: Town) -> None:
    """A moderator's key without the scope `moderate` retracts nobody else's trace."""
    author, robin = await town.person("Author"), await town.person("Robin")
    await town.space("team", "team", Author="owner", Robin="moderator")
    trace = (await author.post("/v1/traces", draft(space="team"))).json()
    answer = await robin.post(f"/v1/traces/{trace['id']}/retract")
    assert (answer.status_code, "`moderate`" in answer.json()["detail"]) == (403, True)


async def test_everybody_contributes_to_a_public_space(town: Town) -> None:
    """In a public space an account needs no membership to read and to write."""
    robin, kim = await town.person("Robin"), await town.person("Kim")
    await town.space("commons", "public")
    trace = await robin.post("/v1/traces", draft(space="commons"))
    assert trace.status_code == 201
    assert (await kim.get(f"/v1/traces/{trace.json()['id']}")).status_code == 200


async def test_membership_may_take_away_in_a_public_space(town: Town) -> None:
    """A member of a public space is what its membership says, even when that is less."""
    robin = await town.person("Robin")
    await town.space("commons", "public", Robin="reader")
    assert (await robin.post("/v1/traces", draft(space="commons"))).status_code == 403
