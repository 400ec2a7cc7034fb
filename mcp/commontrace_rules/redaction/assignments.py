"""Values whose name says that they are secret: env files, JSON, YAML, HCL, TOML, XML, code, query strings, flags."""

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from commontrace_rules.redaction.keynames import Claim, claim
from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.tokens import is_cut
from commontrace_rules.redaction.values import (
    is_code,
    is_dense,
    is_digest,
    is_placeholder,
    is_random,
    is_reference,
    is_sentence,
)

_NAME = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.$"
_LONGEST_NAME = 64
_LONGEST_VALUE = 4096
_JUDGED = 200

# A name that contains one of these may claim a secret; `keynames` decides.
_ANCHOR = (
    r"(?:pass(?:w(?:or[dt]|d)|phrase|code|in|out|wd)?|pwd?|secret|token|key|cred"
    r"|auth(?:orization)?|sig(?:nature)?|sess(?:ion)?(?:id)?"
    r"|cookie|sid|jwt|dsn|salt|hmac|otp|seed|psk|bearer|webhook|mnemonic|login|_pat(?![a-z])"
    r"|dockerc(?:onfigjson|fg))"
)
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
    r"(?:(?:\\|[|>][+-]?)\r?\n[ \t]{0,16}|\r?\n[ \t]{1,16}(?=[\"'])(?![\"'][\w.-]{1,64}[\"'] ?:))?"
    r"|[ \t]{1,4}(?P<verb>(?:is|was|of|to|with)[ \t]{1,4})?(?![a-z]{1,9}(?:[\s.,;:)]|$))(?=[\"']|[A-Za-z0-9+/!@#%^&*_$~.-]\S{3}))"
)
_LEAD = (
    r"(?i)(?:^|[\s;&|'\"`])(?:ENV|ARG|setx?|setenv|proxy_set_header|add_header|set[ \t]+-\w+|(?:configure|config"
    r"|secret)[ \t]+set(?:[ \t]+--?\w+)?|config(?:[ \t]+--\w+)?"
    r"|login[ \t]+\S{1,80})[ \t]+[\"']?\Z"
)

# A constructor or decoder around a literal; what looks a secret up by its name is no wrapper.
_WRAPPED = r"(?:(?:\w{1,20}\.)?(?:[Ss]ecret[Ss]tr(?:ing)?|[Ss]ecret|[Ss]tr(?:ing)?|[Bb]ytes|quote|PASSWORD|b64decode|from|of|atob|Some)\()?"
_QUOTE = _WRAPPED + r"(?:[bBrRuUfF@$]{0,2})(\\{0,3}(?:\"\"\"|'''|[\"'`]))"
_JUDGED_RUN = 512
_BARE = rf"[^\s\"'`<>]{{1,{_JUDGED_RUN}}}+"
_REST = r"[^\s\"'`<>&;]*+"
_TOKEN = rf"(?:base64:)?[A-Za-z0-9+/_.~%-]{{16,{_JUDGED_RUN}}}+(?:(?<!%)={{1,3}})?"
_NEXT_FIELD = r"&(?:amp;)?[\w.-]{1,40}=|;[ \t]*\w[\w .]{0,40}=|;?$|,[\w.-]{1,40}[=:]|\\[nrt](?![\w/+])|\\n"


_ATTRIBUTE = r"[a-z][a-z0-9_]{0,20}(?:\.[A-Za-z_]\w{0,30}){1,4}"


class _Value(NamedTuple):
    start: int
    end: int
    quoted: bool


@cache
def _assign() -> re.Pattern[str]:
    return re.compile(_ASSIGN)


def assigned(source: Source) -> Iterator[Finding]:
    """Yield secret values of ``name = value`` in all its spellings, and of ``--name value``."""
    text, lowered, _ = source
    search = _assign().search
    position = 0
    while match := search(lowered, position):
        position = match.end()
        start, name = _name(text, match.start(), position)
        strength, kind = claim(name)
        if (
            not strength
            or _is_ours(text, start)
            or (_is_path_part(text, start) and not match[0].endswith((">", "=")))
            or (strength < Claim.MEDIUM and not match["sign"])
        ):
            continue
        value = _value(text, position, strength)
        if value is None:
            continue
        if match["sign"] == ",":
            # Two arguments: `setenv("TOKEN", "...")`, never the end of one message and the next argument.
            secret = text[start - 1] in "\"'`" and value.quoted and is_random(text[value.start : value.end])
            secret = secret and strength is Claim.STRONG and _is_secret(text, value, strength, ",")
        elif match["sign"] == "(":
            # `withToken("...")`, but not `token.get("...")`: the function itself must speak of the secret.
            function, _ = claim(text[start : match.start("sign")].rpartition(".")[2])
            secret = function is Claim.STRONG and _is_secret(text, value, strength, "(")
        elif match["sign"] == "|":
            secret = _is_row(text, start) and _is_secret(text, value, strength, "|")
        elif match["sign"]:
            secret = _is_secret(text, value, strength, text[match.start() : position])
        else:
            spoken = match["verb"] is not None and kind == "secret:password"
            secret = _is_spaced_secret(text, value, start, spoken=spoken, strong=strength is Claim.STRONG)
        if secret:
            yield Finding(kind, value.start, value.end)
        if secret or (match["sign"] and not value.quoted):
            position = value.end


