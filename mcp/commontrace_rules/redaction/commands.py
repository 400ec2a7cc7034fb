"""Secrets among the arguments of programs that take them without a telling name."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source, keyword
from commontrace_rules.redaction.values import is_dense, is_placeholder, is_random, is_reference

_ARGUMENT = r"(?:\"([^\"\n]{1,200})\"|'([^'\n]{1,200})'|([^\s\"'|;&)]{1,200}))"
_PAIR = r"[\"']?[^\s:\"'/]{1,80}:([^\s\"'|;&)]{1,200})"


class Option(NamedTuple):
    """A way in which some programs take a secret; the last matching group of ``pattern`` is the secret."""

    programs: str
    pattern: str
    reason: str


OPTIONS = (
    Option(
        "mysql mysqldump mysqladmin mysqlimport mysqlsh mariadb mariadb-dump mysqlcheck",
        r"\s-p(?=\S)" + _ARGUMENT,
        "password glued to -p",
    ),
    Option("7z 7za 7zr rar unrar", r"\s-p(?=\S)" + _ARGUMENT, "archive password glued to -p"),
    Option(
        "mosquitto_pub mosquitto_sub mosquitto_passwd mqttx",
        r"\s-P[ =]?" + _ARGUMENT,
        "broker password as -P",
    ),
    Option(
        "security xcrun altool notarytool hydra crackmapexec nxc evil-winrm psexec steamcmd",
        r"\s-[pw] " + _ARGUMENT,
        "password as -p",
    ),
    Option("ssh-keygen", r"\s-[PN] ?" + _ARGUMENT, "pass phrase of a key"),
    Option("plink pscp psftp putty", r"\s-pw " + _ARGUMENT, "login password"),
    Option("rclone", r"\sobscure " + _ARGUMENT, "password to obscure"),
    Option("bw", r"\s(?:unlock|login \S{1,80})(?: --?\w{1,12})* " + _ARGUMENT, "vault password"),
    Option(
        "vault bao",
        r"\s(?:operator )?(?:unseal|rekey|generate-root)(?: --?\w[^\s]{0,80}){0,4} " + _ARGUMENT,
        "share of the unseal key",
    ),
    Option(
        "mc mcli",
        r"\s(?:alias|config host) (?:set|add) \S{1,40} \S{1,120} \S{1,80} " + _ARGUMENT,
        "secret key",
    ),
    Option("cloudflared", r"\s(?:service install|tunnel run --token)[ =]" + _ARGUMENT, "tunnel token"),
    Option("railway", r"\s--browserless " + _ARGUMENT, "login token"),
    Option("lftp", r"\s-u \S{1,80}?," + _ARGUMENT, "user,password"),
    Option("net", r"\suser \S{1,80} " + _ARGUMENT + r"(?= /add)", "password of a new account"),
    Option("send", r"\s[\"']([^\"'\n]{4,200}?)\\[rn][\"']\s*$", "typed at a password prompt"),
    Option("docker podman", r"\ssecret create \S{1,80} - <<< ?" + _ARGUMENT, "secret from a here string"),
    Option(
        "wrangler gh fly flyctl vercel netlify supabase eas",
        r"\s(?:secrets?|env) (?:put|set|add|create) \S{1,80}(?: \S{1,30}){0,2} <<< ?" + _ARGUMENT,
        "secret from a here string",
    ),
    Option(
        "cryptsetup passwd veracrypt gocryptfs restic", r"<<< ?" + _ARGUMENT, "answer to a password prompt"
    ),
    Option("sshpass", r"\s-p ?" + _ARGUMENT, "login password"),
    Option(
        "docker podman helm buildah skopeo nerdctl oras crane az cf twine mongo mongosh mongodump "
        "mongorestore mongoexport "
        "mongoimport cqlsh vncviewer gcloud oc rancher argocd ibmcloud pscp plink",
        r"\s-p[ =]" + _ARGUMENT,
        "password as -p",
    ),
    Option("redis-cli valkey-cli keydb-cli", r"\s-a ?" + _ARGUMENT, "server password as -a"),
    Option(
        "curl wget http https xh httpie curlie etcdctl skopeo buildah",
        r"\s(?:-u|--user|-U|--proxy-user|-a|--auth|--(?:src-|dest-)?creds)[ =]?" + _PAIR,
        "user:password",
    ),
    Option(
        "http https xh httpie",
        r"\s(?:-A bearer|--auth-type[ =]bearer) (?:-a|--auth)[ =]" + _ARGUMENT,
        "bearer token",
    ),
    Option(
        "smbclient rpcclient smbmap winexe net",
        r"\s-U[ =]?[\"']?[^\s%\"']{1,80}%([^\s\"'|;&)]{1,200})",
        "user%password",
    ),
    Option("sqlcmd bcp isql osql tsql zip unzip zipcloak", r"\s-P ?" + _ARGUMENT, "password as -P"),
    Option(
        "ldapsearch ldapmodify ldapadd ldapdelete ldapwhoami ldappasswd",
        r"\s-w ?" + _ARGUMENT,
        "bind password as -w",
    ),
    Option("xfreerdp wfreerdp rdesktop", r"\s(?:/p:|-p ?)" + _ARGUMENT, "remote desktop password"),
    Option("signtool certutil azuresigntool", r"\s[-/](?:p|kvs)[ ]" + _ARGUMENT, "certificate password"),
    Option(
        "keytool jarsigner", r"\s-(?:(?:src|dest)?(?:storepass|keypass))[ ]" + _ARGUMENT, "key store password"
    ),
    Option("cypress", r"\s--key[= ]" + _ARGUMENT, "recording key"),
    Option("sqlplus rman", r"\s[\w.]{1,40}/([^\s@/\"]{4,80})(?=@|\s|$)", "user/password"),
    Option("openssl", r"\s(?:pass:|-k |-K )" + _ARGUMENT, "pass phrase argument"),
    Option(
        "rabbitmqctl",
        r"\b(?:add_user|change_password|authenticate_user) \S{1,80} " + _ARGUMENT,
        "positional password",
    ),
    Option("htpasswd", r"\s-\w*b\w* (?:\S{1,120} )?[\w.@-]{1,80} " + _ARGUMENT, "password in batch mode"),
    Option("net", r"\buse \S{1,80} \S{1,160} (?:/user:\S{1,80} )?" + _ARGUMENT, "network share password"),
    Option(
        "snyk ngrok doctl vault flyctl wandb netlify railway cachix huggingface-cli hf codecov "
        "sonar-scanner gitlab-runner",
        r"\s(?:auth|authtoken|add-authtoken|login|-t|--auth-token|-r"
        r"|--registration-token)(?:[ =](?:init|-t|-a))?[ =]" + _ARGUMENT,
        "token to log in with",
    ),
    Option("ConvertTo-SecureString", r"\s(?:-String )?" + _ARGUMENT, "PowerShell literal"),
    Option("gh", r"\ssecret set \S{1,80} (?:-b|--body)[ =]" + _ARGUMENT, "secret of a repository"),
    Option(
        "wpa_passphrase nmcli iwconfig",
        r"\s(?:password|key|[\w-]{1,32}) " + _ARGUMENT + r"\s*$",
        "wireless key",
    ),
    Option(
        "echo printf",
        r"\s(?:-n )?(?:[\"']%s(?:\\n)?[\"'] )?" + _ARGUMENT + r"\s*(?:\)|$)",
        "piped to a password prompt",
    ),
)

_PROMPTED = (
    r"\|[^\n|]{0,80}(?:--\w*(?:password|pass|token)\w*-?stdin|--with-token|sudo -S|--password-fd"
    r"|passwd|chpasswd|cryptsetup|kinit|--token-stdin|\b(?:devops|auth|oauth|hub|registry) login\b)"
)
_SUBSTITUTED = r"(?i)(?:pass|token|secret)[\w-]{0,20}[ =]<\(\s?\Z"
_SEPARATORS = r"[\n|;&]"


@cache
def _programs() -> dict[str, list[Option]]:
    table: dict[str, list[Option]] = {}
    for option in OPTIONS:
        for program in option.programs.split():
            table.setdefault(program, []).append(option)
    return table


@cache
def _keywords() -> dict[str, list[str]]:
    """The programs by the word that a text must hold to name them."""
    table: dict[str, list[str]] = {}
    for program in _programs():
        table.setdefault(keyword(program) or program.lower(), []).append(program)
    return table


def _mentioned(source: Source) -> Iterator[re.Match[str]]:
    """Yield where a known program is named as the word of a command."""
    for word in _keywords().keys() & source.words:
        for program in _keywords()[word]:
            pattern = compiled(rf"({re.escape(program)})(?:\.exe)?(?=[ \t])")
            for match in pattern.finditer(source.text):
                before = source.text[max(0, match.start() - 2) : match.start()]
                if not (before[-1:].isalnum() or before[-1:] in ("_", ".", "-")) or (
                    before[:1] == "\\" and before[-1] in "nrt"
                ):
                    yield match


def passed(source: Source) -> Iterator[Finding]:
    """Yield secrets passed to known programs, one shell command at a time."""
    text = source.text
    segment_end = 0
    seen: set[str] = set()
    for match in sorted(_mentioned(source), key=lambda match: (match.start(), -match.end())):
        if match.start() >= segment_end:
            segment_end, seen = _segment_end(text, match.end()), set()
        if match[1] in seen:
            continue
        seen.add(match[1])
        for option in _programs()[match[1]]:
            if option.programs.startswith("echo") and not _is_prompted(text, match.start(), segment_end):
                continue
            yield from _arguments(text, match.end(), segment_end, compiled(option.pattern))


def _is_prompted(text: str, start: int, end: int) -> bool:
    """Tell whether what the command at ``start`` prints is read as a password: by a pipe or in place of a file."""
    lead = text[max(0, start - 60) : start]
    piped = compiled(_PROMPTED).match(text, end)
    return piped is not None or compiled(_SUBSTITUTED).search(lead) is not None


@cache
def _pgpass() -> re.Pattern[str]:
    return re.compile(r"(?m):(?:\d{4,5}|\*):[\w.*-]{1,64}:[\w.*-]{1,64}:([^\s:]{4,200})$")


def password_files(source: Source) -> Iterator[Finding]:
    """Yield the passwords of ``.pgpass`` lines (host:port:database:user:password)."""
    for match in _pgpass().finditer(source.text):
        if is_random(match[1]) and not is_placeholder(match[1]):
            yield Finding("secret:password", *match.span(1))


def _segment_end(text: str, start: int) -> int:
    separator = compiled(_SEPARATORS).search(text, start, start + 2000)
    return separator.start() if separator else min(len(text), start + 2000)


def _arguments(text: str, start: int, end: int, options: re.Pattern[str]) -> Iterator[Finding]:
    for match in options.finditer(text, start, end):
        group = match.lastindex or 0
        value = match[group]
        if (
            len(value) < 4
            or is_placeholder(value)
            or is_reference(value)
            or (value.startswith("-") and text[match.start(group) - 1].isspace())
        ):
            continue
        if (is_random(value) or _is_mixed(value)) and not _is_port(value):
            yield Finding(
                "secret:password" if not is_dense(value, least=20) else "secret:token", *match.span(group)
            )


def _is_mixed(value: str) -> bool:
    """Tell whether a word of letters mixes its cases as a generated password does, and no name of a thing."""
    return len(value) >= 8 and value.isalpha() and value[1:].lower() != value[1:] and value.upper() != value


def _is_port(value: str) -> bool:
    """Tell a port mapping or a path (`-p 8080:80`, `-p a/b`) from a password."""
    return re.fullmatch(r"[\d.:-]+(?:/\w{3})?|[\w.-]+(?:/[\w.-]+)+/?", value) is not None
