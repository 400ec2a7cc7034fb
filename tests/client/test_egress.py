"""The table of what leaves the machine names everything that a store can be sent."""

import inspect
import re
from contextlib import closing
from pathlib import Path

import pytest

from commontrace import egress, status
from commontrace.config import Permissions
from commontrace.paths import Paths
from commontrace.runtime import Runtime
from commontrace.settings import Settings
from commontrace.stores import Store
from support.stand_in_store import StandInStore

ROOT = Path(__file__).parents[2]
MAY_REQUEST = {
    # to stores, and for the gateway to one; sockets of this machine
    "cli/colleague.py", "gateway/access.py", "gateway/serving.py", "local_store.py", "stores/client.py",
    "stores/errors.py", "stores/transport.py", "system.py",
}  # fmt: skip
NOT_REQUESTS = {"approval", "connected", "require", "close", "url"}


def test_every_request_is_in_the_table() -> None:
    """A method of the client that sends something and is not listed is a leak in the status."""
    public = {name for name, _ in inspect.getmembers(Store) if not name.startswith("_")}
    assert {flow.call for flow in egress.FLOWS} == public - NOT_REQUESTS


@pytest.mark.parametrize("permission", ["queries", "prompts", "outcomes", "votes", "publishing"])
def test_every_permission_opens_something(permission: str) -> None:
    """A question that setup asks has a consequence, and only that."""
    none = {flow for flow in egress.FLOWS if egress.allowed(flow, Permissions())}
    with_it = {flow for flow in egress.FLOWS if egress.allowed(flow, Permissions(**{permission: True}))}
    assert none < with_it
    assert {flow.permission for flow in with_it - none} == {permission}


def test_what_is_installed_is_told_too(folders: Paths, store: StandInStore) -> None:
    """The one thing that leaves a machine without a store: which packages are wanted, at a first start."""
    with closing(Runtime(Path("unused"), folders, Settings())) as runtime:
        told = status.text(status.document(runtime))
    for flow in egress.WITHOUT_STORE:
        assert f"when {flow.when}: {flow.holds} ({flow.request})" in told


def test_nothing_else_in_the_client_makes_requests() -> None:
    """Whoever imports an HTTP client does it for a store, or for the gateway to one."""
    asking = re.compile(
        r"^\s*(?:import|from) (?:httpx|urllib\.request|http\.client|requests|socket)\b", re.MULTILINE
    )
    found = {
        path.relative_to(ROOT / "mcp").as_posix().removeprefix("commontrace/")
        for path in (ROOT / "mcp").rglob("*.py")
        if asking.search(path.read_text())
    }
    assert found == MAY_REQUEST


def test_without_permissions_only_the_persons_own_acts_are_open() -> None:
    """Nothing leaves by itself to a store that was only connected."""
    assert all(flow.permission is None for flow in egress.FLOWS if egress.allowed(flow, Permissions()))
