"""Finds announced tokens, JSON web tokens and other secrets recognised by their own form."""

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from typing import NamedTuple

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source, keyword
from commontrace_rules.redaction.values import MAX_JUDGED, is_dense, is_placeholder, is_random, remembered
from commontrace_rules.redaction.vendors import GENERIC, VENDORS, Vendor

_TRUNCATED = r"\s{0,3}(?:\.\.\.|…|[\[<(][^\]\n]{0,30}?(?:trunc|omit|elid|snip|cut))"


def is_cut(text: str, end: int) -> bool:
    """Tell whether ``text`` was truncated at ``end``: it ends there, or a truncation mark follows."""
    return end >= len(text) or compiled(_TRUNCATED).match(text, end) is not None


class _Row(NamedTuple):
    prefix: str
    vendor: Vendor
    keyword: str
    pattern: str


@cache
def _rows() -> tuple[_Row, ...]:
    """Return every prefix with its pattern, the longest first: it names the token best."""
    rows = [
        _Row(prefix, vendor, keyword(prefix), rf"{re.escape(prefix)}((?:{vendor.body}){{2,}}+)")
        for vendor in VENDORS
        for prefix in vendor.prefixes.split()
    ]
    return tuple(sorted(rows, key=lambda row: -len(row.prefix)))


@cache
def _places() -> tuple[Mapping[str, Sequence[int]], Sequence[int]]:
    """Return the places of rows by their keyword, and those of the rows without one."""
    keywords: dict[str, list[int]] = {}
    for place, row in enumerate(_rows()):
        keywords.setdefault(row.keyword, []).append(place)
    others = keywords.pop("", [])
    return keywords, others


def announced(source: Source) -> Iterator[Finding]:
    """Yield tokens that start with a vendor's prefix, whole or cut off at a truncation."""
    text, rows = source.text, _rows()
    keywords, others = _places()
    places = [place for word in keywords.keys() & source.words for place in keywords[word]]
    places += [place for place in others if source.holds(rows[place].prefix)]
    for row in (rows[place] for place in sorted(places)):
        for match in compiled(row.pattern).finditer(text):
            stop = 0 if _is_inside(text, match.start()) else _token_end(text, row, match)
            if stop:
                yield Finding(f"secret:{row.vendor.kind}", match.start(), stop)


def _is_inside(text: str, start: int) -> bool:
    """Tell whether a word goes on at ``start``; after an escaped line break one begins."""
    return text[start - 1 : start].isalnum() and not (
        text[start - 1] in "nrt" and text[start - 2 : start - 1] == "\\"
    )


def _token_end(text: str, row: _Row, match: re.Match[str]) -> int:
    """Return where the token ends that ``match`` may be, 0 if it is none."""
    start, position = match.span(1)
    value = match[1].rstrip(".-,")
    stop = start + len(value)
    proof = _proof(value[:MAX_JUDGED], row.vendor.least, row.prefix in GENERIC)
    cut = proof is _Proof.CUT and (is_cut(text, stop) or (position > stop and is_cut(text, position)))
    return stop if cut or proof is _Proof.WHOLE else 0


class _Proof(Enum):
    """Whether what follows a prefix is a token."""

    NONE = "never"
    CUT = "if a truncation follows"
    WHOLE = "always"


@remembered
def _proof(value: str, least: int, generic: bool) -> _Proof:
    if not value or is_placeholder(value):
        return _Proof.NONE
    numeric = value.isdigit() or (not generic and value.replace("-", "").isdigit())
    if is_random(value) or numeric:
        if len(value) < least:
            return _Proof.NONE if generic else _Proof.CUT
        return _Proof.WHOLE if not generic or _has_digit(value) or len(value) >= 32 else _Proof.NONE
    # Letters only, by chance or after a cut: a specific prefix is proof enough, but for names in lower case.
    if generic:
        return _Proof.NONE
    if (value != value.lower() and len(value) >= least) or (value.isalpha() and len(value) >= 30):
        return _Proof.WHOLE
    return _Proof.CUT if 2 <= len(value) < least else _Proof.NONE


def _has_digit(value: str) -> bool:
    return any(map(str.isdigit, value))


