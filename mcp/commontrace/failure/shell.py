"""Reads a shell command just far enough to tell who wrote its output and whose exit status was lost."""

import re
from dataclasses import dataclass, replace
from typing import Final

from commontrace_rules.text import pattern

MAX_COMMAND: Final = 8_000
"""Characters of a command that are read, here-documents not counted."""

_MAX_DEPTH: Final = 3

_HEREDOC: Final = pattern(r"<<-?\s*(?P<quote>['\"]?)(?P<word>\w+)(?P=quote)")
_SUBSTITUTION: Final = pattern(r"[$<>]\([^()]*\)|`[^`]*`")
_TOKEN: Final = pattern(
    r"(?P<comment>(?<![^\s;&|()])#[^\n]*)"
    r"|(?P<redirect>(?:\d+|&)?>>?\|?\s*(?:&\s*[\d-]+|(?:\"[^\"\n]*\"|'[^'\n]*'|[^\s;&|<>()]+))|\d*<(?:<<"
    r"|&)?\s*[^\s;&|<>()]*)"
    r"|(?P<connector>\|\||&&|\|&?|;;?|&|\n|[()])"
    r"|(?P<word>(?:'[^']*'|\"(?:\\.|[^\"\\])*\"|\\.|[^\s'\"\\;&|()<>])+)"
    r"|(?P<other>.)",
    re.DOTALL,
)
_ASSIGNMENT: Final = pattern(r"[A-Za-z_]\w*\+?=")


def word_set(words: str) -> frozenset[str]:
    """The words of a string as a set."""
    return frozenset(words.split())


_KEYWORDS: Final = word_set("if then else elif do while until ! { } time coproc")
_CLOSERS: Final = word_set("fi done esac for case select function in")
_WRAPPERS: Final = word_set(
    "sudo doas env nice nohup exec command builtin stdbuf setsid ionice unbuffer timeout gtimeout npx "
    "pnpx bunx uvx pipx"
    " xvfb-run caffeinate chronic ts script-runner corepack dotenv time"
)
_RUNNERS: Final = {  # programs whose next word decides: these words only start another program
    "uv": {"run"}, "poetry": {"run"}, "pipenv": {"run"}, "hatch": {"run"}, "pdm": {"run"}, "rye": {"run"},
    "bundle": {"exec"}, "pnpm": {"exec", "dlx"}, "npm": {"exec", "x"}, "yarn": {"exec", "dlx"},
    "pipx": {"run"}, "coverage": {"run"}, "bun": {"x"},
}  # fmt: skip
_OPTIONS_WITH_VALUE: Final = word_set(
    "-n -u -k -s --with --python -p --package --extra --group --directory --project -C -g"
)
_SHELLS: Final = word_set("bash sh zsh dash ksh")


@dataclass(frozen=True, slots=True)
class Stage:
    """One program of a pipeline.

    `words` are its arguments without quotes, `targets` the files that its standard output goes to, `hidden`
    says that its exit status was lost, `piped` that the next one reads its output, `folder` where the program
    itself is, if that is neither here nor a folder of programs.
    """

    program: str
    words: tuple[str, ...]
    targets: tuple[str, ...] = ()
    hidden: bool = False
    piped: bool = False
    folder: str = ""

    @property
    def subcommand(self) -> str:
        """The first argument that is not an option, or ""."""
        skip = False
        for word in self.words:
            if skip:
                skip = False
            elif word in {"-C", "-c", "-n", "-f", "--namespace", "--file", "--context", "--git-dir", "-p"}:
                skip = True
            elif not word.startswith("-"):
                return word
        return ""


@dataclass(slots=True)
class _Pipeline:
    stages: list[Stage]
    connector: str = ""


def stages(command: str) -> list[Stage]:
    """The programs of a command in order, wrappers such as sudo, npx, `uv run` and `python -m` taken off."""
    return _parse(command, 0)


def _parse(command: str, depth: int) -> list[Stage]:
    command = _without_heredocs(command)[:MAX_COMMAND]
    pipelines = _pipelines(command, depth)
    strict = re.search(r"\bset -[a-z]*e|set -o errexit", command) is not None
    pipefail = "pipefail" in command
    found: list[Stage] = []
    lost = False
    for pipeline in reversed(pipelines):
        connector = pipeline.connector
        if connector in {"||", "&", "|", "|&"} or (
            connector in {";", ";;", "\n", "("} and found and not strict
        ):
            lost = True
        found.extend(
            replace(
                stage,
                hidden=stage.hidden or lost or (not pipefail and stage is not pipeline.stages[-1]),
                piped=stage.piped or stage is not pipeline.stages[-1],
            )
            for stage in reversed(pipeline.stages)
        )
    return found[::-1]


