"""The bound on request bodies, against a server on a real socket."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from commontrace_server.listeners import Port
from commontrace_server.serving import Server
from support.store import client_of, draft, eventually

JSON = {"content-type": "application/json"}
LIMIT = 1024 * 1024


@pytest.fixture
async def address(app: FastAPI) -> AsyncIterator[str]:
    """Where the running app is served over TCP."""
    listener = Port("127.0.0.1", 0)
    server = Server(app, listener)
    serving = asyncio.create_task(server.run_until_stopped())

    async def started() -> bool:
        return server.started

    await eventually(started)
    yield listener.publish()
    server.should_exit = True
    await serving


async def _chunks(total: int) -> AsyncIterator[bytes]:
    for _ in range(total // 65536):
        yield b" " * 65536


@pytest.mark.parametrize("megabytes", [2, 8])
async def test_large_declared_body_is_refused(address: str, megabytes: int) -> None:
    """A body whose Content-Length is beyond the limit is answered with 413."""
    async with httpx.AsyncClient(base_url=address) as client:
        answer = await client.post("/v1/traces", content=b" " * megabytes * LIMIT, headers=JSON)
    assert answer.status_code == 413
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("megabytes", [2, 8])
async def test_large_chunked_body_is_refused(address: str, megabytes: int) -> None:
    """A body that grows beyond the limit without having said so is answered with 413."""
    async with httpx.AsyncClient(base_url=address) as client:
        answer = await client.post("/v1/traces", content=_chunks(megabytes * LIMIT), headers=JSON)
    assert answer.status_code == 413


async def test_endless_body_is_cut_off(address: str) -> None:
    """A sender that never stops is not read for ever: the connection ends."""
    host, port = address.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    head = (
        "POST /v1/traces HTTP/1.1",
        "Host: x",
        "Content-Type: application/json",
        "Transfer-Encoding: chunked",
    )
    writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
    with pytest.raises(ConnectionError):
        await _send_chunks(writer, 64 * LIMIT)
    writer.close()


async def test_a_body_with_two_lengths_is_refused(address: str) -> None:
    """What a proxy in front could take for the next request is not answered: the connection ends."""
    host, port = address.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    smuggled = b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    lengths = f"Content-Length: {5 + len(smuggled)}\r\nTransfer-Encoding: chunked"
    head = f"POST /v1/search HTTP/1.1\r\nHost: x\r\n{lengths}\r\n\r\n0\r\n\r\n"
    writer.write(head.encode() + smuggled)
    answer = await reader.read()
    writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"x-content-type-options: nosniff" in answer


async def _send_chunks(writer: asyncio.StreamWriter, total: int) -> None:
    for _ in range(total // 65536):
        writer.write(b"10000\r\n" + b" " * 65536 + b"\r\n")
        await writer.drain()


async def test_largest_trace_fits(client: httpx.AsyncClient) -> None:
    """Texts of full length are accepted even when every character is escaped."""
    body = draft(context_text="\U0001f40d" * 20_000, solution_text="\x01" * 20_000)
    assert (await client.post("/v1/traces", json=body)).status_code == 201


async def test_server_goes_on_after_a_refusal(address: str) -> None:
    """A refused body does not hurt the next request."""
    async with httpx.AsyncClient(base_url=address) as client:
        await client.post("/v1/traces", content=_chunks(2 * LIMIT), headers=JSON)
        assert (await client.get("/healthz")).status_code == 200


async def test_body_within_the_limit_is_read_to_its_end(app: FastAPI) -> None:
    """Below the limit the body arrives whole, however it is cut into pieces."""
    async with client_of(app) as client:
        answer = await client.post("/v1/traces", content=_chunks(LIMIT - 65536), headers=JSON)
    assert answer.status_code == 422
    assert "not valid JSON" in answer.json()["detail"]
