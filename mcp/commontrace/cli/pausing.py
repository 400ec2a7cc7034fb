"""`pause` and `resume`: silence for a session, for a repository, or everywhere."""

import argparse
import json
import os
import shlex
from pathlib import Path

from commontrace import pauses, render, repository
from commontrace.cli.output import CommandError
from commontrace.paths import Paths
from commontrace.pauses import Pause, Pauses

SESSION_VARIABLE = "CLAUDE_CODE_SESSION_ID"


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Register the commands."""
    pausing = commands.add_parser("pause", help="say nothing any more; what you type still works")
    resuming = commands.add_parser("resume", help="end a pause")
    for parser, run in ((pausing, pause), (resuming, resume)):
        where = parser.add_mutually_exclusive_group()
        where.add_argument(
            "--session",
            metavar="ID",
            nargs="?",
            const="",
            help="one session only; by default the one it runs in",
        )
        where.add_argument(
            "--repo",
            metavar="DIR",
            nargs="?",
            const=".",
            help="one repository only; by default the one it runs in",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON document")
        parser.set_defaults(run=run)


def pause(arguments: argparse.Namespace) -> int:
    """Begin a pause."""
    place = _place(arguments)
    _pauses().add(place)
    if arguments.json:
        print(json.dumps({"paused": _document(place)}))
    else:
        _tell(f"Paused {_words(place)}, until `commontrace resume{_options(place)}`")
    return 0


def resume(arguments: argparse.Namespace) -> int:
    """End a pause, and say which others there are."""
    place = _place(arguments)
    known = _pauses()
    ended = known.remove(place)
    if arguments.json:
        paused = [_document(other) for other in known.all()]
        print(json.dumps({"resumed": _document(place), "was_paused": ended, "still_paused": paused}))
        return 0
    _tell(f"Resumed {_words(place)}" if ended else f"There was no pause {_words(place)}")
    for other in known.all():
        _tell(f"Still paused {_words(other)}: `commontrace resume{_options(other)}` ends it")
    return 0


def _document(place: Pause) -> dict[str, str]:
    return {"where": place.kind} | ({"name": place.name} if place.name else {})


def _tell(words: str) -> None:
    print(render.one_line(words))


def _pauses() -> Pauses:
    return Pauses(pauses.path(Paths.from_environment().data))


def _place(arguments: argparse.Namespace) -> Pause:
    if arguments.session is not None:
        session = arguments.session or os.environ.get(SESSION_VARIABLE, "")
        if not session or len(session.split()) != 1:
            raise CommandError("--session: give the id of a session (Claude Code's /status shows it)")
        return Pause("session", session)
    if arguments.repo is not None:
        root = repository.root(Path(arguments.repo).expanduser())
        if not Path(root).is_dir() or len(root.splitlines()) != 1:
            raise CommandError(f"--repo: {arguments.repo} is no folder")
        return Pause("repo", root)
    return Pause(pauses.EVERYWHERE)


def _words(place: Pause) -> str:
    return {"session": f"in session {place.name}", "repo": f"in {place.name}"}.get(place.kind, "everywhere")


def _options(place: Pause) -> str:
    """For a line that can be pasted: a folder may be called anything."""
    name = shlex.quote(place.name)
    return {"session": f" --session {name}", "repo": f" --repo {name}"}.get(place.kind, "")
