"""Forced recursive removals, judged by what they remove."""

import re
from collections.abc import Iterator

from commontrace_rules.screening.rules import HELD, REFUSED, Hit, compiled

_REMOVE = (
    r"(?<![\w.-])(?:rm|srm|trash|rimraf|del)\b((?:[ \t]{1,4}(?:-{1,2}[\w-]{1,24}(?:=\S{1,20})?"
    r"|\"[^\"\n]{1,120}\"(?:/[\w.*/-]{0,40})?|'[^'\n]{1,120}'|(?:[^\s;&|`\"'<>)]|(?<=/)\"[^\"\n]{1,60}\"(?=/)){1,160})){1,24})"
)
_HOME_PARTS = frozenset(
    ".ssh .gnupg .aws .kube .config .local .local/share .local/state .local/lib .git documents desktop downloads pictures library "
    "projects project src code work workspace dev repos repo .mozilla backup backups".split()
)
_SYSTEM_PARTS = frozenset(
    "bin boot dev etc home lib lib32 lib64 opt proc root run sbin srv sys usr var users windows "
    "system applications library volumes mnt media".split()
)
_SYSTEM_INNER = frozenset(
    "usr/bin usr/lib usr/lib64 usr/share usr/sbin usr/local usr/include usr/local/bin "
    "usr/local/lib var/lib var/log etc/ssl etc/ssh etc/pam.d etc/sudoers var/lib/postgresql "
    "var/lib/mysql usr/lib/python3 usr/lib/python3/dist-packages home/* users/* library/application".split()
)
_SHARED_DATA = (
    r"/var/lib/(?!(?:apt|dpkg|yum|dnf|pacman|cni|kubelet|calico)(?:/|$))[\w.-]{2,40}(?:/\*?|/data/?\*?)?$"
    r"|/usr/(?:local/)?lib(?:64|32)?/(?:python[\d.*]{0,8}|systemd|modules|[\w]+-linux-gnu)(?:/\*?)?$"
)
"""The data of services and the libraries of the system: more than one project's."""


def removals(text: str) -> Iterator[Hit]:
    """Yield forced recursive removals of the home directory, the system, or everything around the project."""
    for match in compiled(_REMOVE).finditer(text):
        words = [
            re.sub(r"[\"']", "", word)
            for word in re.findall(r"(?:[^\s\"']|\"[^\"]*\"|'[^']*')+|\S+", match[1])
        ]
        flags = [word for word in words if word.startswith("-")]
        recursive = any(
            "r" in flag.lstrip("-")
            if not flag.startswith("--")
            else flag in ("--recursive", "--no-preserve-root")
            for flag in flags
        )
        targets = [_path(word) for word in words if not word.startswith("-")]
        if recursive and any(map(_is_vital, targets)):
            yield Hit("destructive", REFUSED, "removes the home directory or the system", *match.span())
        elif recursive and any(compiled(_SHARED_DATA).match(target) for target in targets):
            yield Hit("destructive", HELD, "removes what other programs keep", *match.span())


def _path(word: str) -> str:
    path = re.sub(r"^(?:\$\{?home\}?|%userprofile%)", "~", word).rstrip(",.:")
    return re.sub(r"/{2,}", "/", path)


def _is_vital(path: str) -> bool:
    if path in (
        "~",
        "~/",
        "~/*",
        "~/.*",
        "~/.[!.]*",
        "/",
        "/*",
        "/.",
        "../*",
        "..",
        "../..",
        "../../*",
        "c:\\",
        "c:/",
        "~/.",
        "./../*",
    ):
        return True
    if re.match(
        r"\$\((?:git rev-parse --show-toplevel|pwd|dirname[^)]{0,40}|echo ~|npm root[^)]{0,12})\)(?:/\*?|/\.\.)?$",
        path,
    ):
        return True
    if path.startswith("~/"):
        return path[2:].rstrip("/*").lower() in _HOME_PARTS
    if re.match(r"\$\{?\w{1,30}\}?/\*?$", path):
        return True  # an unset variable makes this the root directory
    if path.startswith("/"):
        inner = path.strip("/").rstrip("*").rstrip("/").lower()
        return (
            inner in _SYSTEM_PARTS
            or inner in _SYSTEM_INNER
            or re.fullmatch(r"(?:home|users)/[^/]{1,40}", inner) is not None
        )
    return False
