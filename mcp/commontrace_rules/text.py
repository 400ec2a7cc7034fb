"""Takes everything off tool output that says where and when it was printed, and keeps what was said.

Terminal control, progress bars, CI timestamps, the names that log multiplexers put before each line, and
workflow commands differ between two runs of the same failure; none of them helps to recognise it.
Every pattern is anchored or bounded, so the time is linear in the input.
"""

import re
from collections import Counter
from typing import Final, cast


class _Deferred:
    """A regular expression that is compiled when it is first used, so that importing it costs nothing."""

    __slots__ = ("_flags", "_source", "findall", "finditer", "match", "search", "split", "sub")

    def __init__(self, source: str, flags: int) -> None:
        self._source = source
        self._flags = flags

    def __getattr__(self, name: str) -> object:
        compiled = re.compile(self._source, self._flags)
        for method in self.__slots__[2:]:
            setattr(self, method, getattr(compiled, method))
        return getattr(compiled, name)


def pattern(source: str, flags: int = 0) -> re.Pattern[str]:
    """A regular expression like `re.compile` gives, compiled at its first use."""
    return cast("re.Pattern[str]", _Deferred(source, flags))


_ESCAPE: Final = pattern(
    r"\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)?"  # OSC: window titles, hyperlinks
    r"|\x1b[PX^_][^\x1b\n]*(?:\x1b\\)?"  # DCS, SOS, PM, APC strings
    r"|[\x1b\x9b]\[?[0-?]{0,64}[ -/]{0,8}[@-~]"  # CSI and the short escapes
)
# Logs often lose the escape byte itself and keep "[31m". "[5m]" is a PromQL range, not a colour.
_ORPHAN_COLOUR: Final = pattern(r"\[[\[0-9;]{0,16}[0-9]m(?!\])")
_OVERSTRIKE: Final = pattern(r"[^\x08\n]\x08")
_CONTROL: Final = pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x9b\u200b\u2060\ufeff]")
_NEEDS_TERMINAL: Final = pattern(r"[\x00-\x08\x0b-\x1f\x7f\x9b\u200b\u2060\ufeff]|\[[\[0-9;]{0,16}[0-9]m")

_CLOCK = r"\d\d:\d\d:\d\d(?:[.,]\d{1,9})?"
_DATE_TIME = rf"\d{{4}}[-/]\d\d[-/]\d\d[T ]{_CLOCK}(?:Z|[ ]?[+-]\d\d:?\d\d|[ ]UTC)?"
_TASK = r"(?:build|check|compile|dev|lint|start|test|type-?check)"
_PREFIX: Final = pattern(
    rf"(?:\[?{_DATE_TIME}\]?[ \t]?"  # CI runners, most loggers
    rf"|\[?{_CLOCK}\]?[ \t](?!up[ ])"
    rf"|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov"
    rf"|Dec)[ ]{{1,2}}\d{{1,2}}[ ]{_CLOCK}[ ](?:[\w.-]{{1,64}}[ ])?"
    rf"(?:[\w./-]{{1,64}}\[\d{{1,8}}\]:[ ])?"  # syslog
    rf"|[IWEF]\d{{4}}[ ]{_CLOCK}[ ]+\d+[ ][\w.-]{{1,80}}:\d+\][ ]"  # klog
    rf"|[^\s|][^\t|\n]{{0,80}}\t[^\t|\n]{{1,80}}\t\ufeff?{_DATE_TIME}[ ]?"  # gh run view --log
    r"|[A-Za-z][\w.-]{0,80}[-_.]\d{1,4}[ ]{1,40}\|[ ]?"  # docker compose, foreman
    r"|\[pod/[^\]\s]{1,200}\][ ]"  # kubectl logs --prefix
    r"|\[\d{1,2}\][ ](?=\S)"  # concurrently
    rf"|@?[\w./-]{{1,80}}:{_TASK}:[ ]"  # turborepo
    r"|#\d{1,3}[ ](?:\d{1,6}\.\d{1,4}[ ])?"  # BuildKit, while it runs
    r"|\d{1,5}\.\d{2,3}[ ](?=\S)"  # BuildKit, in its summary
    r"|[\u2502\u2503\u2551\u2506\u250a\u2577\u2575]+[ ]?)+"  # box drawing at the left edge
)
# "[build] ", as Ant, concurrently and many scripts put it before each line. A level says something, and so
# does a rule in brackets: those have capitals, digits or hyphens.
_TAG: Final = pattern(
    r"[ \t]{0,12}\[(?!(?:err|error|fatal|fail|failed|failure|severe|critical|panic|warn|warning)\])"
    r"([a-z@][a-z_.@/:]{0,40})\](?:[ ]|$)"
)
_TAGGED: Final = pattern(r"^[^\n\[]{0,80}\[[a-z@]", re.MULTILINE)
_TAG_LINES: Final = 3
"""A tag that so many lines carry is where they came from; in fewer it may be what was said."""
_BOX_RIGHT: Final = pattern(r"[ ]*[\u2502\u2503\u2551]+$")
_WORKFLOW_MESSAGE: Final = pattern(
    r"(?:##\[(error|warning|notice)\]|::(error|warning|notice)(?:[ ][^:\n]*)?::)"
)
_DROPPED: Final = pattern(
    r"(?:##\[(?:group|endgroup|section|command|debug)\]"
    r"|::(?:group|endgroup|debug|add-mask|set-output|save-state|stop-commands|add-matcher|remove-matcher)\b"
    r"|Shell cwd was reset to "
    r"|Exit code -?\d+$"
    r"|[\u2500-\u257f\s]+$)"
)


