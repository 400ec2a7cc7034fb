"""Secrets inside URLs: user information, webhook paths, one-off credentials."""

import re
from collections.abc import Iterator

from commontrace_rules.redaction.patterns import compiled
from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.tokens import is_cut
from commontrace_rules.redaction.values import is_dense, is_placeholder, is_random

_AUTHORITY = r"://([^\s/\"'`<>|\\]*+)"
_SLASHED = r"://([^\s:/@\"'<>]{0,80}):([^\s:@\"'<>]{1,120}+)@(?=[\w.-]{1,120}[:/])"

WEBHOOKS = (
    # what to look for, pattern with the secret path as group 1, reason
    (
        "hooks.slack",
        r"hooks\.slack(?:-gov)?\.com/(?:services|workflows|triggers)/([A-Za-z0-9+/_-]{16,200})",
        "Slack",
    ),
    ("api/webhooks/", r"discord(?:app)?\.com/api(?:/v\d+)?/webhooks/(\d{5,25}/[\w-]{16,100})", "Discord"),
    (
        "/webhook",
        r"(?:webhook\.office|outlook\.office(?:365)?)\.com/webhook(?:b2)?/([\w@/-]{20,300})",
        "Microsoft Teams",
    ),
    ("hooks.zapier", r"hooks\.zapier\.com/hooks/catch/(\d+/\w{5,40})", "Zapier"),
    ("maker.ifttt", r"maker\.ifttt\.com/trigger/\w{1,60}/with/key/([\w-]{16,80})", "IFTTT"),
    ("/bot", r"api\.telegram\.org/(?:file/)?bot(\d{5,12}:[\w-]{20,60})", "Telegram bot API"),
    ("hook.", r"hook\.[a-z0-9]{2,5}\.make\.com/(\w{16,60})", "Make"),
    ("hc-ping.", r"hc-ping\.com/([0-9a-f-]{36}|[\w-]{20,40}/[\w-]{1,40})", "Healthchecks"),
    (".tines.com", r"\.tines\.com/webhook/([a-z0-9]{16,40}/[a-z0-9]{16,40})", "Tines"),
    ("rtmp", r"rtmps?://[^\s/]{3,80}/[\w.-]{1,40}/([\w-]{16,120})", "a stream key is the right to broadcast"),
    ("feishu", r"open-apis/bot/v2/hook/([\w-]{16,60})", "Feishu and Lark"),
)


_QUERIED = r"[?&#](?:code|ticket|assertion|oobcode|appid|state_token|invite)=([\w.~%+/-]{20,4096}+)"
_SAML = r"saml(?<!\wsaml)(?:response|art|assertion)=([\w.~%+/-]{20,4096}+)"
_GO_SOURCE = r"(?<![\w/:])[\w.-]{1,60}:([^\s:@\"'`]{3,100})@(?:tcp|unix)\("
_ORACLE = r"jdbc:oracle:\w{1,10}:[\w.$-]{1,60}/([^\s@\"']{3,100})@"


def one_off(source: Source) -> Iterator[Finding]:
    """Yield credentials in a query string whose names say little elsewhere, and Oracle's user/password."""
    text, lowered = source.text, source.lowered
    for mark, pattern in (("=", _QUERIED), ("saml", _SAML)):
        for match in compiled(pattern).finditer(lowered) if mark in lowered else ():
            if is_dense(text[match.start(1) : match.end(1)], least=20):
                yield Finding("secret:token", *match.span(1))
    if "@tcp(" in text or "@unix(" in text:
        for match in compiled(_GO_SOURCE).finditer(text):
            if not is_placeholder(match[1]):
                yield Finding("secret:password", *match.span(1))
    if "jdbc:oracle" in text:
        for match in compiled(_ORACLE).finditer(text):
            yield Finding("secret:password", *match.span(1))


def credentials(source: Source) -> Iterator[Finding]:
    """Yield passwords and tokens in the user information of URLs (``scheme://user:secret@host``)."""
    text = source.text
    if "://" not in text:
        return
    for match in compiled(_AUTHORITY).finditer(text):
        yield from _userinfo(text, match)
    if "@" in text:
        for match in compiled(_SLASHED).finditer(text):
            if "/" in match[2] and not match[2].split("/")[0].isdigit() and is_random(match[2]):
                yield Finding("secret:password", *match.span(2))


def _userinfo(text: str, match: re.Match[str]) -> Iterator[Finding]:
    start, stop = match.span(1)
    at = text.rfind("@", start, stop)
    if at < 0:
        yield from _cut_off(text, start, stop)
        return
    colon = text.find(":", start, at)
    if any(text.find(mark, start, max(start, colon)) >= 0 for mark in "?#"):
        return
    if colon < 0:
        user = text[start:at]
        if is_dense(user) and not is_placeholder(user):
            yield Finding("secret:token", start, at)
        return
    if is_dense(text[start:colon], least=24) and not is_placeholder(text[start:colon]):
        yield Finding("secret:token", start, colon)
    secret = text[colon + 1 : at]
    if secret and not is_placeholder(secret):
        yield Finding("secret:password", colon + 1, at)


def _cut_off(text: str, start: int, stop: int) -> Iterator[Finding]:
    """Yield a password whose ``@host`` fell to a truncation; a port is no password."""
    colon = text.find(":", start, stop)
    secret = text[colon + 1 : stop].rstrip(".")
    if colon > start and is_cut(text, colon + 1 + len(secret)) and not secret.isdigit() and is_random(secret):
        yield Finding("secret:password", colon + 1, stop)


def webhooks(source: Source) -> Iterator[Finding]:
    """Yield webhook paths: who knows the path may post."""
    text = source.text
    for mark, pattern, _ in WEBHOOKS:
        if source.holds(mark):
            for match in compiled(pattern).finditer(text):
                if not is_placeholder(match[1]):
                    yield Finding("secret:webhook", *match.span(1))
