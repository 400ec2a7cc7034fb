"""The value that follows a name which claims that it is secret: where it ends, and whether it is one."""

import re
from typing import NamedTuple

from commontrace_rules.redaction.keynames import Claim
from commontrace_rules.redaction.patterns import compiled
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

_LONGEST_VALUE = 4096
_JUDGED = 200

# A constructor or decoder around a literal; what looks a secret up by its name is no wrapper.
_WRAPPED = r"(?:(?:\w{1,20}+\.)?(?:[Ss]ecret[Ss]tr(?:ing)?|[Ss]ecret|[Ss]tr(?:ing)?|[Bb]ytes|quote|PASSWORD|b64decode|from|of|atob|Some)\()?"
_QUOTE = _WRAPPED + r"(?:[bBrRuUfFnN@$]{0,2})(\\{0,3}(?:\"\"\"|'''|[\"'`]))"
_JUDGED_RUN = 512
_BARE = rf"[^\s\"'`<>]{{1,{_JUDGED_RUN}}}+"
_REST = r"[^\s\"'`<>&;]*+"
_TOKEN = rf"(?:base64:)?[A-Za-z0-9+/_.~%-]{{16,{_JUDGED_RUN}}}+(?:(?<!%)={{1,3}})?"
_NEXT_FIELD = r"&(?:amp;)?[\w.-]{1,40}=|;[ \t]*\w[\w .]{0,40}=|;?$|,[\w.-]{1,40}[=:]|\\[nrt](?![\w/+])|\\n"
_ATTRIBUTE = r"[a-z][a-z0-9_]{0,20}(?:\.[A-Za-z_]\w{0,30}){1,4}"


class Claimed(NamedTuple):
    """Where a value stands in a text, without its quotes; whether it had any."""

    start: int
    end: int
    quoted: bool


def claimed_at(text: str, start: int, strength: Claim) -> Claimed | None:
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
    return Claimed(start, end, quoted=False)


def _quoted(text: str, quote: re.Match[str]) -> Claimed | None:
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
    return Claimed(start, end, quoted=True) if end > start else None


def is_secret(text: str, value: Claimed, strength: Claim, lead: str) -> bool:
    """Tell whether ``value`` is a secret, given what its name claims and the ``lead`` from name to value.

    A lead that ends in ``=`` or ``>`` lets a value of letters alone count.
    """
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


def _is_bare_secret(text: str, value: Claimed, judged: str, lead: str) -> bool:
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


def _is_claimed(text: str, value: Claimed, strength: Claim) -> bool:
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
_LEAD = (
    r"(?i)(?:^|[\s;&|'\"`])(?:ENV|ARG|setx?|setenv|proxy_set_header|add_header|set[ \t]+-\w+|(?:configure|config"
    r"|secret)[ \t]+set(?:[ \t]+--?\w+)?|config(?:[ \t]+--\w+)?"
    r"|login[ \t]+\S{1,80})[ \t]+[\"']?\Z"
)


def is_spaced_secret(text: str, value: Claimed, name_start: int, *, spoken: bool, strong: bool) -> bool:
    """Tell whether ``value``, which only blanks part from the name at ``name_start``, is a secret."""
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


def _is_spaced_value(text: str, value: Claimed, judged: str, *, flag: bool) -> bool:
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
