"""Credentials in HTTP headers: authorization schemes and cookies."""

import binascii
import re
from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.tokens import is_cut
from commontrace_rules.redaction.values import is_dense, is_placeholder, is_random

_SCHEME = r"(?:bearer|basic|ssws)[ \t:]{1,4}[\"']?([a-z0-9+/_.~=-]{4,8192}+)"
_AUTHORIZATION = (
    r"authorization[\"']?\]?[ \t]{0,4}[:=,][ \t]{0,4}[\"']?"
    r"(?:(?:token|api-?key|key|ssws|digest|geniekey|deepl-auth-key"
    r"|klaviyo-api-key|[a-z][a-z-]{2,20}(?=[ \t][a-z0-9+/_.~=:-]{20}))[ \t]{1,4}(?:token=)?[\"']?)?([a-z0-9+/_.~=:-]{8,8192}+)"
)
_HEADER = r"(?:[A-Za-z]{1,20}-){1,5}[A-Za-z]{1,20}"
_DIGEST = r"digest username=(?:(?!digest )[^\n]){1,400}?\bresponse=\"([0-9a-f]{32,64})\""
_COOKIES = r"(?:cookie[\"']?[ \t]{0,4}[:=,]|-b |-cookie[ =])[ \t]{0,4}([^\r\n]{1,8192}+)"

_COOKIE_VALUE = r"[ \t]{0,4}\"?([^\s\"',]{1,8192}+)"
_PLAIN_COOKIES = frozenset(
    "path domain expires max-age samesite theme lang locale language tz timezone version secure "
    "httponly priority".split()
)


def authorization(source: Source) -> Iterator[Finding]:
    """Yield what follows ``Bearer``, ``Basic`` or an ``Authorization`` header's own scheme."""
    text, lowered = source.text, source.lowered
    announced = source.has_any("bearer", "basic", "ssws")
    for match in compiled(_SCHEME).finditer(lowered) if announced else ():
        scheme = match[0][:5].rstrip()
        value = text[match.start(1) : match.end(1)].rstrip(".")
        stop = match.start(1) + len(value)
        if not is_placeholder(value) and _is_credential(scheme, value, cut=is_cut(text, stop)):
            yield Finding("secret:basic-auth" if scheme == "basic" else "secret:bearer", match.start(1), stop)
    if "digest " in lowered:
        for match in compiled(_DIGEST).finditer(lowered):
            yield Finding("secret:authorization", *match.span(1))
    if "authorization" in lowered:
        for match in compiled(_AUTHORIZATION).finditer(lowered):
            value = text[match.start(1) : match.end(1)]
            listed = "," in match[0][: match.start(1) - match.start()] and compiled(_HEADER).fullmatch(value)
            if is_random(value) and not is_placeholder(value) and "=" not in value[:6] and not listed:
                yield Finding("secret:authorization", *match.span(1))


def _is_credential(scheme: str, value: str, *, cut: bool) -> bool:
    if scheme == "basic" and len(value) >= 8 and _decodes_to_pair(value):
        return True
    if len(value) < 8:
        return cut and is_random(value)
    return is_random(value) and (len(value) >= 16 or any(map(str.isdigit, value)))


def _decodes_to_pair(value: str) -> bool:
    """Tell whether ``value`` is base64 of ``user:password``."""
    head = value[:64]
    try:
        decoded = binascii.a2b_base64(head[: len(head) // 4 * 4])
    except binascii.Error:
        return False
    return b":" in decoded and all(32 <= byte < 127 for byte in decoded)


def cookies(source: Source) -> Iterator[Finding]:
    """Yield the values of cookies that identify a session; preferences such as ``theme=dark`` stay."""
    text, lowered = source.text, source.lowered
    if "cookie" not in lowered and " -b " not in text:
        return
    for header in compiled(_COOKIES).finditer(lowered):
        start, end = header.span(1)
        while start < end:
            stop = text.find(";", start, end)
            stop = end if stop < 0 else stop
            yield from _cookie(text, start, stop)
            start = stop + 1


def _cookie(text: str, start: int, stop: int) -> Iterator[Finding]:
    sign = text.find("=", start, stop)
    name = text[start:sign].strip()
    if sign < 0 or name.lower() in _PLAIN_COOKIES:
        return
    value = compiled(_COOKIE_VALUE).match(text, sign + 1, stop)
    if value is None or is_placeholder(value[1]):
        return
    if is_dense(value[1], least=12) or (len(value[1]) >= 8 and is_random(value[1]) and _is_session(name)):
        yield Finding("secret:cookie", *value.span(1))


def _is_session(name: str) -> bool:
    return re.search(r"(?i)sess|sid|auth|token|csrf|xsrf|jwt|login|remember|ticket|id$", name) is not None