def _name(text: str, start: int, end: int) -> tuple[int, str]:
    """Return where the identifier around an anchor at ``start`` begins, and the identifier."""
    before = text[max(0, start - _LONGEST_NAME) : start]
    head = len(before) - len(before.rstrip(_NAME))
    after = text[start:end]
    tail = len(after) - len(after.lstrip(_NAME))
    name = text[start - head : start + tail]
    if name.lower() == "key" and before.endswith(" "):
        # "API key", "private key", "cache key": the word before says what the key is for.
        head = len(before) - len(before[:-1].rstrip(_NAME))
        name = text[start - head : start + tail].replace(" ", "_")
    return start - head, name


def _is_row(text: str, start: int) -> bool:
    """Tell whether the name at ``start`` is the first cell of a table's row."""
    return text[max(0, start - 8) : start].rpartition("\n")[2].strip(" `*") == "|"


def _is_ours(text: str, start: int) -> bool:
    """Tell whether the name at ``start`` belongs to a placeholder of ours."""
    return text.startswith("<secret:", start - 1) or text.endswith("<secret:", 0, start)


def _is_path_part(text: str, start: int) -> bool:
    """Tell whether the name at ``start`` is part of a path of colons (an ARN)."""
    return (
        start > 1
        and text[start - 1] == ":"
        and text[start - 2].isalnum()
        and text[start - 5 : start].lower() != "$env:"
    )


def _value(text: str, start: int, strength: Claim) -> _Value | None:
    """Return the value at ``start``; a weaker claim is only followed by one token."""
    quote = compiled(_QUOTE).match(text, start)
    if quote:
        return _quoted(text, quote)
    bare = compiled(_BARE if strength is Claim.STRONG else _TOKEN).match(text, start)
    if not bare:
        return None
    field = compiled(_NEXT_FIELD).search(text, bare.start() + 1, bare.end())
    end = field.start() if field else bare.end()
    if end - start == _JUDGED_RUN:
        end = compiled(_REST).match(text, end).end()  # type: ignore[union-attr]
    while end > start + 1 and text[end - 1] in ",;:)]}.\\":
        end -= 1
    return _Value(start, end, quoted=False)


def _quoted(text: str, quote: re.Match[str]) -> _Value | None:
    mark, start = quote[1], quote.end()
    limit = min(len(text), start + _LONGEST_VALUE)
    end = text.find(mark, start, limit)
    while end > start and len(mark) == 1 and text[end - 1] == "\\" and text[end - 2] != "\\":
        end = text.find(mark, end + 1, limit)
    newline = text.find("\n", start, limit if end < 0 else end)
    if newline >= 0 and len(mark) < 3:
        end = newline
    if end < 0:
        end = limit
    return _Value(start, end, quoted=True) if end > start else None


def _is_secret(text: str, value: _Value, strength: Claim, lead: str) -> bool:
    judged = text[value.start : min(value.end, value.start + _JUDGED)]
    if strength < Claim.STRONG and not _is_claimed(text, value, strength):
        return False
    if is_placeholder(judged) or is_reference(judged):
        return False
    if strength < Claim.STRONG:
        return True
    if value.quoted:
        return _is_quoted_secret(judged)
    return _is_bare_secret(text, value, judged, lead)


def _is_quoted_secret(judged: str) -> bool:
    if is_sentence(judged) or is_template(judged):
        return False
    if judged.isdigit():
        return len(judged) >= 4
    return len(judged) >= 3 and (
        is_random(judged) or (not is_code(judged) and not judged.startswith((" ", ",", ")")))
    )


def is_template(judged: str) -> bool:
    """Tell whether a string is filled in at run time."""
    return re.search(r"\$\{|\{\{|%s(?![A-Za-z0-9])|%\(|\{\w*\}|<%|\$\(", judged) is not None


def _is_bare_secret(text: str, value: _Value, judged: str, lead: str) -> bool:
    if is_code(judged) or is_template(judged):
        return False
    if judged.isdigit():
        return (len(judged) >= 6 and "token" not in lead.lower()) or len(judged) >= 20
    if is_random(judged):
        return len(judged) >= 5 or is_cut(text, value.end)
    # Letters only: a secret in an environment file, a word everywhere else.
    return (
        (lead.endswith("=") or (lead.endswith(">") and compiled(_MIXED_CASE).match(judged) is not None))
        and len(judged) >= 6
        and not judged.istitle()
        and text[value.end : value.end + 1] not in (",", ")", "(", ".")
    )


def _is_claimed(text: str, value: _Value, strength: Claim) -> bool:
    """Judge a value whose name only hints at a secret: it must be random by itself."""
    token = compiled(_TOKEN).match(text, value.start, value.end)
    if not token or token.end() < value.end or token[0].isdigit():
        return False
    if not value.quoted and compiled(_ATTRIBUTE).fullmatch(token[0]):
        return False
    if strength is Claim.MEDIUM:
        return is_dense(token[0])
    return (
        is_dense(token[0], least=20)
        and not is_digest(token[0].rpartition("-")[2])
        and token[0].lower() != token[0]
        and "/" not in token[0][:8]
    )


