"""What programs and their options mean for telling two runs of a command to be the same."""

import re
from typing import Final

from commontrace.failure.shell import Stage, word_set
from commontrace_rules.text import pattern

SETUP: Final = word_set("source . nvm conda mamba pyenv rbenv asdf direnv ulimit umask break continue wait")
"""They prepare the shell that runs the rest of the command."""
FILES: Final = word_set("mv cp rm rmdir ln chmod chown mkdir touch tee unzip gunzip tar kill trap")
"""Programs of the readers that change something all the same."""
FETCHERS: Final = word_set("curl wget http https httpie xh")
SHOWERS: Final = word_set("tail cat tee less more true : echo sleep printf cd exit")
"""After these in a pipe or a list, the end of a program's output can still be seen."""
_CHECKERS: Final = word_set(
    "pytest py.test unittest nose2 tox nox jest vitest mocha ava karma cypress playwright rspec"
    " phpunit pest ctest mypy pyright pyre pylint flake8 ruff bandit eslint tsc vue-tsc stylelint"
    " shellcheck hadolint yamllint golangci-lint staticcheck rubocop phpstan psalm doctest prettier"
    " black isort biome jshint htmlhint"
)
_CHECKING_SUBCOMMANDS: Final = {
    "go": word_set("test vet list"),
    "cargo": word_set("test check clippy nextest bench"),
    "npm": word_set("test t lint"),
    "pnpm": word_set("test t lint"),
    "yarn": word_set("test lint"),
    "bun": word_set("test"),
    "deno": word_set("test check lint"),
    "dotnet": word_set("test"),
    "mvn": word_set("test verify"),
    "gradle": word_set("test check"),
    "gradlew": word_set("test check"),
    "make": word_set("test tests check lint"),
    "terraform": word_set("plan validate"),
    "mix": word_set("test"),
    "swift": word_set("test"),
    "python": word_set("manage.py"),
}
_FIXES: Final = word_set("--fix --write -w --in-place -i format --unsafe-fixes --autofix")
_PRESENTATION: Final = word_set(
    "-v -vv -vvv -q -qq --verbose --quiet --silent --color --colors --no-color --colour --progress"
    " --no-progress --loglevel --log-level --debug --no-header --no-summary --no-fund --no-audit"
    " --stacktrace --ansi --plain"
)
_CHECKERS_PRESENTATION: Final = word_set(
    "-x -s -l -ra -rA -rs -rf --tb --exitfirst --maxfail --bail --durations --showlocals --capture"
    " --nocapture --no-cov --ci --runInBand --reporter --reporters --pretty --no-pretty --output-"
    " format --format --full-trace --backtrace -j"
)
_LENIENT: Final = pattern(
    r"-n|-h|--(?:dry-run|help|version|list|no-run|collect-only|co|if-present|passwithnotests|allow-empty"
    r"|(?:ignore|skip|deselect|exclude|keep-going|force-exclude|continue-on|no-verify|exit-zero)[\w-]*)(?:=.*)?",
    re.IGNORECASE,
)
_WRITES: Final = pattern(
    r"(?i)\b(?:write\w*|unlink|rename|remove|rmtree|copy\w*|move|mkdir|makedirs|touch|replace|dump|save\w*"
    r"|insert|update|create|alter|drop|delete|grant|truncate|migrate|install|set_\w+|setItem|chmod)\b"
)
_INTERPRETERS: Final = word_set("python node ruby perl php deno bun lua psql mysql sqlite3 redis-cli mongosh")


def is_checker(stage: Stage) -> bool:
    """Whether the program only judges: its options choose what is judged, and it changes nothing."""
    if set(stage.words) & _FIXES or stage.program.endswith("fmt"):
        return False
    if stage.program in _CHECKERS:
        return True
    checks = _CHECKING_SUBCOMMANDS.get(stage.program)
    return checks is not None and any(word in checks for word in stage.words[:3])


def shows_only(option: str, *, checker: bool) -> bool:
    """Whether an option changes no more than what is printed."""
    name = option.split("=", 1)[0]
    return name in _PRESENTATION or (checker and name in _CHECKERS_PRESENTATION)


def is_lenient(option: str) -> bool:
    """Whether an option lets a program pass because it does less."""
    return _LENIENT.fullmatch(option) is not None


def is_probe(stage: Stage, command: str) -> bool:
    """Whether an interpreter runs a script given on the spot that changes nothing, as far as one can see."""
    given = "<<" in command or bool({"-c", "-e", "-p", "--eval", "--print", "--command"} & set(stage.words))
    return stage.program in _INTERPRETERS and given and not _WRITES.search(command)
