"""Listing tags, through the API of a running store."""

import pytest

from support.community import Community, Person


@pytest.fixture
async def person(community: Community) -> Person:
    """Who asks."""
    person = await community.person("person")
    await community.space("crew", "team", contributor=(person,))
    await person.contribute(title="one", tags=["python", "pip"])
    await person.contribute(title="two", tags=["python", "100%"], space="crew")
    return person


async def _tags(person: Person, **query: str) -> dict[str, int]:
    answer = await person.client.get("/v1/tags", params=query)
    assert answer.status_code == 200, answer.text
    return {item["tag"]: item["count"] for item in answer.json()["items"]}


async def test_tags_are_counted_over_all_readable_spaces(person: Person) -> None:
    """The most used first, then by name."""
    assert list((await _tags(person)).items()) == [("python", 2), ("100%", 1), ("pip", 1)]


async def test_tags_of_others_are_not_told(community: Community, person: Person) -> None:
    """Not even that there are any."""
    stranger = await community.person("stranger")
    assert await _tags(stranger) == {}
    assert (await stranger.client.get("/v1/tags", params={"space": "crew"})).status_code == 404


async def test_tags_can_be_narrowed(person: Person) -> None:
    """To a space, to a beginning, which is taken literally, and to a number."""
    assert await _tags(person, space="crew") == {"100%": 1, "python": 1}
    assert await _tags(person, prefix="P") == {"python": 2, "pip": 1}
    assert await _tags(person, prefix="%") == {}
    assert await _tags(person, limit="1") == {"python": 2}


async def test_tags_of_retracted_traces_do_not_count(person: Person) -> None:
    """What a search does not find is not counted."""
    trace = await person.contribute(title="three", tags=["gone"])
    await person.client.post(f"/v1/traces/{trace}/retract")
    assert "gone" not in await _tags(person)


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "prefix=%00", "space="])
async def test_malformed_query_is_refused(person: Person, query: str) -> None:
    """What cannot be right is a 422 problem."""
    answer = await person.client.get(f"/v1/tags?{query}")
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
