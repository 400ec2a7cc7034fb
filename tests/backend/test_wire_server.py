"""What the store says is what the golden documents say, name by name and type by type."""

from typing import Any

import pytest
from pydantic import BaseModel

from commontrace_server.documented import ProblemDocument
from commontrace_server.search.schemas import SearchResponse
from commontrace_server.traces.schemas import WholeTrace
from commontrace_server.transfer.schemas import ImportStatus
from commontrace_server.votes.schemas import Ballot, Vote
from support import wire
from support.community import Community, Person
from support.store import draft


@pytest.fixture
async def people(community: Community) -> tuple[Person, Person]:
    """An author and a fellow member of the team `crew`."""
    author, reader = await community.person("author"), await community.person("reader")
    await community.space("crew", "team", contributor=(author, reader))
    return author, reader


@pytest.mark.parametrize(
    ("model", "golden"),
    [
        (SearchResponse, wire.document("search")),
        (WholeTrace, wire.document("trace")),
        (Ballot, wire.document("vote")["request"]),
        (Vote, wire.document("vote")["answer"]),
        (ImportStatus, wire.document("import")),
        (ProblemDocument, wire.document("problem")),
    ],
)
def test_model_writes_the_golden_document(model: type[BaseModel], golden: Any) -> None:
    """Read and written again it is the same document."""
    assert model.model_validate(golden).model_dump(mode="json") == golden


async def test_running_store_answers_in_the_shape_of_the_golden_documents(
    people: tuple[Person, Person],
) -> None:
    """No name is missing, none is more, and each has its type: in a search, a trace, a vote, a problem."""
    author, reader = people
    written = wire.document("trace")
    asked = {name: written[name] for name in ("signatures", "environment", "provenance", "space")}
    trace = await author.contribute(**asked)
    await reader.observe(trace, worked=True)
    ballot = wire.document("vote")["request"]
    vote = await reader.client.put(f"/v1/traces/{trace}/vote", json=ballot)
    found = await reader.client.post("/v1/search", json={"query": draft()["context_text"], "kind": "error"})
    read = await reader.client.get(f"/v1/traces/{trace}")
    refused = await reader.client.put(f"/v1/traces/{trace}/vote", json=ballot | {"reason": "dull"})
    said = {"vote": vote.json(), "search": found.json(), "trace": read.json(), "problem": refused.json()}
    golden = {name: wire.document(name) for name in said}
    golden["vote"] = golden["vote"]["answer"]
    assert wire.shape(said) == wire.shape(golden)
    assert said["problem"] == golden["problem"]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("put", "/v1/traces/{trace_id}/vote"),
        ("delete", "/v1/traces/{trace_id}/vote"),
        ("post", "/v1/traces/{trace_id}/outcomes"),
        ("get", "/v1/tags"),
        ("get", "/v1/export"),
        ("post", "/v1/import"),
        ("get", "/v1/imports/{import_id}"),
    ],
)
async def test_problems_are_documented(community: Community, method: str, path: str) -> None:
    """The OpenAPI document names the problems of a route, each as a problem document."""
    answers = community.app.openapi()["paths"][path][method]["responses"]
    for status in ("401", "403", "404", "413", "422", "503"):
        assert list(answers[status]["content"]) == ["application/problem+json"]