def _without_heredocs(command: str) -> str:
    """The command without the bodies of its here-documents: they are input, not programs."""
    if "<<" not in command:
        return command
    kept: list[str] = []
    ends: list[str] = []
    for line in command.split("\n"):
        if ends:
            if line.strip() == ends[0]:
                ends.pop(0)
            continue
        ends.extend(match["word"] for match in _HEREDOC.finditer(line))
        kept.append(_HEREDOC.sub(" ", line))
    return "\n".join(kept)


def _pipelines(command: str, depth: int) -> list[_Pipeline]:
    command = _SUBSTITUTION.sub("SUBSTITUTED", command.replace("\\\n", " "))
    found: list[_Pipeline] = []
    current = _Pipeline([])
    words: list[str] = []
    targets: list[str] = []
    for token in [*_TOKEN.finditer(command), None]:
        kind = token.lastgroup if token else "connector"
        text = token[0] if token else ""
        if kind == "word":
            words.append(_unquoted(text))
        elif kind == "redirect":
            if text.startswith((">", "1>", "&>")):
                targets.append(_unquoted(text.lstrip("1&").lstrip(">|& ")))
        elif kind == "connector":
            if words[:1] == ["done"]:  # a loop's status is that of its last round
                for pipeline in found:
                    pipeline.connector = "|"
            current.stages.extend(_stages_of(words, tuple(targets), depth))
            words, targets = [], []
            if current.stages and text not in {"|", "|&"}:
                current.connector = text
                found.append(current)
                current = _Pipeline([])
            elif not current.stages and found and found[-1].connector == ")":
                found[-1].connector = text  # what follows a group decides
    return found


def _unquoted(word: str) -> str:
    if len(word) > 1 and word[0] == word[-1] and word[0] in "'\"":
        return word[1:-1]
    return word.replace('"', "").replace("'", "")


def _stages_of(words: list[str], targets: tuple[str, ...], depth: int) -> list[Stage]:
    hidden = False
    start = 0
    while start < len(words) and (words[start] in _KEYWORDS or _ASSIGNMENT.match(words[start])):
        hidden = hidden or words[start] in {"if", "elif", "while", "until", "!"}
        start += 1
    rest = _unwrapped(words[start:])
    if not rest or rest[0] in _CLOSERS:
        return []
    program = _name(rest[0])
    if program in _SHELLS and depth < _MAX_DEPTH:
        for index, word in enumerate(rest[1:], 1):
            if word.startswith("-") and word.endswith("c") and index + 1 < len(rest):
                return _parse(rest[index + 1], depth + 1)
    return [Stage(program, tuple(rest[1:]), targets, hidden, folder=_folder(rest[0]))]


def _unwrapped(words: list[str]) -> list[str]:
    for _ in range(6):
        if not words:
            return words
        program = _name(words[0])
        if program == "python" and "-m" in words[1:4]:
            return words[words.index("-m") + 1 :]
        if program in _WRAPPERS and len(words) > 1:
            words = _after_options(words[1:])
        elif program in _RUNNERS and len(words) > 2 and words[1] in _RUNNERS[program]:
            words = _after_options(words[2:])
        else:
            return words
    return words


def _after_options(words: list[str]) -> list[str]:
    """Drops the wrapper's own options, assignments and durations in front of the program that it starts."""
    index = 0
    while index < len(words) - 1:
        word = words[index]
        if word in _OPTIONS_WITH_VALUE:
            index += 2
        elif word.startswith("-") or _ASSIGNMENT.match(word) or re.fullmatch(r"[\d.]+[smhd]?", word):
            index += 1
        else:
            break
    return words[index:]


def _folder(word: str) -> str:
    folder = word.rpartition("/")[0].removeprefix("./")
    return "" if folder in {"", "."} or folder.endswith("bin") else folder


def _name(word: str) -> str:
    name = word.replace("\\", "/").rsplit("/", 1)[-1].lower().removesuffix(".exe").removesuffix(".cmd")
    return re.sub(r"^(python|pip|ruby|php|node|gcc|g\+\+|clang|clang\+\+|psql)[\d.-]+$", r"\1", name)
