"""What all commands have in common, and that those which documents and deployment files name are there."""

import argparse
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from commontrace import cli as client
from commontrace_server import cli as server

ROOT = Path(__file__).resolve().parents[2]
WITHOUT_JSON = {
    "serve": "runs until it is told to stop",
    "worker": "the same",
    "mcp-http": "the same",
    "hook": "answers in Claude Code's own JSON",
}
DEPLOYMENT = [
    *(ROOT / name for name in ("backend/Dockerfile", "docker-compose.yml", ".env.example")),
    *(ROOT / ".github" / "workflows").glob("*.yml"),
]
WRITTEN = [*DEPLOYMENT, *ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "commands").glob("*.md")]
STORE = re.compile(r"(?:serve|worker|migrate|admin) ")
START = re.compile(
    r"(?:scripts/commontrace|python -m commontrace_server|(?:^ *|[`(]|&& )commontrace) (?=[a-z])"
)
END = re.compile(r"[`<>|)]| #| && |$")
INTERNAL = {"COMMONTRACE_WORKER_SOCKET"}  # the supervisor's, for its workers
VARIABLE = re.compile(r"\b(?:COMMONTRACE_[A-Z_]*[A-Z]|OPENAI_API_KEY)\b")


def _commands(
    parser: argparse.ArgumentParser, name: str = ""
) -> Iterator[tuple[str, argparse.ArgumentParser]]:
    """Every command below a parser, `admin jobs` and the like included."""
    below = [action for action in parser._actions if isinstance(action, argparse._SubParsersAction)]
    if not below:
        yield name, parser
    for action in below:
        for word, command in action.choices.items():
            yield from _commands(command, f"{name} {word}".strip())


COMMANDS = {**dict(_commands(client._parser())), **dict(_commands(server._parser()))}


@pytest.mark.parametrize("name", sorted(COMMANDS.keys() - WITHOUT_JSON.keys()))
def test_every_command_answers_a_program(name: str) -> None:
    """`--json` is there, explained, and off unless it is asked for."""
    (option,) = [action for action in COMMANDS[name]._actions if "--json" in action.option_strings]
    assert (option.nargs, option.default, bool(option.help)) == (0, False, True)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_says_how_it_is_used(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """In plain text, every option and argument of it explained."""
    with pytest.raises(SystemExit) as ended:
        COMMANDS[name].parse_args(["--help"])
    assert (ended.value.code, capsys.readouterr().out[:19]) == (0, "usage: commontrace ")
    assert [action.dest for action in COMMANDS[name]._actions if not action.help] == []


def test_a_command_is_found_in_its_own_module() -> None:
    """Which is all that is loaded for it; for the help they all are."""
    named = {name: module for module, names in client.MODULES.items() for name in names}
    assert list(named) == [name for name, _ in _commands(client._parser())]
    for name, module in named.items():
        assert set(dict(_commands(client._parser(name)))) == set(client.MODULES[module])


def _named(text: str) -> Iterator[list[str]]:
    """The words of each command that a text names: in a line of shell, or as code within a sentence."""
    for line in text.replace("\\\n", " ").splitlines():
        for start in START.finditer(line):
            yield _words(line[start.end() :])
        for code in re.findall(r"`([^`]+)`", line):
            if STORE.match(code):
                yield _words(code)


def _words(text: str) -> list[str]:
    cut = END.search(text)
    assert cut is not None
    return shlex.split(text[: cut.start()], posix=False)


@pytest.mark.parametrize("path", WRITTEN, ids=lambda path: str(path.relative_to(ROOT)))
def test_commands_that_are_written_about_exist(path: Path) -> None:
    """With their subcommands and options."""
    for words in _named(path.read_text(encoding="utf-8")):
        name = " ".join(words[:2]) if words[0] == "admin" else words[0]
        assert name in COMMANDS, words
        known = {option for action in COMMANDS[name]._actions for option in action.option_strings}
        given = {word.partition("=")[0] for word in words if word.startswith("--")}
        assert given <= known, words


def test_variables_that_are_written_about_are_read() -> None:
    """By the program or by the composition; and an operator is told of each that the program reads."""
    code = "".join(
        path.read_text(encoding="utf-8")
        for folder in ("backend/src", "mcp/commontrace", "scripts")
        for path in (ROOT / folder).rglob("*.py")
    )
    read = set(re.findall(rf'"({VARIABLE.pattern})"', code))
    composed = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text(encoding="utf-8")))
    told = {name for path in WRITTEN for name in VARIABLE.findall(path.read_text(encoding="utf-8"))}
    assert {name.removesuffix("_FILE") for name in told} <= read | composed
    server_code = "".join(p.read_text(encoding="utf-8") for p in (ROOT / "backend/src").rglob("*.py"))
    served = set(re.findall(rf'"({VARIABLE.pattern})"', server_code))
    manual = (ROOT / "docs" / "operate.md").read_text(encoding="utf-8")
    assert served - INTERNAL <= set(VARIABLE.findall(manual))
