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
    "python": word_set("test check"),
}
_OTHER_SUBCOMMANDS: Final = {
    "python": word_set("manage.py"),
    "ruff": word_set("check"),
    "biome": word_set("check lint ci"),
    "playwright": word_set("test"),
    "cypress": word_set("run"),
    "golangci-lint": word_set("run"),
    "coverage": word_set("run report"),
}
_FIXES: Final = word_set("--fix --write -w --in-place -i format --unsafe-fixes --autofix")
_PRESENTATION: Final = word_set(
    "-v -vv -vvv -q -qq --verbose --quiet --silent --color --colors --no-color --colour --progress"
    " --no-progress --loglevel --log-level --debug --no-header --no-summary --no-fund --no-audit"
    " --stacktrace --ansi --plain --full-stacktrace --info --scan --no-daemon -V=1 V=1 V VERBOSE"
)
_CHECKERS_PRESENTATION: Final = word_set(
    "-x -s -l -ra -rA -rs -rf --tb --exitfirst --maxfail --bail --durations --showlocals --capture"
    " --nocapture --no-cov --ci --runInBand --reporter --reporters --pretty --no-pretty --output-"
    " format --format --full-trace --backtrace -j -n --numprocesses --cov --cov-report --cov-append --info"
    " --watch --watchAll --headed --output-format --debug -rx -rP --workers --threads --verbosity"
)
_WITH_VALUE: Final = word_set(  # options of checkers whose value is the next word
    "--tb --maxfail --durations --reporter --format -f -n --numprocesses --cov-report --workers -j"
    " --verbosity -p -c --config -o --rootdir --project --timeout --output-format -k -m -run -t -g --grep"
    " --filter --tests --testNamePattern --select --ignore -D -W --test --bin -count -timeout"
)
_NARROWS: Final = pattern(
    r"-(?:k|m|run|t|g|D)\b.*|-D?[tT]est=.*"
    r"|--(?:grep|filter|tests|testNamePattern|lf|last-failed|ff|sw|stepwise|ignore|ignore-glob|deselect"
    r"|exclude|shard|onlyChanged|changed|test|bin"
    r"|lib|example)(?:[ =].*)?"
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
_INSTALLERS: Final = word_set(
    "npm pnpm yarn bun pip pip3 uv poetry pdm conda gem bundle composer apt apt-get brew go"
)
_INSTALLS: Final = word_set("install i add ci sync require get restore bundle")
_VERSIONED: Final = pattern(r"(@?[A-Za-z][\w./\[\]-]*?)((?:===?|[<>~!]=|[<>]|@|:)[\w.*^~-]+(?:,.*)?)")
_PREPARES: Final = {  # what a command does first, for what it is about
    "git": word_set("pull fetch checkout stash add clone switch reset"),
    "docker": word_set("compose pull start"),
    "docker-compose": word_set("up pull build"),
    "cargo": word_set("build check fetch update clean"),
    "make": word_set("clean deps install setup"),
    "mvn": word_set("clean"),
    "cmake": word_set("-B -S .. ."),
    "go": word_set("mod generate get"),
    "systemctl": word_set("start restart"),
    "service": word_set("start restart"),
}
_FAILED_ITSELF: Final = pattern(
    r"(?m)npm (?:ERR!|error) code E(?!LIFECYCLE)|ERR_PNPM|YN\d{4}: .*(?:fail|error)"
    r"|^(?:ERROR|fatal|error|E): |No solution found|^CONFLICT|failed to solve|CMake Error"
    r"|make: \*\*\* .*\b(?:clean|deps|install|setup)\b"
    r"|Error response from daemon|Cannot connect to the Docker|Failed to start"
    r"|error: subprocess-exited"
)
_INTERPRETERS: Final = word_set("python node ruby perl php deno bun lua psql mysql sqlite3 redis-cli mongosh")


def is_checker(stage: Stage) -> bool:
    """Whether the program only judges: its options choose what is judged, and it changes nothing."""
    if stage.program.endswith("fmt") or (
        stage.program in {"ruff", "prettier", "black", "isort"} and _writes(stage)
    ):
        return False
    if stage.program in _CHECKERS:
        return True
    checks = _CHECKING_SUBCOMMANDS.get(stage.program)
    return checks is not None and any(word in checks for word in stage.words[:3])


def subcommands(stage: Stage) -> frozenset[str]:
    """Words of a checker that are no paths."""
    return _CHECKING_SUBCOMMANDS.get(stage.program, frozenset()) | _OTHER_SUBCOMMANDS.get(
        stage.program, frozenset()
    )


def is_installer(stage: Stage) -> bool:
    """Whether the program installs packages."""
    return stage.program in _INSTALLERS and any(word in _INSTALLS for word in stage.words[:3])


def without_version(word: str) -> tuple[str, str]:
    """A package's name and the version that is asked for, if one is."""
    parts = _VERSIONED.fullmatch(word)
    return (parts[1], parts[2]) if parts else (word, "")


def prepares(stage: Stage) -> bool:
    """Whether the program makes ready what another program of the same command is about."""
    if is_installer(stage) or (stage.program == "yarn" and not stage.words):
        return True
    return any(word in _PREPARES.get(stage.program, ()) for word in stage.words[:3])


def has_failed_itself(output: str) -> bool:
    """Whether what prepares says in the output that it failed."""
    return _FAILED_ITSELF.search(output) is not None


def takes_value(option: str) -> bool:
    """Whether the word after this option of a checker belongs to it."""
    return option in _WITH_VALUE


def narrows(option: str) -> bool:
    """Whether an option of a checker, with its value, makes it judge less."""
    return _NARROWS.fullmatch(option) is not None


def is_fix(option: str) -> bool:
    """Whether an option has a checker mend what it finds."""
    return option in _FIXES


def _writes(stage: Stage) -> bool:
    return "format" in stage.words or not {"check", "--check", "-c", "--diff"} & set(stage.words)


def shows_only(option: str, *, checker: bool) -> bool:
    """Whether an option changes no more than what is printed, or how fast."""
    name = re.split("[= ]", option, maxsplit=1)[0]
    if name in _PRESENTATION or re.fullmatch(r"--|-j\d*|--jobs|--parallel", name):
        return True
    return checker and (name in _CHECKERS_PRESENTATION or option == "-p no:cacheprovider")


def is_lenient(option: str) -> bool:
    """Whether an option lets a program pass because it does less."""
    return _LENIENT.fullmatch(option) is not None


def is_probe(stage: Stage, command: str) -> bool:
    """Whether an interpreter runs a script given on the spot that changes nothing, as far as one can see."""
    given = "<<" in command or bool({"-c", "-e", "-p", "--eval", "--print", "--command"} & set(stage.words))
    return stage.program in _INTERPRETERS and given and not _WRITES.search(command)
