"""Values whose name says that they are secret: env files, JSON, YAML, HCL, TOML, XML, code, query strings, flags."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from commontrace_rules.redaction.claimed import Claimed, claimed_at, is_secret, is_spaced_secret
from commontrace_rules.redaction.keynames import Claim, claim
from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.values import is_placeholder, is_random, is_reference, remembered

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$"
_LONGEST_NAME = 64

# A name that contains one of these may claim a secret; `keynames` decides.
_ANCHOR = (
    r"(?:pass(?:w(?:or[dt]|d)|phrase|code|in|out|wd)?|pwd?|secret|token|key|cred"
    r"|auth(?:orization)?|sig(?:nature)?|sess(?:ion)?(?:id)?"
    r"|cookie|sid|jwt|dsn|salt|hmac|otp|seed|psk|bearer|webhook|mnemonic|login|_pat(?![a-z])"
    r"|dockerc(?:onfigjson|fg))"
)
_ANCHORS = "pass pw secret token key cred auth sig sess cookie sid jwt dsn salt hmac otp seed psk bearer webhook mnemonic login pat dockerc".split()
"""What every anchor starts with or consists of."""
# After the name: closing quotes or brackets, then what separates it from its value. A flag, a directive or a
# subcommand (second branch) is separated by blanks alone.
_ASSIGN = (
    _ANCHOR + r"[\w.-]{0,24}+(?:"
    r"(?:\\{0,3}[\"'`]|\]|\)){0,3}[ \t]{0,40}+"
    r"(?P<sign>(?::[ \t]{0,4}[\w\[\]|. ]{1,32}[ \t])?(?:[=!]=?)?=(?![=~])>?|:=|:(?!:)"
    r"|(?<=[\"'`\])]),|(?<=\w)\((?=\\?[\"'`])"
    r"|>(?=[^\s<>])|(?:[\w:-]{1,24}=\"[^\"\n<>]{0,80}\"[ \t]?){1,4}>(?=[^\s<>])"
    r"|->|%3d|\|>?|~>|<<<)(?:[ \t]|\[(?=[\"'])){0,8}"
    r"(?:!!(?:binary|str)[ \t]{1,4})?"
    r"(?:(?:\\|[|>][+-]?)\r?\n[ \t]{0,16}|\r?\n[ \t]{1,16}(?=[\"'])(?![\"'][\w.-]{1,64}[\"'] ?:)"
    r"|(?<=:)\r?\n[ \t]{2,16}(?=[a-z0-9+/_.~%-]{12,512}+={0,2}[ \t]*(?:\r?\n|\Z)))?"
    r"|[ \t]{1,4}(?P<verb>(?:is|was|of|to|with)[ \t]{1,4})?(?![a-z]{1,9}(?:[\s,;:)]|\.(?!\w)|$))(?=[\"']|[A-Za-z0-9+/!@#%^&*_$~.-]\S{3}))"
)


_SHORT_WORD = r"(?:[a-z]{1,5}|[A-Z]{1,5})(?!\S)"
"""After a name and a sign: too short for a secret of letters alone, and the usual case of `true`, `null` or `x`."""
_BEFORE = ("<", ":")
_PLAIN_WORDS = r"(?:[a-z]++(?:_[a-z]++)*+|[A-Z]++(?:_[A-Z]++)*+)(?!\S)"
"""After a name and blanks: no value that `is_spaced_secret` takes for a secret, and the usual case."""
_CHANGED = r"[\"'] {0,3}(?:->|=>) {0,3}[\"']([^\"'\n]{3,400})[\"']"
"""What a plan says that a value becomes."""


@cache
def _assign() -> re.Pattern[str]:
    return re.compile(_ASSIGN)


class _Judged(NamedTuple):
    """What was decided at a name: the value and its kind (empty if it is no secret), and where to read on."""

    kind: str
    start: int
    end: int
    quoted: bool
    resume: int


def assigned(source: Source) -> Iterator[Finding]:
    """Yield secret values of ``name = value`` in all its spellings, and of ``--name value``."""
    text, lowered = source.text, source.lowered
    if not source.has_any(*_ANCHORS):
        return
    search = _assign().search
    position = 0
    while match := search(lowered, position):
        start, position = match.span()
        sign, verb = match.group("sign", "verb")
        if not sign and compiled(_PLAIN_WORDS).match(text, position):
            continue
        # The judgement hangs on what stands around, which repeated texts repeat.
        first = max(0, start - _LOOKED_BACK)
        window = text[first : position + _LOOKED_AHEAD]
        judged = _judged(window, start - first, position - first, sign, verb)
        if judged.end > len(window) - _AFTER_VALUE and first + len(window) < len(text):
            first = 0
            judged = _judge(text, start, position, sign, verb)
        position = first + judged.resume
        if judged.kind:
            yield Finding(judged.kind, first + judged.start, first + judged.end)
            if changed := compiled(_CHANGED).match(text, first + judged.end) if judged.quoted else None:
                yield Finding(judged.kind, *changed.span(1))


_LOOKED_BACK = 120
"""Characters before an anchor: a name, and what says whether it is one."""
_LOOKED_AHEAD = 280
_AFTER_VALUE = 80
"""Characters after a value that its judgement may hang on."""


def _judge(text: str, anchor: int, end: int, sign: str | None, verb: str | None) -> _Judged:
    """Judge what follows the name around the ``anchor``; ``end`` is where sign or blanks end, and a value may start."""
    start, name = _name(text, anchor, end)
    strength, kind = claim(name)
    if (
        not strength
        or (text[start - 1 : start] in _BEFORE and _is_no_name(text, start, end))
        or (strength < Claim.MEDIUM and not sign)
    ):
        return _Judged("", end, end, False, end)
    short = compiled(_SHORT_WORD).match(text, end) if strength is Claim.STRONG and sign else None
    if short:
        return _Judged("", end, short.end(), False, short.end())
    value = claimed_at(text, end, strength)
    if value is None:
        return _Judged("", end, end, False, end)
    if sign:
        secret = _is_assigned(text, start, value, strength, (sign, text[anchor:end]))
    else:
        spoken = verb is not None and kind == "secret:password"
        secret = is_spaced_secret(text, value, start, spoken=spoken, strong=strength is Claim.STRONG)
    resume = value.end if secret or (sign and not value.quoted) else end
    return _Judged(kind if secret else "", *value, resume)


_judged = remembered(_judge)


def _is_assigned(text: str, start: int, value: Claimed, strength: Claim, between: tuple[str, str]) -> bool:
    """Judge a value by what stands between it and its name at ``start``: a sign, and all from the anchor on."""
    sign, lead = between
    if sign == ",":
        # Two arguments: `setenv("TOKEN", "...")`, never the end of one message and the next argument.
        named = strength is Claim.STRONG and text[start - 1] in "\"'`" and value.quoted
        return named and is_random(text[value.start : value.end]) and is_secret(text, value, strength, ",")
    if sign == "(":
        # `withToken("...")`, but not `token.get("...")`: the function itself must speak of the secret.
        called = text[start : text.index("(", start)].rpartition(".")[2]
        return claim(called)[0] is Claim.STRONG and is_secret(text, value, strength, "(")
    if sign == "|":
        return _is_row(text, start) and is_secret(text, value, strength, "|")
    return is_secret(text, value, strength, lead)


def _name(text: str, start: int, end: int) -> tuple[int, str]:
    """Return where the identifier around an anchor at ``start`` begins, and the identifier."""
    before = text[max(0, start - _LONGEST_NAME) : start]
    head = len(before) - len(before.rstrip(_NAME))
    after = text[start:end]
    tail = len(after) - len(after.lstrip(_NAME))
    name = text[start - head : start + tail]
    if before.endswith(" ") and name.lower() == "key":
        # "API key", "private key", "cache key": the word before says what the key is for.
        head = len(before) - len(before[:-1].rstrip(_NAME))
        name = text[start - head : start + tail].replace(" ", "_")
    return start - head, name


def _is_row(text: str, start: int) -> bool:
    """Tell whether the name at ``start`` is the first cell of a table's row."""
    return text[max(0, start - 8) : start].rpartition("\n")[2].strip(" `*") == "|"


