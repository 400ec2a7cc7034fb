"""What only some operating systems have is called in few places, which are named here."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.machine import ROOT

MODULES = {"fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
NAMES = {
    "os": re.compile(
        r"fork(pty)?|exec[lvpe]+|killpg|l?chown|chroot|mkfifo|nice|wait(pid|[34])?|W(IF|EXIT|TERM)\w+"
        r"|(get|set)(res|e)?[ug]id|(get|set)(pgid|pgrp|sid|groups)|posix_spawn|sysconf|uname"
        r"|O_(CLOEXEC|NOFOLLOW|NONBLOCK)|f?statvfs|openpty|pipe2|pread|sched_\w+"
    ),
    "select": re.compile(r"select|poll|epoll|kqueue"),
    "selectors": re.compile(r"\w+Selector"),
    "signal": re.compile(r"SIG(ALRM|CHLD|HUP|KILL|PIPE|QUIT|USR[12])|pthread_\w+|set\w*timer|alarm|sigwait"),
    "socket": re.compile(r"AF_UNIX|SO_PEERCRED|socketpair"),
}
METHODS = {"add_signal_handler", "create_unix_server", "open_unix_connection", "start_unix_server"}
ARGUMENTS = {"start_new_session", "preexec_fn", "pass_fds", "process_group"}
EVERY = re.compile(".*")
PLACES = {
    "hooks": set(),
    "scripts": set(),
    "mcp/commontrace": {"system.py"},
    "mcp/commontrace_rules": set(),
    # the embedded PostgreSQL and its keeper; the socket of the local store; the processes of a server
    "backend/src/commontrace_server": {"postgres", "listeners.py", "workers"},
}


def foreign(path: Path) -> Iterator[str]:
    """What a module calls that not every system has."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names if name.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.module in {*MODULES, *NAMES}:
            foreign_names = NAMES.get(node.module, EVERY)
            imported = (name.name for name in node.names)
            yield from (f"{node.module}.{name}" for name in imported if foreign_names.fullmatch(name))
        elif isinstance(node, ast.Attribute) and node.attr in METHODS:
            yield node.attr
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            some = NAMES.get(node.value.id)
            if some and some.fullmatch(node.attr):
                yield f"{node.value.id}.{node.attr}"
        elif isinstance(node, ast.keyword) and node.arg in ARGUMENTS:
            yield node.arg


@pytest.mark.parametrize(("package", "places"), PLACES.items())
def test_what_only_some_systems_have_is_in_one_place(package: str, places: set[str]) -> None:
    """Whoever brings another system looks there and nowhere else."""
    found = {
        str(path.relative_to(ROOT / package)): calls
        for path in (ROOT / package).rglob("*.py")
        if (calls := sorted(set(foreign(path))))
    }
    assert {name: calls for name, calls in found.items() if name.split("/")[0] not in places} == {}
    assert {name.split("/")[0] for name in found} == places


def test_handlers_are_in_exec_form() -> None:
    """No shell takes a command apart: the plugin's folder may have spaces and quotes in its name."""
    groups = [group for event in json.loads((ROOT / "hooks" / "hooks.json").read_text())["hooks"].values()
              for group in event]  # fmt: skip
    handlers = [handler for group in groups for handler in group["hooks"] if handler["type"] == "command"]
    servers = json.loads((ROOT / ".mcp.json").read_text())["mcpServers"].values()
    assert handlers
    for started in (*handlers, *servers):
        assert re.fullmatch(r"\w+", started["command"])
        assert started["args"]
