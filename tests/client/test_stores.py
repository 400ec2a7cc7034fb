"""The client of a store: what it sends, and how each answer reads as one sentence."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from pytest_httpx import HTTPXMock, IteratorStream

from commontrace.config import Permissions, StoreConfig
from commontrace.stores import (
    Imported,
    Query,
    Store,
    StoreBusyError,
    StoreConflictError,
    StoreError,
    StoreForbiddenError,
    StoreInvalidError,
    StoreLacksRouteError,
    StoreNotFoundError,
    StorePermissionError,
    StoreRefusedError,
    StoreUnauthorizedError,
    StoreUnavailableError,
)
from commontrace.stores import transport as transport_module
from support import keeping_store

URL = "https://traces.example.org"
KEY = "ct_" + "k" * 43
TRACE = uuid.UUID(keeping_store.STARTER)
NOTHING = {"hits": [], "abstained": True}
ERROR = Query(query="ModuleNotFoundError: No module named 'yaml'", kind="error")


@pytest.fixture
def team() -> Iterator[Store]:
    config = StoreConfig("team", URL, api_key=KEY, permissions=Permissions.all())
    with closing(Store.connected(config)) as store:
        yield store


def problem(status: int, slug: str = "some", detail: str = "Do this.") -> dict[str, Any]:
    content = {
        "type": f"urn:commontrace:problem:{slug}",
        "title": "Title",
        "status": status,
        "detail": detail,
    }
    return {"status_code": status, "json": content}


def only(httpx_mock: HTTPXMock) -> httpx.Request:
    (request,) = httpx_mock.get_requests()
    return request


def test_the_key_goes_along_as_a_bearer(team: Store, httpx_mock: HTTPXMock) -> None:
    """And nowhere else than into its header."""
    httpx_mock.add_response(json=NOTHING)
    team.search(ERROR)
    request = only(httpx_mock)
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert KEY not in str(request.url)
    assert KEY not in repr(StoreConfig("team", URL, api_key=KEY))


def test_a_key_is_read_when_it_is_needed(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    """A key file that is missing is one sentence, and a rotated one is used at once."""
    file = tmp_path / "key"
    with closing(Store.connected(StoreConfig("team", URL, api_key_file=str(file)))) as store:
        with pytest.raises(StoreUnauthorizedError, match="cannot be read"):
            store.tags()
        assert not store.ready()
        file.write_text(KEY)
        httpx_mock.add_response(json=[])
        assert store.tags() == []


def test_a_redirect_takes_no_key_elsewhere(team: Store, httpx_mock: HTTPXMock) -> None:
    """It is an error like any other answer that is no success."""
    httpx_mock.add_response(status_code=302, headers={"Location": "https://elsewhere.example"})
    with pytest.raises(StoreRefusedError, match="status 302"):
        team.trace(TRACE)
    assert len(httpx_mock.get_requests()) == 1


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (problem(401), StoreUnauthorizedError, "refused: Title: Do this; run `commontrace setup`"),
        (problem(403), StoreForbiddenError, "refused: Title: Do this"),
        (problem(404, "trace-not-found"), StoreNotFoundError, "refused: Title: Do this"),
        (problem(404, "not-found"), StoreLacksRouteError, "does not know GET /v1/traces/"),
        (problem(405), StoreLacksRouteError, "older than this client"),
        (problem(409), StoreConflictError, "refused: Title: Do this"),
        (problem(422), StoreInvalidError, "refused: Title: Do this"),
        (problem(429), StoreBusyError, "asks for patience: Title: Do this."),
        (problem(500), StoreUnavailableError, "cannot answer: Title: Do this."),
        (problem(503), StoreUnavailableError, "cannot answer: Title: Do this."),
        ({"status_code": 401}, StoreUnauthorizedError, "does not accept the key"),
        ({"status_code": 403}, StoreForbiddenError, "does not allow this"),
        ({"status_code": 404}, StoreLacksRouteError, "its address is wrong"),
        ({"status_code": 409}, StoreConflictError, "read it first"),
        ({"status_code": 422}, StoreInvalidError, "invalid"),
        ({"status_code": 429, "headers": {"Retry-After": "7"}}, StoreBusyError, "try again in 7 s"),
        ({"status_code": 429, "headers": {"Retry-After": "soon"}}, StoreBusyError, "in a moment"),
        ({"status_code": 502, "html": "<h1>Bad gateway</h1>"}, StoreUnavailableError, "status 502"),
        ({"status_code": 200, "text": "hello"}, StoreUnavailableError, "update the older of the two"),
        ({"status_code": 200, "json": {"id": 1}}, StoreUnavailableError, "update the older of the two"),
    ],
)
def test_an_answer_that_is_no_success_is_one_sentence(
    team: Store, httpx_mock: HTTPXMock, answer: dict[str, Any], kind: type[StoreError], words: str
) -> None:
    """It names the store, what it said, and what to do; the kind tells whether to try again."""
    httpx_mock.add_response(**answer)
    with pytest.raises(StoreError) as raised:
        team.trace(TRACE)
    assert type(raised.value) is kind
    assert words in str(raised.value)
    assert "'team'" in str(raised.value)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize(
    "error", [httpx.ConnectError("no"), httpx.ReadTimeout("slow"), httpx.RemoteProtocolError("x")]
)
def test_no_answer_is_one_sentence(team: Store, httpx_mock: HTTPXMock, error: httpx.HTTPError) -> None:
    """A store that is not there is told apart from one that refuses."""
    httpx_mock.add_exception(error)
    with pytest.raises(StoreUnavailableError, match="'team' does not answer"):
        team.trace(TRACE)


def test_words_of_a_store_are_cut_and_made_plain(team: Store, httpx_mock: HTTPXMock) -> None:
    """They come from another machine and end on a terminal or before a model."""
    httpx_mock.add_response(**problem(422, detail="\x1b[31mred\u202e\n" + "long " * 1000))
    with pytest.raises(StoreRefusedError) as raised:
        team.trace(TRACE)
    assert str(raised.value).isprintable()
    assert len(str(raised.value)) < 700


def test_an_endless_answer_is_ended(
    team: Store, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither an answer nor a line of one may fill the memory."""
    monkeypatch.setattr(transport_module, "MAX_ANSWER_BYTES", 1000)
    monkeypatch.setattr(transport_module, "MAX_LINE_BYTES", 1000)
    httpx_mock.add_response(stream=IteratorStream([b"x" * 600] * 3), is_reusable=True)
    with pytest.raises(StoreUnavailableError, match="exceeds"):
        team.trace(TRACE)
    with pytest.raises(StoreUnavailableError, match="exceeds"):
        list(team.export())


