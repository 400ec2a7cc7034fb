"""The value that follows a name which claims that it is secret: where it ends, and whether it is one."""

import re
from enum import Enum
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
    remembered,
)

_LONGEST_VALUE = 4096
_JUDGED = 200

# A constructor or decoder around a literal; what looks a secret up by its name is no wrapper.
_WRAPPED = r"(?:(?:\w{1,20}+\.)?(?:[Ss]ecret[Ss]tr(?:ing)?|[Ss]ecret|[Ss]tr(?:ing)?|[Bb]ytes|quote|PASSWORD|b64decode|from|of|atob|Some)\()?"
_QUOTE = _WRAPPED + r"(?:[bBrRuUfFnN@$]{0,2})(\\{0,3}(?:\"\"\"|'''|[\"'`]))"
_JUDGED_RUN = 512
_BARE = rf"[^\s\"'`<>]{{1,{_JUDGED_RUN}}}+"
_QUOTES = ('"', "'", "`")
_CLOSING = ",;:)]}.\\"
_REST = r"[^\s\"'`<>&;]*+"
_TOKEN = rf"(?:base64:)?[A-Za-z0-9+/_.~%-]{{16,{_LONGEST_VALUE}}}+(?:(?<!%)={{1,3}})?"
_FILLED_IN = r"\$\{|\{\{|%s(?![A-Za-z0-9])|%\(|\{\w*\}|<%|\$\("
_NEXT_FIELD = r"&(?:amp;)?[\w.-]{1,40}=|;[ \t]*\w[\w .]{0,40}=|,[\w.-]{1,40}[=:]|\\[nrt](?![\w/+])|\\n"
_ATTRIBUTE = r"[a-z][a-z0-9_]{0,20}(?:\.[A-Za-z_]\w{0,30}){1,4}"


class Claimed(NamedTuple):
    """Where a value stands in a text, without its quotes; whether it had any."""

    start: int
    end: int
    quoted: bool


def claimed_at(text: str, start: int, strength: Claim) -> Claimed | None:
    """Return the value at ``start``; a weaker claim is only followed by one token."""
    run = compiled(_BARE).match(text, start)
    stop = run.end() if run else start
    # Everything that may stand between the start and a quote is part of the run.
    if text[stop : stop + 1] in _QUOTES and (quote := compiled(_QUOTE).match(text, start)):
        return _quoted(text, quote)
    if run is None:
        return None
    if strength is not Claim.STRONG:
        token = compiled(_TOKEN).match(text, start)
        return Claimed(start, start + _extent(token[0]), quoted=False) if token else None
    length = _extent(run[0])
    if length < _JUDGED_RUN:
        return Claimed(start, start + length, quoted=False)
    end = compiled(_REST).match(text, start + length).end()  # type: ignore[union-attr]
    while end > start + 1 and text[end - 1] in _CLOSING:
        end -= 1
    return Claimed(start, end, quoted=False)


@remembered
def _extent(run: str) -> int:
    """Return how many characters of ``run`` are the value: up to the next field, without what closes a sentence."""
    field = compiled(_NEXT_FIELD).search(run, 1)
    length = field.start() if field else len(run) - run.endswith(";")
    return max(1, len(run[:length].rstrip(_CLOSING)))


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
    if strength < Claim.STRONG:
        return _is_claimed(text[value.start : value.end], value.quoted, strength)
    judged = text[value.start : min(value.end, value.start + _JUDGED)]
    if value.quoted:
        return _is_quoted_secret(judged)
    form = _bare_form(judged)
    if form is _Form.DIGITS:
        return (len(judged) >= 6 and "token" not in lead.lower()) or len(judged) >= 20
    if form is _Form.RANDOM:
        return len(judged) >= 5 or is_cut(text, value.end)
    # Letters only: a secret in an environment file, a word everywhere else.
    return (
        form is _Form.LETTERS
        and (lead.endswith("=") or (lead.endswith(">") and compiled(_MIXED_CASE).match(judged) is not None))
        and len(judged) >= 6
        and not judged.istitle()
        and text[value.end : value.end + 1] not in (",", ")", "(", ".")
    )


class _Form(Enum):
    """What a bare value looks like by itself."""

    STAND_IN = "a placeholder, a reference, code, or a template"
    DIGITS = "digits alone"
    RANDOM = "random characters"
    LETTERS = "letters"


