"""What is known of programs: who only shows text, who shows text of others, whose failure means "no"."""

from typing import Final

from commontrace.failure.shell import Stage, word_set

# They print what they are given: errors in what they print are not theirs.
READERS: Final = word_set(
    "cat bat batcat sed head tail less more awk gawk mawk grep egrep fgrep zgrep rg ag ack ls ll exa"
    " eza tree find fd fdfind echo printf wc sort uniq cut tr jq yq xq column nl tac stat file du df"
    " strings xxd hexdump od diff cmp comm colordiff curl wget http httpie xh gh glab man help tldr"
    " history env printenv date pwd which whereis type whoami id ps top uname hostname basename"
    " dirname realpath readlink tee xargs rev fold fmt paste true false sleep cd pushd popd export set"
    " unset mkdir touch cp mv rm rmdir ln chmod chown test [ [[ read zcat free lsof ss netstat ip dig"
    " nslookup host seq yes expr md5sum sha256sum base64 tar zip unzip gzip gunzip open code wait kill"
    " pgrep trap exit return let declare local"
)
_READING_SUBCOMMANDS: Final = {
    "git": word_set(
        "log show diff blame status branch grep stash reflog shortlog describe ls-files ls-tree rev-parse"
        " rev-list config remote tag cat-file show-ref for-each-ref whatchanged help"
    ),
    "docker": word_set("inspect images ps info version history diff stats"),
    "kubectl": word_set("get explain api-resources config version top"),
    "npm": word_set("view info ls list search help explain docs outdated"),
    "pip": word_set("list show freeze help"),
    "cargo": word_set("tree metadata search help"),
}
_HISTORY: Final = word_set("log show diff blame reflog shortlog whatchanged grep")
_OBSERVING_SUBCOMMANDS: Final = {
    "docker": ("logs", "attach", "service"),
    "podman": ("logs",),
    "docker-compose": ("logs",),
    "kubectl": ("logs", "describe", "rollout", "get"),
    "systemctl": ("status",),
    "pm2": ("logs",),
    "heroku": ("logs",),
    "fly": ("logs",),
    "flyctl": ("logs",),
    "supervisorctl": ("tail",),
    "stern": ("",),
    "journalctl": ("",),
}
# They write nothing of their own: text is data, and an error shows with its stack or at the end.
INTERPRETERS: Final = word_set("python node ruby perl php deno bun java lua rscript julia psql mysql sqlite3")
LINTERS: Final = word_set(
    "pylint flake8 ruff mypy pyright shellcheck yamllint hadolint psalm phpstan rubocop golangci-lint"
    " clippy markdownlint bandit tflint pycodestyle pydocstyle vulture sqlfluff"
)
# Their output is about their own work, so what they refuse is a failure.
BUILDERS: Final = word_set(
    "npm pnpm yarn pip uv poetry pdm conda gem bundle composer cargo go cmake docker podman helm terraform"
    " apt apt-get brew"
)
_GIVEN: Final = {  # options after which a script follows
    "python": word_set("-c"), "node": word_set("-e -p --eval --print"), "ruby": word_set("-e -ne -pe"),
    "perl": word_set("-e -ne -pe -E"), "php": word_set("-r"), "lua": word_set("-e"),
}  # fmt: skip
# Exit status 1 answers a question.
_PREDICATES: Final = word_set(
    "grep egrep fgrep zgrep rg ag ack diff cmp comm colordiff test [ [[ pgrep which whereis type"
    " command expr pidof false fuser lsof getent killall pkill hash let read"
)
_GIT_PREDICATES: Final = word_set(
    "grep diff check-ignore merge-base config show-ref rev-parse ls-remote ls-files check-attr"
    " symbolic-ref cat-file for-each-ref"
)
# They can succeed while what they ran failed.
_SCRIPTS: Final = word_set("bash sh zsh dash source . psql mysql parallel")


def reads(stage: Stage) -> bool:
    """Whether the program only shows text that others wrote."""
    return stage.program in READERS or stage.subcommand in _READING_SUBCOMMANDS.get(stage.program, ())


def tells_history(stage: Stage) -> bool:
    """Whether git prints what people have written."""
    return stage.program == "git" and stage.subcommand in _HISTORY


def observes(stage: Stage) -> bool:
    """Whether the program shows the log of something that runs elsewhere, as `docker compose logs` does."""
    if stage.program == "gh":
        return "run" in stage.words and any(word.startswith("--log") for word in stage.words)
    shows = _OBSERVING_SUBCOMMANDS.get(stage.program)
    return shows is not None and ("" in shows or any(word in shows for word in stage.words[:6]))


def is_script(stage: Stage) -> bool:
    """Whether the program runs a script, in which a failure may have been passed over."""
    if stage.program == "make":
        return any(word in {"-i", "-k", "--ignore-errors", "--keep-going"} for word in stage.words)
    if stage.program in {"psql", "mysql"} and {"-c", "-e", "--command", "--execute"} & set(stage.words):
        return False
    return (stage.program in _SCRIPTS and bool(stage.words or stage.targets)) or stage.program.endswith(".sh")


def is_given(stage: Stage, command: str) -> bool:
    """Whether an interpreter runs a script that stands in the command itself: mostly to look at something."""
    flags = _GIVEN.get(stage.program)
    return flags is not None and ("<<" in command or not flags.isdisjoint(stage.words[:3]))


def answers_no(stage: Stage, exit_code: int) -> bool:
    """Whether this exit status is the program's way of answering "no" or "nothing found"."""
    if stage.program == "git":
        plain = [word for word in stage.words if not word.startswith("-")]
        asks = stage.subcommand != "config" or len(plain) == 2  # with a third it sets
        return exit_code == 1 and stage.subcommand in _GIT_PREDICATES and asks
    if stage.program == "jq":
        return exit_code in {1, 4} and bool({"-e", "--exit-status"} & set(stage.words))
    if stage.program == "systemctl":
        return stage.subcommand in {"is-active", "is-enabled", "is-failed", "status"} and exit_code in {
            1,
            3,
            4,
        }
    if stage.program in {"npm", "pnpm", "yarn"}:
        return exit_code == 1 and stage.subcommand == "outdated"
    if stage.program == "terraform":
        return exit_code == 2 and any("detailed-exitcode" in word for word in stage.words)
    return exit_code == 1 and stage.program in _PREDICATES
