"""Which traces may be shown unasked: the rule, and what a search makes of it."""

import itertools

import pytest

from commontrace_server.traces.automatic import Grounds, SpaceKind, automatic
from commontrace_server.votes.weights import Evidence
from support.community import Community, Person

SPACES: tuple[SpaceKind, ...] = ("personal", "team", "public")
QUERY = {"query": "ModuleNotFoundError: No module named 'yaml'", "kind": "error"}


def _evidence(up: float = 0, down: float = 0, worked: float = 0, failed: float = 0) -> Evidence:
    return Evidence(up, down, worked, failed)


@pytest.mark.parametrize(("space", "needed"), [("personal", 0), ("team", 1), ("public", 2)])
def test_each_kind_of_space_has_its_bar(space: SpaceKind, needed: int) -> None:
    """One's own word is enough at home, a second member in a team, two independent voices in public."""
    passed = [automatic(Grounds(space=space, status="published", confirmations=n)) for n in range(4)]
    assert passed == [number >= needed for number in range(4)]


@pytest.mark.parametrize("status", ["pending", "superseded", "retracted", "expired", "quarantined"])
def test_only_published_traces_are_shown(status: str) -> None:
    """No evidence makes up for a status."""
    for space in SPACES:
        assert not automatic(Grounds(space=space, status=status, evidence=_evidence(up=9), confirmations=9))


def test_evidence_that_is_not_mostly_good_keeps_a_trace_back() -> None:
    """From as much against as for a trace on it is not shown, in any space."""
    for space, positive, negative in itertools.product(SPACES, range(4), range(4)):
        evidence = _evidence(up=positive, down=negative)
        grounds = Grounds(space=space, status="published", evidence=evidence, confirmations=9)
        assert automatic(grounds) is (negative == 0 or positive > negative)


@pytest.mark.parametrize(
    ("worked", "failed", "shown"),
    [(0, 0.5, True), (0, 1, False), (1, 1, False), (3, 1, True), (2, 3, False)],
)
def test_failures_are_not_outvoted(worked: float, failed: float, shown: bool) -> None:
    """As many known failures as successes retire a trace however many like it; unknown ones alone do not."""
    evidence = _evidence(up=100, worked=worked, failed=failed)
    grounds = Grounds(space="public", status="published", evidence=evidence, confirmations=9)
    assert automatic(grounds) is shown


def test_what_screening_holds_is_not_shown() -> None:
    """Until a moderator has looked at it, whatever its status and evidence are."""
    for space in SPACES:
        assert not automatic(Grounds(space=space, status="published", held=True, confirmations=9))


def test_what_one_voted_against_is_not_shown_to_one() -> None:
    """Even if the vote counts for nothing."""
    for space in SPACES:
        assert not automatic(Grounds(space=space, status="published", confirmations=9, disliked=True))


@pytest.fixture
async def people(community: Community) -> list[Person]:
    """An author and three others, members of a team `crew` and of a public space `commons`."""
    people = [await community.person(name) for name in ("author", "first", "second", "third")]
    for slug, kind in (("crew", "team"), ("commons", "public")):
        await community.space(slug, kind, contributor=tuple(people))  # type: ignore[arg-type]
    return people


async def _automatic(person: Person, trace_id: str) -> bool:
    answer = await person.client.post("/v1/search", json=QUERY)
    (hit,) = [hit for hit in answer.json()["hits"] if hit["id"] == trace_id]
    return bool(hit["automatic"])


async def test_personal_trace_is_automatic_until_it_fails(people: list[Person]) -> None:
    """A failed outcome retires it, a later success brings it back."""
    author = people[0]
    trace = await author.contribute()
    assert await _automatic(author, trace)
    await author.observe(trace, worked=False)
    assert not await _automatic(author, trace)
    await author.observe(trace, worked=True)
    assert await _automatic(author, trace)


async def test_mark_against_ones_own_trace_keeps_it_back(people: list[Person]) -> None:
    """The person need not see again what they voted against."""
    author = people[0]
    trace = await author.contribute()
    await author.vote(trace, -1)
    assert not await _automatic(author, trace)


@pytest.mark.parametrize("evidence", ["vote", "outcome"])
async def test_team_trace_needs_another_member(people: list[Person], evidence: str) -> None:
    """Not what its author says of it: a second member's vote, or outcome."""
    author, first, second, _ = people
    trace = await author.contribute(space="crew")
    for person in (author, first):
        assert not await _automatic(second, trace)
        await (person.vote(trace) if evidence == "vote" else person.observe(trace, worked=True))
    assert await _automatic(second, trace)
    await (second.vote(trace, -1) if evidence == "vote" else second.observe(trace, worked=False))
    assert not await _automatic(first, trace)


async def test_public_trace_needs_two_roots(community: Community, people: list[Person]) -> None:
    """A vote and an outcome of one root are one confirmation; those of two roots are two."""
    author, first, second, third = people
    twin = await community.person("twin", root=first.root)
    trace = await author.contribute(space="commons")
    await first.vote(trace)
    await first.observe(trace, worked=True)
    await twin.observe(trace, worked=True)
    assert not await _automatic(third, trace)
    await second.observe(trace, worked=True)
    assert await _automatic(third, trace)


async def test_public_trace_is_confirmed_by_a_vote_and_an_outcome(people: list[Person]) -> None:
    """They need not be of one kind."""
    author, first, second, third = people
    trace = await author.contribute(space="commons")
    await first.vote(trace)
    await second.observe(trace, worked=True)
    assert await _automatic(third, trace)


async def test_hit_tells_the_evidence(people: list[Person]) -> None:
    """Whoever searches sees what the trust is made of."""
    author, first, second, third = people
    trace = await author.contribute(space="crew")
    await first.vote(trace)
    await second.vote(trace, -1)
    await third.observe(trace, worked=True)
    (hit,) = (await first.client.post("/v1/search", json=QUERY)).json()["hits"]
    trust = hit["trust"]
    assert trust.pop("last_verified_at") is not None
    assert 0 < trust.pop("wilson") < 0.5
    assert trust == {
        "status": "published", "origin": "person", "space": "crew",
        "votes_up": 1, "votes_down": 1, "outcomes_worked": 1, "outcomes_failed": 0,
    }  # fmt: skip
