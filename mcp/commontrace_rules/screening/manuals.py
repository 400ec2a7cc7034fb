"""What a manual lists and shows: options, settings, projects, code that calls a model, turns to be filled in."""

import re

from commontrace_rules.screening.mentions import is_code
from commontrace_rules.screening.rules import Hit, compiled
from commontrace_rules.screening.turns import TEMPLATES

_OPTION = r"(?:^|[\s*`|,(\[])-{1,2}[a-z][\w-]{0,40}[\]*`=|,:)\s]{1,12}(?:(?:yes|force)[*`,:\s]{1,6})?\Z"
_HELP = r"[ \t]{0,8}(?:-\w, ?)?--[a-z][\w-]{1,40}\b[^\n]{0,40}?\s{2,}[a-z]"
"""A line of a command's help: an option, blanks, what it does."""
_FILLED_IN = r"\{\{ ?[#\w][\w.# ]{1,40}\}\}"
SAID_OF_OPTIONS = frozenset(("consent", "worded-order"))
_HOOK_ANSWERS = frozenset(("imitates a permission", "imitates what a hook answers"))
_HOOKS = r"\bhooks?\b"
_STARTS_AGENT = r"\b(?:query|claude(?:agent|code)options)\s?\([^)]{0,280}\Z"
_MESSAGE = r"\brole[\"']?\s{0,2}[:=]\s{0,2}[\"'](?:system|user|developer|assistant)[\"']\s?,\s{1,40}[\"']?content[\"']?\s{0,2}[:=]"
"""In code that calls a model: a message, and whose it is."""
_CALL = r"\bmessages[\"']?\s?[:=]\s?\["
_LABELLED = r"(?m)^[ \t]{0,8}[#;]{1,4} ?([^\n]{4,140})\n[ \t]{0,8}(?:[#;]{1,2} ?([a-z][\w-]{3,40})\s?[:=])"
_LONGEST_LABEL = 100
_ENTRY = r"\s{0,4}[-*+|] {0,2}\W{0,4}\[[^\]\n]{1,60}\]\(https?://[^)\s]{1,200}\)[^\n]{0,160}?\s?[-\u2013\u2014:|]\s"
_CALLED = (
    r"(?m)^[ \t]{0,8}(?:\$ |run |sudo )?([a-z][a-z0-9]{4,30})(?: -{0,2}[a-z][\w:./=@-]{0,60}){1,5}[ \t]{0,3}$"
)
_NEAR = 300


def commands(text: str) -> set[str]:
    """Return the programs that code in ``text``, in lower case, calls by their name: `widgetly build`."""
    return {match[1] for match in compiled(_CALLED).finditer(text) if is_code(text, match.start(1))}


def is_option(text: str, hit: Hit) -> bool:
    """Tell whether the hit is the description of a command's option (`--force`: do not prompt for confirmation)."""
    before = text[max(0, hit.start - 60) : hit.start]
    if hit.kind == "weakened":
        cell = text[hit.start : hit.start + 4].lstrip().startswith("|")
        return is_help(text, hit) or (cell and compiled(_OPTION).search(before) is not None)
    return hit.kind in SAID_OF_OPTIONS and (
        compiled(_OPTION).search(before) is not None or labels_option(text[hit.start : hit.end], text)
    )


def is_help(text: str, hit: Hit) -> bool:
    """Tell whether the line of a hit is one of a command's help."""
    near = max(0, hit.start - 100)
    return compiled(_HELP).match(text, max(text.rfind("\n", near, hit.start + 1) + 1, near)) is not None


def is_template(text: str, hit: Hit) -> bool:
    """Tell whether the text explains the control tokens it names, or a turn is to be filled in (`System: {{rules}}`)."""
    around = text[max(0, hit.start - _NEAR) : hit.end + _NEAR]
    return (hit.kind == "control-token" and compiled(TEMPLATES).search(around) is not None) or (
        hit.kind == "fake-turn" and compiled(_FILLED_IN).search(text, hit.start, hit.end + 80) is not None
    )


def labels_option(said: str, text: str) -> bool:
    """Tell whether ``said``, in lower case, is the comment above an option that ``text`` leaves off, and says its name.

    `## Always say yes to every confirmation` above `#yes-always: false` is what a file of settings explains.
    """
    said = said.strip(" \t#;:.")
    if not 0 < len(said) <= _LONGEST_LABEL or said not in text:
        return False
    labelled = compiled(_LABELLED).finditer(text)
    return any(
        said in match[1] and all(word in said for word in re.split(r"[_-]", match[2])) for match in labelled
    )


def is_catalogued(text: str, hit: Hit) -> bool:
    """Tell whether ``hit`` is an entry of a list of projects, each with its address and what it does."""
    return (
        hit.reason == "connects the reader to a stranger's server"
        and compiled(_ENTRY).match(text, hit.start) is not None
    )


def documents_hooks(text: str, hit: Hit, subject: str) -> bool:
    """Tell whether code in a text about hooks shows what a hook may answer.

    Args:
        text: in lower case.
        hit: what was found.
        subject: what the trace is about, in lower case.
    """
    return (
        hit.reason in _HOOK_ANSWERS
        and compiled(_HOOKS).search(subject) is not None
        and is_code(text, hit.start)
    )


def calls_agent(text: str, hit: Hit) -> bool:
    """Tell whether what an agent may do is an argument in code that starts the agent."""
    before = text[max(0, hit.start - _NEAR) : hit.start]
    return compiled(_STARTS_AGENT).search(before) is not None and is_code(text, hit.start)


def is_message(text: str, hit: Hit) -> bool:
    """Tell whether a sentence is what code that calls a model sends it: `{"role": "system", "content": ...`."""
    near = text[max(0, hit.start - _NEAR // 2) : hit.start + _NEAR // 5]
    return (
        hit.kind == "worded-order"
        and compiled(_MESSAGE).search(near) is not None
        and compiled(_CALL).search(text, 0, hit.start) is not None
    )