def clean(text: str) -> str:
    """The text without terminal control, progress states, timestamps, log prefixes and workflow commands.

    Idempotent and linear in time. Indentation is kept, since it carries structure; runs of empty lines
    become one.
    """
    if _NEEDS_TERMINAL.search(text):
        text = _without_terminal_control(text)
    lines: list[str] = []
    raws = text.split("\n")
    tags = _shared_tags(raws) if _TAGGED.search(text) else frozenset()
    for raw in raws:
        line = _clean_line(raw, tags)
        if line is None or (not line and (not lines or not lines[-1])):
            continue
        lines.append(line)
    if lines and not lines[-1]:
        lines.pop()
    return "\n".join(lines)


def _without_terminal_control(text: str) -> str:
    text = _ESCAPE.sub("", text)
    text = _OVERSTRIKE.sub("", text.replace("\r\n", "\n"))
    text = _CONTROL.sub("", text)
    if "\r" in text:
        text = "\n".join(_last_state(line) if "\r" in line else line for line in text.split("\n"))
    return _ORPHAN_COLOUR.sub("", text)


def _last_state(line: str) -> str:
    """What a terminal shows of a line that was redrawn with carriage returns."""
    states = [state for state in line.split("\r") if state.strip()]
    return states[-1] if states else ""


def _shared_tags(lines: list[str]) -> frozenset[str]:
    """The tags in front of three lines or more, wherever they stand among a line's other prefixes."""
    counts = Counter(tag for line in lines for tag in _tags(line.rstrip()))
    return frozenset(tag for tag, count in counts.items() if count >= _TAG_LINES)


def _tags(line: str) -> set[str]:
    found: set[str] = set()
    place = 0
    while place < len(line):
        if tag := _TAG.match(line, place):
            found.add(tag[1])
            place = tag.end()
        elif (prefix := _PREFIX.match(line, place)) and prefix.end() > place:
            place = prefix.end()
        else:
            break
    return found


def _clean_line(line: str, tags: frozenset[str]) -> str | None:
    """The line without its prefixes, these tags among them; None when the whole line is noise."""
    line = line.rstrip()
    while line:
        before = line
        if prefix := _PREFIX.match(line):
            line = line[prefix.end() :]
        if tags and (tag := _TAG.match(line)) and tag[1] in tags:
            line = line[tag.end() :]
        if line and line[-1] in "\u2502\u2503\u2551":
            line = _BOX_RIGHT.sub("", line).rstrip()
        if line[:2] in {"##", "::"} and (marker := _WORKFLOW_MESSAGE.match(line)):
            line = f"{marker[1] or marker[2]}: {line[marker.end() :]}".rstrip()
        if line == before:
            return None if _DROPPED.match(line) else line
    return line
