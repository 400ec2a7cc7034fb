"""What a shell command does and where, as far as two runs of it can be told to be the same.

Only digests of it are kept: a command line may hold what must not be stored.
"""

import hashlib
import json
import os
import posixpath
import re
from dataclasses import dataclass
from typing import Final, Literal

from commontrace.failure import programs as failing
from commontrace.failure.shell import MAX_COMMAND, Stage, stages
from commontrace.pairing import programs
from commontrace.pairing.words import around, read
from commontrace_rules.text import pattern

ACTS_MOST: Final = 12
HEAD_LINES: Final = 10
_KEPT: Final = 5
_GIVEN: Final = pattern(r"[$<>]\([^()]*\)|`[^`]*`|<<-?\s*['\"]?\w+['\"]?.*", re.DOTALL)
"""What the shell puts in place, and here-documents: the same words with other text are another command."""
_WAY: Final = pattern(
    r"(?:^|(?<=[\s;&|(]))(?:(?P<set>[A-Za-z_]\w*=(?:'[^']*'|\"[^\"]*\"|[^\s;&|]*))"
    r"|(?P<run>sudo|npx|bunx|uvx|pipx run|(?:uv|poetry|pipenv|hatch|pdm|rye) run|corepack)(?=\s)"
    r"|(?P<path>[^\s'\"=;&|()]{0,200}/bin/)[\w.-]+)"
)
_SHOWING: Final = frozenset(
    "CI TERM COLUMNS LINES NO_COLOR FORCE_COLOR CLICOLOR PYTHONUNBUFFERED PYTHONDONTWRITEBYTECODE".split()
)
_UNKNOWN: Final = "?"


@dataclass(frozen=True)
class Act:
    """One program of a command.

    Attributes:
        target: digest of directory, program and the words that say what it is about.
        options: digests of the options that may change what is done.
        judged: for each thing that a checker judges, digests of it and of what is around it.
        narrowing: digests of the options that have a checker judge less.
        line: the program and its words.
        checks: it only judges, so that its options choose what is judged.
        fixes: it mends what it finds.
        lenient: an option lets it pass because it does less.
        seen: had it failed, one would know.
        alters: it may change something.
    """

    target: str
    options: frozenset[str]
    judged: tuple[tuple[str, ...], ...] = ()
    narrowing: frozenset[str] = frozenset()
    line: str = ""
    checks: bool = False
    fixes: bool = False
    lenient: bool = False
    seen: bool = True
    alters: bool = False


@dataclass(frozen=True)
class Run:
    """One run of a command.

    Attributes:
        acts: what it is known by.
        changes: programs of it that may have changed something, whether it is known by them or not.
        way: digests of the variables that it sets and of the launchers that it uses.
        directory: where its last act takes place.
    """

    acts: tuple[Act, ...]
    changes: tuple[Act, ...] = ()
    way: frozenset[str] = frozenset()
    directory: str = ""

    @property
    def line(self) -> str:
        """The command without what surrounds it."""
        return " && ".join(act.line for act in self.acts)

    @property
    def own(self) -> frozenset[str]:
        """Targets of everything in it that may change something: no change when it is run again."""
        return frozenset(act.target for act in (*self.acts, *self.changes))

    def dump(self) -> str:
        """What a later process needs to know the command again."""
        acts, changes = (
            [[act.target, sorted(act.options), act.checks, act.judged, sorted(act.narrowing)] for act in part]
            for part in (self.acts, self.changes)
        )
        return json.dumps({"acts": acts, "changes": changes, "way": sorted(self.way)}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str, directory: str) -> "Run":
        """The run of `dump`, without its words; of an older form of it nothing is known again."""
        kept = json.loads(text)
        if any(len(act) != _KEPT for part in ("acts", "changes") for act in kept[part]):
            return cls((), directory=directory)
        acts, changes = (
            tuple(
                Act(
                    target, frozenset(options), tuple(map(tuple, judged)), frozenset(narrowing), checks=checks
                )
                for target, options, checks, judged, narrowing in kept[part]
            )
            for part in ("acts", "changes")
        )
        return cls(acts, changes, frozenset(kept["way"]), directory)


