"""Whether what was changed has to do with what a trace says: its commands, packages and names in code."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from commontrace.failure.shell import Stage, stages, word_set
from commontrace.pairing.changes import Change
from commontrace_rules.text import pattern

TEXT_MOST: Final = 20_000
COMMANDS_MOST: Final = 40
PLAIN_LEAST: Final = 2
"""Plain words of code that have to agree where nothing telling does."""
NAME_LEAST: Final = 3
_CODE: Final = pattern(
    r"(?ms)^[ \t]*(?:```|~~~)[^\n]*\n(.*?)^[ \t]*(?:```|~~~)|`([^`\n]{1,300})`|^(?: {4}|\t)(\S[^\n]*)$"
)
_COMMAND: Final = pattern(
    r"(?m)(?:^|[\s`:(>$])((?:sudo +)?(?:python3? -m )?(?:pip3?|uv|poetry|pdm|conda|npm|npx|pnpm|yarn|bun|gem"
    r"|bundle|cargo|go|apt|apt-get|apk|dnf|yum|brew|composer|git|docker|make|export|chmod|sed|rm|mv|cp|ln|mkdir"
    r"|touch) +[^\n`]{2,200})"
)
_NAME: Final = pattern(r"--?[A-Za-z][\w-]+|@?[A-Za-z_][\w@]*(?:[./-][\w@]+)*")
_SETTING: Final = pattern(r"([A-Za-z_][\w.-]+)['\"]?[ \t]*[=:@]=?[ \t]*['\"]?([\w./-]{2,60})")
_PHRASE_LEAST: Final = 8
"""Characters of code that a change has to share as it stands, where no name tells."""
_INERT: Final = word_set("-f -y -q -rf -fr -r --yes --quiet -v")
"""Options that say nothing of what is done."""
_TELLING: Final = pattern(r"[a-z][A-Z]|\w[._/-]\w|\d|^--?\w{2}|^[A-Z][A-Z_]{2,}$|^@|^__|=")
_WRITTEN: Final = pattern(r"[^\w\s./-]|\S+ \S+ \S")  # more than a path or two words
_TAKES_OUT: Final = pattern(
    r"(?i)\b(?:remove|delete|drop|take\b.{0,40}\bout|get rid|uninstall|rename|move)\b"
)
_INSTALLS: Final = word_set("install add i require get upgrade update")
_COMMON: Final = word_set(
    "install add run test tests import from def return class self true false none null const let var"
    " function async await export new else for while with not and use get put print echo cat file"
    " files name path error sudo bash python python3 pip npm node pytest git make src lib main index"
    " app bin usr version latest update package.json package-lock.json node_modules requirements.txt"
    " pyproject.toml setup.py setup.cfg go.mod cargo.toml makefile dockerfile gemfile tsconfig.json"
    " main.py index.js app.py readme.md"
)
_EDITORS: Final = word_set("sed perl awk gawk")
_FILE: Final = pattern(
    r"\w\.(?:py|[cm]?[jt]sx?|json|toml|cfg|ini|ya?ml|md|txt|lock|sh|[ch](?:pp)?|rs|go|rb|java|xml)$"
)


@dataclass(frozen=True)
class _Command:
    program: str
    words: tuple[str, ...]
    options: frozenset[str]

    @classmethod
    def of(cls, stage: Stage) -> "_Command":
        words = [word.rstrip(".,;:") for word in stage.words]
        return cls(
            stage.program,
            tuple(word for word in words if not word.startswith("-")),
            frozenset(word for word in words if word.startswith("-") and word not in _INERT),
        )

    def does(self, other: "_Command") -> bool:
        """Whether this does all that the other does."""
        return (
            self.program == other.program
            and self.words == other.words
            and self.options >= other.options
            and bool(self.words or self.options)
        )

    @property
    def packages(self) -> frozenset[str]:
        """What it installs, without versions."""
        verbs = [place for place, word in enumerate(self.words[:3]) if word in _INSTALLS]
        if not verbs:
            return frozenset()
        named = (re.split(r"[<>=~!\[;]|(?<=.)@", word, maxsplit=1)[0] for word in self.words[verbs[0] + 1 :])
        return frozenset(re.sub(r"[-_.]+", "-", name.lower()) for name in named if len(name) > 1)


def overlaps(trace: str, changes: Sequence[Change], error: str, command: str) -> bool:
    """Whether a change does something of what a trace says, beyond naming the error itself.

    Args:
        trace: its title and its solution.
        changes: what was changed.
        error: what the failing command printed; its words say nothing of a fix.
        command: the failing command; its words neither.
    """
    said = trace[:TEXT_MOST]
    code = ["".join(parts) for parts in _CODE.findall(said)]
    told = _commands([*code, *_COMMAND.findall(said)])
    done = _commands(change.detail for change in changes if change.kind == "command")
    failed = _commands([command])
    if any(did.does(other) and not any(own.does(other) for own in failed) for did in done for other in told):
        return True
    if (_packages(done) & _packages(told)) - _packages(failed):
        return True
    if _written(changes, f"{error}\n{command}", _phrases(code)):
        return True
    ours = _changed_names(changes, removed=_TAKES_OUT.search(said) is not None) - _names(
        f"{error}\n{command}"
    )
    theirs = _names("\n".join(code)) | {name for name in _names(said) if _TELLING.search(name)}
    common = {name for name in ours & theirs if name.lower() not in _COMMON}
    return any(_TELLING.search(name) for name in common) or len(common) >= PLAIN_LEAST


def _phrases(code: Iterable[str]) -> frozenset[str]:
    """Lines of code as they are to be written, spacing aside."""
    lines = (" ".join(line.split()) for span in code for line in span.splitlines())
    return frozenset(line for line in lines if len(line) >= _PHRASE_LEAST and _WRITTEN.search(line))


def _written(changes: Sequence[Change], error: str, phrases: Iterable[str]) -> list[str]:
    """The phrases that an edit has brought in."""
    edits = [change.detail.split("\n") for change in changes if change.kind == "edit"]
    added, removed = (
        "\n".join(" ".join(line[1:].split()) for lines in edits for line in lines if line[:1] == sign)
        for sign in "+-"
    )
    return [phrase for phrase in phrases if phrase in added and phrase not in removed and phrase not in error]


def _commands(lines: Iterable[str]) -> list[_Command]:
    found = [
        _Command.of(stage) for line in list(lines)[:COMMANDS_MOST] for stage in stages(line.lstrip("$># "))
    ]
    return [command for command in found if command.program]


def _packages(commands: Iterable[_Command]) -> frozenset[str]:
    return frozenset(name for command in commands for name in command.packages)


def _changed_names(changes: Iterable[Change], *, removed: bool) -> set[str]:
    """Names in what was changed; of a file that was there before, its own name tells nothing.

    Names that an edit took out count if `removed` says so: a trace names the cause, which any fix removes.
    """
    names: set[str] = set()
    for change in changes:
        if change.kind == "command":
            edits = any(stage.program in _EDITORS for stage in stages(change.detail))
            found = _names(change.detail)
            names |= {name for name in found if not _FILE.search(name)} if edits else found
        elif change.detail:
            lines = change.detail.split("\n")
            came, went = (
                _names("\n".join(line[1:] for line in lines if line.startswith(sign))) for sign in "+-"
            )
            names |= (came ^ went) if removed else (came - went)
        else:
            names |= _names(change.what) | {change.what.rsplit("/", 1)[-1]}
    return names


def _names(text: str) -> set[str]:
    whole = set(_NAME.findall(text))
    parts = {part for name in whole for part in re.split(r"[./]", name)}
    parts |= {name[: end.start()] for name in whole for end in re.finditer(r"[./]", name)}
    settings = {f"{name}={value}" for name, value in _SETTING.findall(text)}
    return {name for name in whole | parts | settings if len(name) >= NAME_LEAST}
