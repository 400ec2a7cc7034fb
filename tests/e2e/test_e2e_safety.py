"""Hostile text that is already in the store reaches no model unasked; a session sends nothing anywhere."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text

from commontrace_server.database import create_engine
from commontrace_server.postgres.cluster import Cluster
from support import processes
from support.claude_clients import Client
from support.claude_code import ClaudeCode, Session
from support.hostile_traces import hostile
from support.machine import ROOT, Machine
from support.messages_api import MessagesApi
from support.model_script import Script, bash, pondered, say
from support.projects import FAILING, KNOWN_TRACE, PASSING, UNKNOWN, Project

pytestmark = pytest.mark.e2e

Scripted = Callable[[Script], MessagesApi]
NewMachine = Callable[[int], Machine]

PROMPT = "Please make the tests pass."
PAYLOADS = tuple(payload for _, payload in hostile() if "\0" not in payload)[::25]
"""A sample over the families of attacks, in the table's order."""


def rewrite(machine: Machine, solutions: dict[str, str]) -> None:
    """Give traces, by id, another solution the way whoever owns the database files could."""

    async def change(url: str) -> None:
        engine = create_engine(url)
        async with engine.begin() as connection:
            for trace, solution in solutions.items():
                await connection.execute(
                    text("UPDATE traces SET solution_text = :solution WHERE id = :id"),
                    {"solution": solution, "id": trace},
                )
        await engine.dispose()

    cluster = Cluster(machine.home / "store" / "postgres", machine.home / "run")
    cluster.start()
    try:
        asyncio.run(change(cluster.url))
    finally:
        cluster.stop()


def added(session: Session) -> list[str]:
    """Everything that hooks gave the model in one session."""
    return [context for request in session.requests for context in request.hook_contexts]


def test_poisoned_traces_are_never_injected(
    client: Client, new_machine: NewMachine, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """A published trace whose text was swapped for an attack stays out, whichever attack it is."""
    machine = new_machine(120)
    fix = KNOWN_TRACE["solution_text"]
    attacks = {
        machine.contribute({**KNOWN_TRACE, "solution_text": f"{fix} (variant {number})"}): f"{fix}\n{payload}"
        for number, payload in enumerate(PAYLOADS)
    }
    claude = ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)
    rewrite(machine, attacks)
    script = [pondered(bash(project.pytest(FAILING))), say("I see.")]
    poisoned = claude.run(PROMPT, scripted(Script(script)), cwd=project.folder)
    assert poisoned.succeeded
    assert [context for context in added(poisoned) if any(trace in context for trace in attacks)] == []
    rewrite(machine, dict.fromkeys(attacks, fix))
    healed = claude.run(PROMPT, scripted(Script(script)), cwd=project.folder)
    assert any(trace in context for context in added(healed) for trace in attacks)


def test_a_secret_in_the_output_is_kept_nowhere(
    client: Client, new_machine: NewMachine, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """What a failing command prints of a secret is in no file of ours after the session."""
    machine = new_machine(2)
    secret = "ghp_" + "R7vQ2mXw9LkT4bNz" + "8sHd1pYc6gJf3uEa5oWi"
    claude = ClaudeCode(client, tmp_path / "claude", ROOT, machine.environment)
    leaking = f"echo 'RuntimeError: token {secret} refused' >&2; exit 1"
    api = scripted(Script([pondered(bash(leaking)), bash(project.pytest(UNKNOWN)), say("I see.")]))
    assert claude.run(PROMPT, api, cwd=project.folder).succeeded
    assert processes.wait_until_none(machine.home, 30) == []
    parts = [path for path in machine.home.rglob("*") if _is_ours(path, machine.home)]
    assert parts
    assert [path for path in parts if secret[8:24].encode() in path.read_bytes()] == []


def test_a_local_session_talks_to_the_model_alone(
    client: Client, new_machine: NewMachine, project: Project, scripted: Scripted, tmp_path: Path
) -> None:
    """Without a connected store nothing leaves: no socket of ours is ever bound to or connected over TCP."""
    machine = new_machine(2)
    log = tmp_path / "sockets.jsonl"
    watch = tmp_path / "watch"
    watch.mkdir()
    (watch / "sitecustomize.py").write_text(_WATCH.replace("LOG", repr(str(log))))
    environment = {**machine.environment, "PYTHONPATH": str(watch)}
    claude = ClaudeCode(client, tmp_path / "claude", ROOT, environment)
    api = scripted(
        Script([pondered(bash(project.pytest(FAILING))), bash(project.pytest(PASSING)), say("Ok.")])
    )
    assert claude.run(PROMPT, api, cwd=project.folder).succeeded
    seen = [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []
    assert any(call["event"] == "started" for call in seen)
    assert [call for call in seen if call["event"] != "started"] == []
    assert api.strays == []


def _is_ours(path: Path, home: Path) -> bool:
    """Files of the store, the memory, drafts and logs; not what the machines of all tests share."""
    inner = path.relative_to(home).parts[0]
    return inner not in ("env", "pycache") and path.is_file() and not path.is_symlink()


_WATCH = """
import json, sys

def note(event, arguments=()):
    with open(LOG, "a") as log:
        log.write(json.dumps({"event": event, "arguments": repr(arguments), "program": sys.argv[:2]}) + "\\n")

def watch(event, arguments):
    if event in ("socket.connect", "socket.bind", "socket.sendto") and isinstance(arguments[1], tuple):
        note(event, arguments[1])
    elif event == "socket.getaddrinfo":
        note(event, arguments)

note("started")
sys.addaudithook(watch)
"""
"""An audit hook for every Python that the session starts: it records each address that is no file."""
