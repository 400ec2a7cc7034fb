"""The real clients, a machine that already knows one fix, and a project that needs it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from support import claude_clients, npm_packages, projects
from support.claude_clients import Client
from support.claude_code import ClaudeCode
from support.machine import ROOT, Machine
from support.messages_api import MessagesApi
from support.model_script import Script
from support.projects import Project
from support.used_store import used_store

__all__ = ["used_store"]

CLIENTS = Path(__file__).with_name("clients")
VERSIONS = claude_clients.pinned(CLIENTS)


@pytest.fixture(scope="session")
def clients() -> dict[str, Client]:
    """The pinned clients by alias."""
    try:
        return claude_clients.installed(CLIENTS)
    except npm_packages.NotInstalledError as error:
        problem = str(error)
    pytest.fail(problem, pytrace=False)


@pytest.fixture(params=VERSIONS, ids=VERSIONS.get)
def client(request: pytest.FixtureRequest, clients: dict[str, Client]) -> Client:
    """Each pinned client in turn."""
    return clients[request.param]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A fresh repository."""
    return projects.create(tmp_path / "shop")


@pytest.fixture
def scripted() -> Iterator[Callable[[Script], MessagesApi]]:
    """Starts scripted models; afterwards nothing may have asked for any other host or page."""
    with ExitStack() as running:
        started: list[MessagesApi] = []

        def start(script: Script) -> MessagesApi:
            started.append(running.enter_context(MessagesApi(script)))
            return started[-1]

        yield start
        assert [stray for api in started for stray in api.strays] == []


@pytest.fixture
def new_machine(tmp_path: Path, used_store: Path) -> Iterator[Callable[[int], Machine]]:
    """Makes a machine of a test's own; takes the store's idle seconds."""
    machines: list[Machine] = []

    def make(idle_seconds: int) -> Machine:
        machines.append(Machine.create(tmp_path / f"machine{len(machines)}", idle_seconds))
        machines[-1].keep(used_store)
        return machines[-1]

    yield make
    for machine in machines:
        machine.end()


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, used_store: Path) -> Iterator[Machine]:
    """A machine whose store stays up for the whole module."""
    machine = Machine.create(tmp_path_factory.mktemp("shared") / "machine", idle_seconds=120)
    machine.keep(used_store)
    yield machine
    machine.end()


@pytest.fixture(scope="module")
def known_trace(machine: Machine) -> str:
    """The id of the fix that the machine knows."""
    return machine.contribute(projects.KNOWN_TRACE)


@pytest.fixture
def claude(client: Client, machine: Machine, tmp_path: Path) -> ClaudeCode:
    """The client with the plugin, on the machine that knows the fix."""
    return ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)
