"""The client understands the golden documents of the store."""

import uuid
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock

from commontrace.config import Permissions, StoreConfig
from commontrace.stores import Query, Store, StoreRefusedError
from support import wire

TRACE = uuid.UUID("0199c2f0-5a3e-7cc1-9d52-3f6c1d2b7a90")


@pytest.fixture
def team() -> Iterator[Store]:
    """A store that is connected and allowed everything."""
    config = StoreConfig(
        "team", "https://traces.example.org", api_key="ct_" + "k" * 43, permissions=Permissions.all()
    )
    with closing(Store.connected(config)) as store:
        yield store


def _within(part: Any, whole: Any) -> None:
    """Everything that the client took from a document is what the document says."""
    if isinstance(part, dict):
        for name, value in part.items():
            _within(value, whole[name])
    elif isinstance(part, list):
        for ours, theirs in zip(part, whole, strict=True):
            _within(ours, theirs)
    else:
        assert part == whole


def test_search_answer_is_understood(team: Store, httpx_mock: HTTPXMock) -> None:
    """Every field that the client has, the store sends, with the evidence in `trust`."""
    golden = wire.document("search")
    httpx_mock.add_response(json=golden)
    found = team.search(Query(query="No module named 'yaml'", kind="error"))
    _within(found.model_dump(mode="json", exclude={"hits": {"__all__": {"fetched_at"}}}), golden)
    assert found.hits[0].trust.wilson == golden["hits"][0]["trust"]["wilson"]


def test_trace_is_understood(team: Store, httpx_mock: HTTPXMock) -> None:
    """A trace by its id."""
    golden = wire.document("trace")
    httpx_mock.add_response(json=golden)
    _within(team.trace(TRACE).model_dump(mode="json"), golden)


def test_import_job_is_understood(team: Store, httpx_mock: HTTPXMock) -> None:
    """How far it is, and which lines were refused."""
    golden = wire.document("import")
    httpx_mock.add_response(status_code=202, json=golden)
    httpx_mock.add_response(json=golden)
    accepted = team.import_([b"{}"])
    assert accepted == team.import_job(TRACE)
    _within(accepted.model_dump(mode="json", exclude={"refusals": {"__all__": {"status"}}}), golden)


def _of_later(value: Any) -> Any:
    """The document as a later store may send it: every object has a field more."""
    if isinstance(value, dict):
        return {name: _of_later(item) for name, item in value.items()} | {"of_later": {"any": [1]}}
    return [_of_later(item) for item in value] if isinstance(value, list) else value


def test_stores_of_later_versions_are_understood(team: Store, httpx_mock: HTTPXMock) -> None:
    """Fields that this client does not know change nothing of what it knows."""
    found = []
    for document in (wire.document("search"), _of_later(wire.document("search"))):
        httpx_mock.add_response(json=document)
        found.append(team.search(Query(query="No module named 'yaml'", kind="error")))
    first, later = (one.model_dump(exclude={"hits": {"__all__": {"fetched_at"}}}) for one in found)
    assert first == later
    httpx_mock.add_response(json=_of_later(wire.document("trace")))
    _within(team.trace(TRACE).model_dump(mode="json"), wire.document("trace"))
    problem = wire.document("problem")
    httpx_mock.add_response(status_code=problem["status"], json=_of_later(problem))
    with pytest.raises(StoreRefusedError, match=problem["title"]):
        team.trace(TRACE)


def test_vote_is_sent_as_the_store_reads_it(team: Store, httpx_mock: HTTPXMock) -> None:
    """The request is the golden one, the answer is taken."""
    golden = wire.document("vote")
    httpx_mock.add_response(json=golden["answer"])
    team.vote(TRACE, -1, "outdated", by="agent")
    (request,) = httpx_mock.get_requests()
    assert httpx.Response(200, content=request.content).json() == golden["request"]


def test_problem_becomes_a_sentence(team: Store, httpx_mock: HTTPXMock) -> None:
    """What the store says is wrong is what the person reads."""
    golden = wire.document("problem")
    httpx_mock.add_response(status_code=golden["status"], json=golden)
    with pytest.raises(StoreRefusedError) as refused:
        team.trace(TRACE)
    assert f"{golden['title']}: {golden['detail'].rstrip('.')}" in str(refused.value)