@remembered
def _bare_form(judged: str) -> _Form:
    if is_placeholder(judged) or is_reference(judged) or is_code(judged) or is_template(judged):
        return _Form.STAND_IN
    if judged.isdigit():
        return _Form.DIGITS
    return _Form.RANDOM if is_random(judged) else _Form.LETTERS


@remembered
def _is_quoted_secret(judged: str) -> bool:
    if is_placeholder(judged) or is_reference(judged) or is_sentence(judged) or is_template(judged):
        return False
    if judged.isdigit():
        return len(judged) >= 4
    return len(judged) >= 3 and (
        is_random(judged) or (not is_code(judged) and not judged.startswith((" ", ",", ")")))
    )


def is_template(judged: str) -> bool:
    """Tell whether a string is filled in at run time."""
    return compiled(_FILLED_IN).search(judged) is not None


@remembered
def _is_claimed(whole: str, quoted: bool, strength: Claim) -> bool:
    """Judge a value whose name only hints at a secret: it must be random by itself."""
    if compiled(_TOKEN).fullmatch(whole) is None or whole.isdigit():
        return False
    if not quoted and compiled(_ATTRIBUTE).fullmatch(whole):
        return False
    if strength is Claim.MEDIUM:
        dense = is_dense(whole)
    else:
        dense = (
            is_dense(whole, least=20)
            and not is_digest(whole.rpartition("-")[2])
            and whole.lower() != whole
            and "/" not in whole[:8]
        )
    judged = whole[:_JUDGED]
    return dense and not is_placeholder(judged) and not is_reference(judged)


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
    # What a message quotes after "cookie" is its name: `Cookie "theme" has been rejected`.
    if value.quoted and "=" not in judged and text[name_start : name_start + 7].lower() == "cookie ":
        return False
    dashed = text[name_start] == "-"
    trust = _spaced_trust(judged, value.quoted, spoken, strong, dashed)
    if trust is _Trust.NONE or (value.quoted and compiled(_OBJECT).match(text, value.end + 1)):
        return False
    return trust is _Trust.FULL or dashed or _stands_as_argument(text, name_start)


class _Trust(Enum):
    """Whether a value after blanks is a secret."""

    NONE = "never"
    NAMED = "after a flag, a directive, or a name alone on its line"
    FULL = "always"


@remembered
def _spaced_trust(judged: str, quoted: bool, spoken: bool, strong: bool, dashed: bool) -> _Trust:
    if not _is_spaced_value(judged, quoted=quoted, flag=strong and dashed):
        return _Trust.NONE
    if is_digest(judged) and len(judged) >= 32:
        return _Trust.FULL if strong or dashed else _Trust.NONE
    if (
        is_dense(judged, least=12)
        or (strong and compiled(_SYMBOLIC).fullmatch(judged) is not None)
        or ((spoken or quoted) and any(map(str.isdigit, judged)) and len(judged) >= 6)
    ):
        return _Trust.FULL
    return _Trust.NAMED if quoted or len(judged) >= 6 else _Trust.NONE


def _is_spaced_value(judged: str, *, quoted: bool, flag: bool) -> bool:
    """Tell whether what follows a name after blanks can be its value: quoted, random, or the argument of a flag."""
    flag = flag and compiled(_MIXED_CASE).search(judged) is not None
    if len(judged) < 4 or not (quoted or flag or (is_random(judged) and not is_code(judged))):
        return False
    if is_placeholder(judged) or is_reference(judged) or is_template(judged) or _is_prose(judged):
        return False
    return compiled(_KEY_ID).fullmatch(judged) is None


def _is_prose(judged: str) -> bool:
    """Tell whether a value of several words says something (`pass "the suite ran"`) instead of being a pass phrase."""
    return is_sentence(judged) or (judged.count(" ") >= 2 and not any(map(str.isdigit, judged)))


def _stands_as_argument(text: str, start: int) -> bool:
    """Tell whether the name at ``start`` is a directive's argument, or alone at the start of its line."""
    lead = text[max(0, start - 48) : start]
    line = lead.rpartition("\n")[2]
    return (
        not line.strip()
        if line != lead or (start < 48 and not line)
        else compiled(_LEAD).search(line) is not None
    )