def parse(
    command: str, cwd: str, output: str = "x", *, moved: bool = False, failed: bool = False
) -> Run | None:
    """Read a command; None if nothing in it could be known again.

    Args:
        command: as it was given to the shell.
        cwd: the folder that Claude Code reports with it.
        output: what it printed, for telling whether a failure would have been seen.
        moved: `cwd` is from after the command, as Claude Code reports it when a call succeeds.
        failed: it has failed; then what it only prepared with is left out, unless that is what failed.
    """
    if not command.strip() or len(command) > MAX_COMMAND:
        return None
    ran = stages(command)
    places = _places(ran, cwd, moved=moved)
    given = "".join(_GIVEN.findall(command))
    acts = [
        (stage, _act(stage, place, given, command, _is_seen(ran, index, output)))
        for index, (stage, place) in enumerate(zip(ran, places, strict=True))
    ]
    known = [act for stage, act in acts if _is_doing(stage)]
    known = known or [act for stage, act in acts if stage.program in programs.FILES | programs.FETCHERS]
    if failed and not programs.has_failed_itself(output):
        known = _without_preparation([(stage, act) for stage, act in acts if act in known])
    changes = tuple(act for _, act in acts if act.alters)
    if len(known) > ACTS_MOST or not (known or changes):
        return None
    return Run(tuple(known), changes, _way(command), places[-1] if places else cwd)


def match(failed: Run, passed: Run) -> Literal["same", "varied"] | None:
    """Whether `passed` shows that what failed in `failed` passes now.

    `varied`: with other options, variables or launchers, which may be what made it pass.
    """
    if not failed.acts:
        return None
    varied = failed.way != passed.way
    for act in failed.acts:
        again = [other for other in passed.acts if other.target == act.target and other.seen]
        if any(_covers(other, act) and not other.fixes for other in again):
            continue
        fixed = any(other.fixes and _covers(other, act) for other in again)
        other_way = not act.checks and any(
            not other.lenient and act.judged in ((), other.judged) for other in again
        )
        if not (fixed or other_way):
            return None
        varied = True
    return "varied" if varied else "same"


def _covers(passed: Act, failed: Act) -> bool:
    """Whether all that failed was done again: a checker may judge more than it did before, never less."""
    if passed.options != failed.options or not passed.narrowing <= failed.narrowing:
        return False
    judged = {around[0] for around in passed.judged}
    return not judged or (
        bool(failed.judged) and all(judged.intersection(around) for around in failed.judged)
    )


def _act(stage: Stage, place: str, given: str, command: str, seen: bool) -> Act:
    checker = programs.is_checker(stage)
    words = read(stage, checker=checker)
    return Act(
        target=_digest(place, stage.folder, stage.program, *words.about, given),
        options=frozenset(map(_digest, words.options)),
        judged=tuple(tuple(_digest(path) for path in around(judged)) for judged in words.judged),
        narrowing=frozenset(map(_digest, words.narrowing)),
        line=" ".join((stage.program, *stage.words, *(f"> {target}" for target in stage.targets))),
        checks=checker,
        fixes=words.fixes,
        lenient=any(map(programs.is_lenient, words.options)),
        seen=seen,
        alters=words.fixes or _alters(stage, command, checker=checker),
    )


def _without_preparation(acts: list[tuple[Stage, Act]]) -> list[Act]:
    """Without what comes before the last thing that the command is about only to make it ready."""
    goals = [place for place, (stage, _) in enumerate(acts) if not programs.prepares(stage)]
    last = goals[-1] if goals else 0
    return [act for place, (stage, act) in enumerate(acts) if place >= last or not programs.prepares(stage)]


def _is_doing(stage: Stage) -> bool:
    return not failing.reads(stage) and stage.program not in programs.SETUP