@pytest.mark.parametrize(
    ("act", "request_line", "body"),
    [
        (lambda s: s.search(ERROR), "POST /v1/search", {"query": ERROR.query, "kind": "error", "limit": 10}),
        (lambda s: s.vote(TRACE, -1, "wrong"), f"PUT /v1/traces/{TRACE}/vote",
         {"value": -1, "reason": "wrong", "by": "person"}),
        (lambda s: s.vote(TRACE, 1, by="agent"), f"PUT /v1/traces/{TRACE}/vote", {"value": 1, "by": "agent"}),
        (lambda s: s.unvote(TRACE), f"DELETE /v1/traces/{TRACE}/vote", None),
        (lambda s: s.outcome(TRACE, worked=False, session="s", signature="1:ab"),
         f"POST /v1/traces/{TRACE}/outcomes",
         {"worked": False, "session": "s", "signature": "1:ab", "packages": {}}),
        (lambda s: s.retract(TRACE), f"POST /v1/traces/{TRACE}/retract", None),
        (lambda s: s.report(TRACE, "It is spam."), f"POST /v1/traces/{TRACE}/reports",
         {"reason": "It is spam."}),
    ],
)  # fmt: skip
def test_requests_are_what_the_interface_says(
    team: Store, httpx_mock: HTTPXMock, act: Callable[[Store], object], request_line: str, body: object
) -> None:
    """Method, address and body; what is not set is not sent."""
    httpx_mock.add_response(json=NOTHING)
    act(team)
    request = only(httpx_mock)
    assert f"{request.method} {request.url.path}" == request_line
    assert (json.loads(request.content) if request.content else None) == body


def test_a_contribution_is_sent_byte_for_byte(team: Store, httpx_mock: HTTPXMock) -> None:
    """What a person was shown is what is sent, under the key that it was queued with."""
    httpx_mock.add_response(json=keeping_store.trace())
    shown = b'{\n  "title" : "x"}'
    team.contribute(shown, "key-1")
    request = only(httpx_mock)
    assert request.content == shown
    assert request.headers["Idempotency-Key"] == "key-1"
    assert request.headers["Content-Type"] == "application/json"


def test_lists_are_read_page_by_page(team: Store, httpx_mock: HTTPXMock) -> None:
    """The cursor is passed on as it came."""
    httpx_mock.add_response(json={"items": [keeping_store.trace()], "next_cursor": "c2"})
    page = team.traces(cursor="c1", limit=5, tag="python")
    assert page.next_cursor == "c2"
    assert dict(only(httpx_mock).url.params) == {"cursor": "c1", "limit": "5", "tag": "python"}