def _is_no_name(text: str, start: int, end: int) -> bool:
    """Tell whether the name at ``start`` belongs to a placeholder of ours, or to a path of colons (an ARN)."""
    if text.startswith("<secret:", start - 1) or text.endswith("<secret:", 0, start):
        return True
    in_path = start > 1 and text[start - 2].isalnum() and text[start - 5 : start].lower() != "$env:"
    return text[start - 1] == ":" and in_path and text[end - 1] not in ">="


_DEFAULTED = r"variable(?<!\wvariable)[ \t]+\"([\w-]{2,64})\"[ \t]*\{[^{}]{0,400}?\bdefault[ \t]*=[ \t]*"
_NAMED_APART = (
    r"(?:[Nn]ame|[Kk]ey|NAME)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([\w.-]{2,64})[\"']?(?:,\s{0,60}|\s{1,60})(?:-[ \t])?[\"']?"
    r"(?:value|Value|VALUE)[\"']?[ \t]{0,4}[:=][ \t]{0,4}"
)


_FORM_FIELD = r"\bname=\\?\"([\w.-]{2,64})\\?\"(?:\r?\n|\\r\\n|\\n){2}"
_FALLBACK = r"\$\{([\w.-]{2,64}):(?:-|=)?(?=[^\s{}?+])"
_PRINTED = r"\b(?:echo|printenv|printf '%s(?:\\\\n)?')[ \t]{1,3}[\"']?\$?\{?(\w{2,64})\}?[\"']?[ \t]{0,3}\r?\n(?=[^\s$#>])"
_ASKED = r"(?:password|passphrase) for (?:key )?['\"]?[^'\"\n]{2,200}?['\"]?: {0,3}([^\s<]{4,200})[ \t]*(?:\r?\n|\Z)"
_SQL_ACCOUNT = r"set password for (?<!\wset password for )[^\n=]{1,80}= {0,2}(?:password\()?'([^'\n]{4,200})'"
_SQL_LOGIN = r"\b(?:identified (?:with \S{1,40} )?by (?:password )?|(?:with|login|encrypted) password )'([^'\n]{4,200})'"


