"""The words of a program, told apart: what it is about, what it is to judge, how, and what is only shown."""

import posixpath
import re
from dataclasses import dataclass
from typing import Final

from commontrace.failure.shell import Stage
from commontrace.pairing import programs

_REMOTE: Final = frozenset({"push", "pull", "fetch"})
_MESSAGES: Final = frozenset({"-m", "-am", "--message", "-F", "--file"})
_ASSIGNS: Final = re.compile(r"[A-Za-z_]\w*\??=.*", re.DOTALL)


@dataclass(frozen=True)
class Words:
    """The words of one program.

    Attributes:
        about: what it is about; all of it has to be the same.
        judged: what a checker is to judge, or git to transfer; nothing for all that is there.
        options: those that may change what is done, with their values.
        narrowing: options that have a checker judge less.
        fixes: it mends what it finds.
    """

    about: tuple[str, ...]
    judged: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    narrowing: tuple[str, ...] = ()
    fixes: bool = False


def read(stage: Stage, *, checker: bool) -> Words:
    """Tell the words of a program apart."""
    plain, options = _split(stage, checker=checker)
    telling = [option for option in options if not programs.shows_only(option, checker=checker)]
    if stage.program == "git" and stage.subcommand in _REMOTE:
        return Words(tuple(plain[:1]), judged=tuple(plain[1:]), options=tuple(telling))
    if not checker:
        about, versions = _unversioned(stage, plain)
        return Words(tuple(about), options=tuple(telling + versions))
    narrowing = [option for option in telling if programs.narrows(option)]
    fixing = [option for option in telling if programs.is_fix(option)]
    about = [word for word in plain[:2] if word in programs.subcommands(stage)]
    return Words(
        about=tuple(about),
        judged=tuple(word for word in plain if word not in {*about, ".", "./..."}),
        options=tuple(option for option in telling if option not in narrowing and option not in fixing),
        narrowing=tuple(narrowing),
        fixes=bool(fixing),
    )


def around(path: str) -> list[str]:
    """A path that is judged, and everything around it that would judge it too."""
    path = path.removesuffix("/...")
    file, *tests = path.split("::")
    found = ["::".join([file, *tests[:count]]) for count in range(len(tests), -1, -1)]
    folder = posixpath.dirname(file)
    while folder not in {"", "/"}:
        found.append(folder)
        folder = posixpath.dirname(folder)
    return found


def _split(stage: Stage, *, checker: bool) -> tuple[list[str], list[str]]:
    """Plain words and options, these with their values where a program is known to take one."""
    plain: list[str] = []
    options: list[str] = []
    words = [word for word in stage.words if not _is_void(stage, word)]
    skipped = False
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if skipped:
            skipped = False
        elif stage.program == "git" and word in _MESSAGES and "commit" in words:
            skipped = True  # the same commit in other words
        elif checker and programs.takes_value(word) and following and following[0] != "-":
            options.append(f"{word} {following}")
            skipped = True
        elif (word.startswith("-") and len(word) > 1) or (
            stage.program == "make" and _ASSIGNS.fullmatch(word)
        ):
            options.append(word)
        else:
            plain.append(_normal(word))
    return plain, options


def _is_void(stage: Stage, word: str) -> bool:
    """Whether a word changes nothing: `npm run test` is `npm test`."""
    return word == "run" and stage.program in {"npm", "pnpm", "yarn", "vitest"}


def _normal(word: str) -> str:
    """A path without `./` in front and `/` behind; `./...` is everything."""
    if word == "./...":
        return word
    return word.removeprefix("./").rstrip("/") or word


def _unversioned(stage: Stage, plain: list[str]) -> tuple[list[str], list[str]]:
    """The same without the versions of packages that are installed, and these."""
    if not programs.is_installer(stage):
        return plain, []
    parts = [programs.without_version(word) for word in plain]
    return [name for name, _ in parts], [f"{name}{version}" for name, version in parts if version]