def _alters(stage: Stage, command: str, *, checker: bool) -> bool:
    if stage.program in programs.FILES:
        return stage.program != "tee" or "<<" in command
    if failing.reads(stage):
        in_place = stage.program in {"sed", "gawk"} and any(word.startswith("-i") for word in stage.words)
        downloads = stage.program in programs.FETCHERS and any(
            word in {"-o", "-O", "-X"} or word.startswith("-d") for word in stage.words
        )
        return in_place or downloads or any(_is_kept(target) for target in stage.targets)
    if checker or failing.observes(stage) or stage.program in programs.SETUP:
        return False
    return not programs.is_probe(stage, command)


def _is_kept(target: str) -> bool:
    return bool(target) and not target.startswith(("/dev/", "/tmp/", "&"))  # noqa: S108  a user's own scratch


def _is_seen(ran: list[Stage], index: int, output: str) -> bool:
    """Whether a failure of this program would have shown, in the exit status or in the output."""
    stage = ran[index]
    if not stage.hidden:
        return True
    if not output.strip():
        return False
    if stage.targets:
        shown = [later for later in ran[index + 1 :] if later.program in programs.SHOWERS]
        return any(stage.targets[-1] in later.words for later in shown)
    filters: list[Stage] = []
    for earlier, later in zip(ran[index:], ran[index + 1 :], strict=False):
        if not earlier.piped:
            break
        filters.append(later)
    return all(_shows_end(each, output) or not failing.reads(each) for each in filters)


def _shows_end(stage: Stage, output: str) -> bool:
    """Whether a filter shows the end of what it reads; `head` does where there was less than it asks for."""
    if stage.program != "head":
        return stage.program in programs.SHOWERS
    asked = next((int(number) for number in re.findall(r"\d+", " ".join(stage.words))), HEAD_LINES)
    return "-c" not in stage.words and output.strip().count("\n") + 1 < asked


def _places(ran: list[Stage], cwd: str, *, moved: bool) -> list[str]:
    """The directory of each program, with every `cd` on the way."""
    moves = [stage.words[-1] if stage.words else "~" for stage in ran if stage.program in {"cd", "pushd"}]
    place = _start(cwd, moves) if moved and moves else cwd
    found: list[str] = []
    for stage in ran:
        if stage.program in {"cd", "pushd"}:
            place = _moved(place, stage.words[-1] if stage.words else "~")
        elif stage.program == "popd":
            place = _UNKNOWN + place
        found.append(place)
    return [os.path.realpath(place) if posixpath.isabs(place) else place for place in found]


def _start(cwd: str, moves: list[str]) -> str:
    """Where a command began that has ended in `cwd`, if the shell has stayed where it went."""
    way = posixpath.normpath("/".join(moves))
    if posixpath.isabs(way) or any(
        posixpath.isabs(move) or move.startswith(("$", "~", "-")) for move in moves
    ):
        return cwd
    ups = way.count("..")
    tail = "/".join(part for part in way.split("/") if part != "..")
    if tail in ("", "."):
        return posixpath.join(cwd, *["-"] * ups)
    if cwd != tail and not cwd.endswith("/" + tail):
        return cwd
    return posixpath.join(cwd.removesuffix(tail).rstrip("/") or "/", *["-"] * ups)


def _moved(place: str, target: str) -> str:
    if target.startswith(("$", "-")) or "$" in target or target == "SUBSTITUTED":
        return f"{_UNKNOWN}{place}/{target}"
    return posixpath.normpath(posixpath.join(place, posixpath.expanduser(target)))


def _way(command: str) -> frozenset[str]:
    found: set[str] = set()
    for each in _WAY.finditer(command):
        name = (each["set"] or "").split("=", 1)[0]
        part = each["set"] or each["run"] or each["path"] or ""
        if part and name not in _SHOWING and part not in {"/bin/", "/usr/bin/"}:
            found.add(_digest(part))
    return frozenset(found)


def _digest(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()