_JWT = r"e(?:yJ|wo[gi])(?<![A-Za-z0-9]e..)([A-Za-z0-9_-]*+)((?:\.[A-Za-z0-9_-]*+){0,4})"
_SHAPES = (
    # kind, what every such token contains, pattern with one group for the secret, reason
    (
        "telegram-token",
        ":AA",
        r"([0-9](?<![0-9].)[0-9]{7,9}:AA[A-Za-z0-9_-]{30,36})",
        "Telegram bot: id, colon, key",
    ),
    (
        "discord-token",
        ".",
        r"([MNO](?<![\w.-].)[A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,40})",
        "Discord bot",
    ),
    (
        "azure-client-secret",
        "Q~",
        r"(?<![\w~.-])([A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{25,40})",
        "Entra application secret",
    ),
    (
        "terraform-token",
        ".atlasv1.",
        r"(?<![A-Za-z0-9])([A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{40,80})",
        "Terraform Cloud",
    ),
    (
        "mailchimp-key",
        "-us",
        r"(?<![A-Za-z0-9])([0-9a-f]{32}-us[0-9]{1,2})(?![A-Za-z0-9])",
        "Mailchimp with data centre",
    ),
    ("firebase-key", ":APA91b", r"([A-Za-z0-9_-]{7,40}:APA91b[A-Za-z0-9_-]{40,200})", "Firebase messaging"),
    ("maxmind-key", "_mmk", r"(?<![A-Za-z0-9])([A-Za-z0-9]{6}_[A-Za-z0-9]{29}_mmk)", "MaxMind licence"),
    ("asana-token", "/", r"(/(?<=[012]/)\d{9,18}(?:/\d{9,18})?:[0-9a-f]{32})", "Asana: version, user, key"),
    ("kaggle-key", '"key"', r"\"username\": ?\"[\w.-]{1,40}\", ?\"key\": ?\"([0-9a-f]{32})\"", "Kaggle"),
    (
        "app-password",
        "assword",
        r"assword[\"']?[:= ]{1,3}[\"']?([a-z0-9]{4}(?: [a-z0-9]{4}){3})(?![\w ])",
        "Google app password",
    ),
    ("vault-key", " Key ", r"(?:Unseal|Recovery) Key \d{1,2}: ([A-Za-z0-9+/=]{32,90})", "Vault key shares"),
    (
        "stripe-client-secret",
        "_secret_",
        r"([a-z]{2,5}_[A-Za-z0-9]{16,40}_secret_[A-Za-z0-9]{16,40})",
        "Stripe intent",
    ),
    (
        "newrelic-key",
        "NRAL",
        r"(?<![0-9a-z])([0-9a-z]{26,44}+(?:FFFF)?NRAL)(?![A-Za-z0-9])",
        "New Relic licence",
    ),
    ("newrelic-key", "-NRMA", r"((?:AA|eu01xx)[0-9a-f]{36,40}-NRMA)", "New Relic mobile application"),
    ("salesforce-session", "!", r"(00[A-Za-z0-9]{13,16}![A-Za-z0-9._]{60,120})", "Salesforce session"),
    (
        "okta-token",
        "00",
        r"(00(?<![\w-]00)(?=[\w-]{0,39}[A-Z])(?=[\w-]{0,39}[a-z])(?=[\w-]{0,39}[3-9])[\w-]{40})(?![\w-])",
        "Okta API token",
    ),
    ("zoho-token", "1000.", r"(1000\.[0-9a-f]{32}\.[0-9a-f]{32})", "Zoho OAuth"),
    (
        "harness-token",
        "at.",
        r"(?<![\w.])([ps]at\.[\w-]{20,24}\.[A-Za-z0-9]{20,26}\.[A-Za-z0-9]{18,22})(?![\w.])",
        "Harness: account, id, key",
    ),
    (
        "jwk",
        '"kty"',
        r"\"(?:d|p|q|dp|dq|qi|k)\" ?: ?\"([\w-]{16,2048})\"",
        "private members of a JSON web key",
    ),
    (
        "private-key",
        "RSAKeyValue",
        r"<(?:D|P|Q|DP|DQ|InverseQ)>([A-Za-z0-9+/=\s]{16,4096})</",
        "private members of a .NET key",
    ),
    (
        "vault",
        "$ANSIBLE_VAULT;",
        r"\$ANSIBLE_VAULT;[\d.;A-Za-z0-9]{4,40}\s{1,20}((?:[0-9a-f]{8,100}\s{0,20}){1,400})",
        "an encrypted file is still a secret's body",
    ),
    ("password", " >", r"(?m)^user \S{1,40} on\b[^\n]{0,60}? >([^\s<]\S{5,200})", "Redis access list"),
    (
        "private-key",
        "LS0tLS1CRUdJTi",
        r"(LS0tLS1CRUdJTi(?:BQUklWQVRF|BSU0EgUFJJV|BFQyBQUklW|BEU0EgUFJJV|BPUEVOU1NIIFBSSVZ|BFTkNSWVBURUQgUFJJV)[A-Za-z0-9+/=]{16,}+)",
        "a PEM private key in base64",
    ),
    ("private-key", "rivate key", r"0x([0-9a-fA-F]{64})(?=[^\n]{0,20}[Pp]rivate key)", "key of an account"),
    (
        "private-key",
        "prv",
        r"(?<![A-Za-z0-9])([xyztuv]prv[A-Za-z0-9]{80,112})(?![A-Za-z0-9])",
        "extended private key of a wallet",
    ),
    (
        "password",
        "chpasswd",
        r"(?<![\w.-])[\w.-]{1,32}+:([^\s\"'|$]{4,100}+)[\"']?\s?\|\s?(?:sudo )?(?:/usr/sbin/)?chpasswd\b",
        "a login given to chpasswd",
    ),
    (
        "password",
        "auth",
        r"[Aa][Uu][Tt][Hh](?i:(?<=basicauth)|(?<=httpauth)|(?<=proxyauth)|(?<=basic_auth)|(?<=http_auth)|(?<=proxy_auth))(?i:[a-z_]{0,12}[\"']?[ \t]{0,3}[:=][ \t]{0,3}[\"']?[\w.@-]{1,40}:((?=[^\s\"',;:]{0,100}\d)[^\s\"',;:]{6,100}))",
        "user and password of a proxy or a page",
    ),
    ("openshift-token", "sha256~", r"(sha256~[A-Za-z0-9_-]{30,60})", "OpenShift user token"),
)


