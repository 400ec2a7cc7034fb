"""Private key bodies: PEM, OpenSSH, PGP and PuTTY, whole, cut at either end, or on one escaped line."""

import re
from collections.abc import Iterator
from functools import cache

from commontrace_rules.redaction.spans import Finding, Source
from commontrace_rules.redaction.values import is_random

_BODY_LINE = r"(?:[^\n]{0,40}?[|>:] )?[ \t>|#*+\"'-]*[A-Za-z0-9+/=]{1,8192}+[\",'\\nr +]*"
_HEADER_LINE = r"[ \t]*(?:Proc-Type|DEK-Info|Version|Comment|Hash|Charset):[^\n]{0,120}"
_NEWLINE = r"(?:\r?\n|\\r\\n|\\n)"


@cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    begin = re.compile(r"-----BEGIN ([A-Z0-9 ]{0,40})PRIVATE KEY(?: BLOCK)?-----")
    end = re.compile(r"-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----")
    lines = re.compile(rf"(?:{_NEWLINE}?(?:{_HEADER_LINE}|{_BODY_LINE}|[ \t]*)(?={_NEWLINE}|\Z|[ \t\"']))*+")
    putty = re.compile(
        r"(?i)Private-(?:Lines: \d{1,4}\r?\n((?:[A-Za-z0-9+/=]{1,100}(?:\r?\n|\Z))+)|MAC: ([0-9a-f]{40,64}))"
    )
    return begin, end, lines, putty


def private_keys(source: Source) -> Iterator[Finding]:
    """Yield the bodies of private keys; header and footer lines stay, they explain the error."""
    text = source.text
    if "PRIVATE KEY" in text:
        yield from _armoured(text)
    if "rivate-" in text and "ines:" in text:
        for match in _patterns()[3].finditer(text):
            yield Finding("secret:private-key", *match.span(match.lastindex or 0))


def _armoured(text: str) -> Iterator[Finding]:
    begin, end, lines, _ = _patterns()
    footers = [match.span() for match in end.finditer(text)]
    position = footer = 0
    for match in begin.finditer(text):
        while footer < len(footers) and footers[footer][0] < match.end():
            yield from _beheaded(text, position, footers[footer][0])
            position = footers[footer][1]
            footer += 1
        if match.start() < position:
            continue
        stop = footers[footer][0] if footer < len(footers) else -1
        if stop < 0 or text.find("-----BEGIN", match.end(), stop) >= 0:
            stop = lines.match(text, match.end()).end()  # type: ignore[union-attr]
        yield from _body(text, match.end(), stop)
        position = stop
    for start, stop in footers[footer:]:
        yield from _beheaded(text, position, start)
        position = stop


def _body(text: str, start: int, stop: int) -> Iterator[Finding]:
    first, last = _trimmed(text, start, stop)
    if first < last and _looks_encoded(text[first:last], whole=stop < len(text)):
        yield Finding("secret:private-key", first, last)


def _trimmed(text: str, start: int, stop: int) -> tuple[int, int]:
    """Leave out line breaks, written as such or escaped, at both ends."""
    while start < stop and (text[start] in " \t\r\n\"'" or text.startswith(("\\n", "\\r"), start)):
        start += 1 + (text[start] == "\\")
    while start < stop and (text[stop - 1] in " \t\r\n\"'\\" or text.endswith(("\\n", "\\r"), start, stop)):
        stop -= 1 + text.endswith(("\\n", "\\r"), start, stop)
    return start, stop


def _looks_encoded(body: str, *, whole: bool) -> bool:
    """Tell a key body, of which a truncation may have left little, from prose between two markers."""
    runs = re.findall(r"[A-Za-z0-9+/=]{16,}", body[:4096])
    if sum(map(len, runs)) * 2 >= min(len(body), 4096):
        return True
    return (
        not whole
        and len(body) < 16
        and re.fullmatch(r"[A-Za-z0-9+/=]*", body) is not None
        and is_random(body)
    )


def _beheaded(text: str, floor: int, stop: int) -> Iterator[Finding]:
    """Yield the base64 lines that end at ``stop`` when their header was cut off."""
    start = stop - len(text[floor:stop]) + len(text[floor:stop].rstrip(" \t"))
    while start > floor:
        line_start = text.rfind("\n", floor, start - 1) + 1 or floor
        line = text[line_start:start].strip()
        if not re.fullmatch(r"[A-Za-z0-9+/=]{4,8192}", line):
            break
        start = line_start
    body = text[start:stop].strip()
    if len(body) >= 16:
        first = text.index(body, start, stop)
        yield Finding("secret:private-key", first, first + len(body))