_MIXED_CASE = r"^[A-Za-z]{0,24}[a-z][A-Z][A-Za-z]{0,24}$(?<=.{8})"
_SYMBOLIC = r"(?=[^\s]{0,32}[0-9])(?=[^\s]{0,32}[A-Za-z])(?=[^\s]{0,32}[!#%^*])[\w!#%^*@$&+-]{8,32}"
_KEY_ID = r"0[xX][0-9a-fA-F]{8,20}"
# After a quoted name: a message about an object of that name, as in `secret "db-credentials" not found`.
_OBJECT = r"[ \t](?:(?:was |is |are |could |does |has |already |been ){0,3}(?:not |un)|(?:already )?exists|is forbidden|in namespace|created|deleted|configured|unchanged)"


def _is_spaced_secret(text: str, value: _Value, name_start: int, *, spoken: bool, strong: bool) -> bool:
    judged = text[value.start : min(value.end, value.start + _JUDGED)]
    if not _is_spaced_value(text, value, judged, flag=strong and text[name_start] == "-"):
        return False
    if is_digest(judged) and len(judged) >= 32:
        return strong or text[name_start] == "-"
    return (
        is_dense(judged, least=12)
        or (strong and compiled(_SYMBOLIC).fullmatch(judged) is not None)
        or ((spoken or value.quoted) and any(map(str.isdigit, judged)) and len(judged) >= 6)
        or ((value.quoted or len(judged) >= 6) and _is_flagged(text, name_start))
    )


def _is_spaced_value(text: str, value: _Value, judged: str, *, flag: bool) -> bool:
    """Tell whether what follows a name after blanks can be its value: quoted, random, or the argument of a flag."""
    flag = flag and compiled(_MIXED_CASE).search(judged) is not None
    if len(judged) < 4 or not (value.quoted or flag or (is_random(judged) and not is_code(judged))):
        return False
    if is_placeholder(judged) or is_reference(judged) or is_template(judged) or _is_prose(judged):
        return False
    is_object = value.quoted and compiled(_OBJECT).match(text, value.end + 1) is not None
    return not is_object and compiled(_KEY_ID).fullmatch(judged) is None


def _is_prose(judged: str) -> bool:
    """Tell whether a value of several words says something (`pass "the suite ran"`) instead of being a pass phrase."""
    return is_sentence(judged) or (judged.count(" ") >= 2 and not any(map(str.isdigit, judged)))


def _is_flagged(text: str, start: int) -> bool:
    """Tell whether the name at ``start`` is a flag, a directive's argument, or alone at the start of its line."""
    if text[start] == "-":
        return True
    lead = text[max(0, start - 48) : start]
    line = lead.rpartition("\n")[2]
    return (
        not line.strip()
        if line != lead or (start < 48 and not line)
        else compiled(_LEAD).search(line) is not None
    )


_DEFAULTED = r"\bvariable[ \t]+\"([\w-]{2,64})\"[ \t]*\{[^{}]{0,400}?\bdefault[ \t]*=[ \t]*"
_NAMED_APART = (
    r"(?:name|key|NAME)[\"']?[ \t]{0,4}[:=][ \t]{0,4}[\"']?([\w.-]{2,64})[\"']?,?\s{1,60}(?:-[ \t])?[\"']?"
    r"(?:value|Value|VALUE)[\"']?[ \t]{0,4}[:=][ \t]{0,4}"
)


_FALLBACK = r"\$\{([\w.-]{2,64}):(?:-|=)?(?=[^\s{}?+])"
_SQL_LOGIN = r"\b(?:identified (?:with \S{1,40} )?by (?:password )?|(?:with|login|encrypted) password )'([^'\n]{4,200})'"


def named_apart(source: Source) -> Iterator[Finding]:
    """Yield the values of ``name: DB_PASSWORD`` / ``value: ...`` pairs (Kubernetes, ECS), defaults and SQL logins."""
    text = source.text
    for mark, pattern in (
        ("alue", _NAMED_APART),
        ("VALUE", _NAMED_APART),
        ("variable", _DEFAULTED),
        ("${", _FALLBACK),
    ):
        if mark in text:
            yield from _named(text, pattern)
    if "identified" in source.lowered or "password '" in source.lowered:
        for match in compiled(_SQL_LOGIN).finditer(source.lowered):
            if not is_placeholder(match[1]) and not is_reference(match[1]):
                yield Finding("secret:password", *match.span(1))


def _named(text: str, pattern: str) -> Iterator[Finding]:
    for match in compiled(pattern).finditer(text):
        strength, kind = claim(match[1])
        value = _value(text, match.end(), strength)
        if strength >= Claim.MEDIUM and value and _is_secret(text, value, strength, "="):
            yield Finding(kind, value.start, value.end)