def named_apart(source: Source) -> Iterator[Finding]:
    """Yield the values of ``name: DB_PASSWORD`` / ``value: ...`` pairs (Kubernetes, ECS), defaults and SQL logins."""
    text = source.text
    for mark, pattern in (
        ("alue", _NAMED_APART),
        ("VALUE", _NAMED_APART),
        ("variable", _DEFAULTED),
        ("form-data", _FORM_FIELD),
        ("${", _FALLBACK),
        ("echo ", _PRINTED),
        ("printenv ", _PRINTED),
    ):
        if mark in text:
            yield from _named(text, pattern)
    for marks, pattern in (
        (("identified", "password '"), _SQL_LOGIN),
        (("set password",), _SQL_ACCOUNT),
        (("password for", "passphrase for"), _ASKED),
    ):
        if any(mark in source.lowered for mark in marks):
            for match in compiled(pattern).finditer(source.lowered):
                value = text[match.start(1) : match.end(1)]
                prose = pattern == _ASKED and not is_random(value)
                if not prose and not is_placeholder(value) and not is_reference(value):
                    yield Finding("secret:password", *match.span(1))


def _named(text: str, pattern: str) -> Iterator[Finding]:
    for match in compiled(pattern).finditer(text):
        strength, kind = claim(match[1])
        value = claimed_at(text, match.end(), strength)
        if strength >= Claim.MEDIUM and value and is_secret(text, value, strength, "="):
            yield Finding(kind, value.start, value.end)
