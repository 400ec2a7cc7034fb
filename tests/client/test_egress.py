"""The table of what leaves the machine names everything that a store can be sent."""

import inspect

import pytest

from commontrace import egress
from commontrace.config import Permissions
from commontrace.stores import Store

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


def test_without_permissions_only_the_persons_own_acts_are_open() -> None:
    """Nothing leaves by itself to a store that was only connected."""
    assert all(flow.permission is None for flow in egress.FLOWS if egress.allowed(flow, Permissions()))