def test_several_traces_are_read_by_their_ids(team: Store, httpx_mock: HTTPXMock) -> None:
    """What the store does not have is left out, and so is what it was not asked for."""
    there, gone = uuid.uuid4(), uuid.uuid4()
    others = keeping_store.trace()
    httpx_mock.add_response(json={"items": [others, keeping_store.trace(str(there))], "next_cursor": None})
    assert list(team.several([gone, there])) == [there]
    asked = only(httpx_mock).url.params
    assert (asked.get_list("id"), asked["limit"]) == ([str(gone), str(there)], "2")


@pytest.mark.parametrize("absent", [problem(404, "trace-not-found"), problem(403)])
def test_an_older_store_is_asked_for_one_trace_after_the_other(
    team: Store, httpx_mock: HTTPXMock, absent: dict[str, Any]
) -> None:
    """It finds several ids invalid; what it does not give one by one is left out."""
    there, gone = uuid.uuid4(), uuid.uuid4()
    for answer in (problem(422), absent, {"json": keeping_store.trace(str(there))}):
        httpx_mock.add_response(**answer)
    assert list(team.several([gone, there])) == [there]


@pytest.mark.parametrize("answer", [[{"tag": "go", "count": 2}], {"items": [{"name": "go", "count": 2}]}])
def test_tags_are_read_in_the_forms_that_stores_use(team: Store, httpx_mock: HTTPXMock, answer: Any) -> None:
    """A list, or a list in `items`."""
    httpx_mock.add_response(json=answer)
    assert [(tag.tag, tag.count) for tag in team.tags()] == [("go", 2)]


def test_an_export_is_read_as_it_arrives(team: Store, httpx_mock: HTTPXMock) -> None:
    """Line by line, wherever the pieces were cut."""
    httpx_mock.add_response(stream=IteratorStream([b'{"a"', b': 1}\n{"b": 2}\n\n{"c', b'": 3}']))
    assert list(team.export("web")) == [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}']
    assert only(httpx_mock).url.params["space"] == "web"


def test_an_import_tells_what_became_of_each_line(team: Store, httpx_mock: HTTPXMock) -> None:
    """Lines that the store did not take are named with its reason."""
    said = [{"line": 1, "status": "created"}, {"line": 2, "status": "existing"},
            {"line": 3, "status": "refused", "detail": "title: missing"}]  # fmt: skip
    httpx_mock.add_response(content=b"\n".join(json.dumps(line).encode() for line in said))
    done = team.import_([b"{}", b"{}", b"{}"])
    assert isinstance(done, Imported)
    assert (done.created, done.existing) == (1, 1)
    assert [(line.line, line.detail) for line in done.refused] == [(3, "title: missing")]
    assert only(httpx_mock).content == b"{}\n{}\n{}\n"


@pytest.mark.parametrize(
    ("permission", "act"),
    [
        ("queries", lambda s: s.search(ERROR)),
        ("prompts", lambda s: s.search(ERROR, "prompts")),
        ("votes", lambda s: s.vote(TRACE, 1, by="agent")),
        ("outcomes", lambda s: s.outcome(TRACE, worked=True, session="s")),
    ],
)
def test_each_permission_opens_one_thing(
    httpx_mock: HTTPXMock, permission: str, act: Callable[[Store], object]
) -> None:
    """With all permissions but the one nothing is sent; with it alone it is."""
    others = {name: name != permission for name in vars(Permissions())}
    for allowed in (Permissions(**others), Permissions(**{name: not on for name, on in others.items()})):
        with closing(Store.connected(StoreConfig("team", URL, api_key=KEY, permissions=allowed))) as store:
            if not getattr(allowed, permission):
                with pytest.raises(StorePermissionError, match=f"not allowed {permission}"):
                    act(store)
                assert httpx_mock.get_requests() == []
                httpx_mock.add_response(json=NOTHING)
            else:
                act(store)


def test_what_the_person_does_needs_no_permission(httpx_mock: HTTPXMock) -> None:
    """A search that the person typed for a store, their vote, and reading are their own acts."""
    httpx_mock.add_response(json=NOTHING, is_reusable=True)
    with closing(Store.connected(StoreConfig("team", URL, api_key=KEY))) as store:
        store.search(ERROR, None)
        store.vote(TRACE, 1)
    assert len(httpx_mock.get_requests()) == 2