def web_tokens(source: Source) -> Iterator[Finding]:
    """Yield JSON web tokens (three or five dotted parts), also cut ones."""
    text = source.text
    if "eyJ" not in text and "ewo" not in text:
        return
    for match in compiled(_JWT).finditer(text):
        whole = len(match[2]) >= 12 and len(match[1]) >= 6
        cut = (
            is_cut(text, match.end())
            and len(match[1]) >= 4
            and not text.endswith("base64,", 0, match.start())
        )
        if whole or cut:
            yield Finding("secret:jwt", match.start(), match.end() - match[0].endswith("."))


_GAP = r"(?:trunc|omitt|elid|snipp)[a-z]{1,6}\b[^\n\])>]{0,20}"
_GAP_OPENED = r"[\[<(][^\n\[<(]{0,60}\Z"
_GAP_HEAD = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/_=.~%-"
_LONGEST_HEAD = 512
_GAP_TAIL = r"[\s\])>.…]{0,8}([A-Za-z0-9+/_=~%-]{6,512}+)"


def halves(source: Source) -> Iterator[Finding]:
    """Yield what a truncation in the middle of a text left of a token on either side of its mark."""
    text, lowered = source.text, source.lowered
    if not source.has_any("trunc", "omitt", "elid", "snipp"):
        return
    for match in compiled(_GAP).finditer(lowered):
        opened = compiled(_GAP_OPENED).search(text, max(0, match.start() - 61), match.start())
        if opened is None:
            continue
        before = text[max(0, opened.start() - _LONGEST_HEAD) : opened.start()].rstrip(" \t\r\n…")
        end = max(0, opened.start() - _LONGEST_HEAD) + len(before)
        start = end - len(before) + len(before.rstrip(_GAP_HEAD))
        split = is_dense(text[start:end], least=8)
        if split:
            yield Finding("secret:cut", start, end)
        tail = compiled(_GAP_TAIL).match(text, match.end())
        if tail and (is_dense(tail[1], least=8) or (split and tail[1] != tail[1].lower())):
            yield Finding("secret:cut", *tail.span(1))


def shaped(source: Source) -> Iterator[Finding]:
    """Yield tokens that have no prefix but an unmistakable form."""
    for kind, mark, pattern, _ in _SHAPES:
        if source.holds(mark):
            for match in compiled(pattern).finditer(source.text):
                yield Finding(f"secret:{kind}", *match.span(1))
