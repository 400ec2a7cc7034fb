"""What a text reports of others or warns of, instead of ordering it: "users bypass guardrails", "run without oversight"."""

import re

from commontrace_rules.screening.rules import Hit, compiled

_JUDGED = frozenset(("takes a safety net away", "wants to act without asking"))
"""Reasons of rules that know what is done, not who does it."""

_ACTOR = (
    r"(?:users?|attackers?|adversar(?:y|ies)|hackers?|people|agents?|models?|llms?|prompts?|inputs?|payloads?|attacks?|attempts?|techniques?|methods?|they|it|which|that"
    r"|who|code|harness|scripts?|programs?|systems?|pipelines?)"
)
_THIRD_PERSON = (
    rf"\b{_ACTOR}\b[^\n]{{0,60}}?\b(?:that |to |can |could |might |try to |attempt to )?(?:act|operat|perform|tak|bypass|circumvent|evad|disabl|execut|run|deploy)(?:e|es|s|ing|ning)?\b"
    r"|\b(?:is|are|gets?|being) (?:executed|run|deployed|performed|taken|merged|applied|bypassed|circumvented)\b"
    r"|^(?:and|or|by|while) \w{2,14}ing\b"
)
_TELLING = (
    r"\b(?:the|this|every|any|each) (?:\w+ )?(?:agents?|assistants?|model|llm|ai|bot)\b|\bclaude\b"
    r"|\b(?:you|your|you're|please|must|should|shall|may|need|needs|have to|has to|now|today|here|always|never|from now|the same|instead|this (?:repo\w*|session|project|change|branch|pr"
    r"|commit|fix|task)|is (?:fine|safe|ok(?:ay)?|allowed|approved|intended|expected|preferred|recommended|enough|best|required|necessary|right|good|correct)|are (?:fine|safe|ok(?:ay)?|allowed"
    r"|approved|intended|expected|preferred|recommended))\b"
    r"|(?:^|[:;,\u2014-] ?|\b(?:and|so|then|but|to fix|to finish)[ ,] ?)(?:let|do|run|push|merge|skip|bypass|take|execute|delete|deploy|ignore|proceed|act|make|use|disable|turn|apply|commit|send|install|perform|go|keep|operate)\b"
)
_RISK = (
    r"\b(?:attack(?:s|er|ers)?|jailbreak\w*|malicious|exploit\w*|injection|vulnerab\w*|threats?|adversar\w*|poison\w*|risks?|risky|danger(?:s|ous)?|harm(?:s|ful)?|damage\w*|unsafe"
    r"|least privilege|read-only|sandbox(?:ed)?|container)\b"
)
_NO_RISK = r"\b(?:no|not|without|zero|any|isn't|less|little) (?:a |an |any |real )?(?:risk|threat|danger|harm|attack|unsafe|malicious)|\bharmless\b|\bdo(?:es)? no harm\b"
_AROUND = 400
_OPTION = r"(?m)^[ \t]{0,8}[#;]{1,4} ?([^\n]{4,140})\n[ \t]{0,8}(?:[#;]{1,2} ?([a-z][\w-]{3,40})\s?[:=])"
_LONGEST_LABEL = 100


def is_reported(text: str, hit: Hit) -> bool:
    """Tell whether the sentence of ``hit`` in ``text``, in lower case, says what somebody else does, in a text about its risk.

    A sentence that tells its reader anything, or approves of what it says, reports nothing.
    """
    if hit.reason not in _JUDGED:
        return False
    said = _sentence(text, hit)
    around = text[max(0, hit.start - _AROUND) : hit.end + _AROUND]
    return (
        compiled(_THIRD_PERSON).search(said) is not None
        and compiled(_TELLING).search(said) is None
        and compiled(_RISK).search(around) is not None
        and compiled(_NO_RISK).search(around) is None
    )


def labels_option(said: str, text: str) -> bool:
    """Tell whether ``said``, in lower case, is the comment above an option that ``text`` leaves off, and says its name.

    `## Always say yes to every confirmation` above `#yes-always: false` is what a file of settings explains.
    """
    said = said.strip(" \t#;:.")
    if not 0 < len(said) <= _LONGEST_LABEL or said not in text:
        return False
    labelled = compiled(_OPTION).finditer(text)
    return any(
        said in match[1] and all(word in said for word in re.split(r"[_-]", match[2])) for match in labelled
    )


def _sentence(text: str, hit: Hit) -> str:
    start = max(text.rfind(end, 0, hit.start + 1) for end in ("\n", ". ", "! ", "? ")) + 1
    if text[hit.start : hit.start + 1] == "\n":
        start = hit.start + 1
    stop = re.search(r"[\n.!?]", text[hit.end - 1 :])
    return text[start : hit.end + stop.start() if stop else len(text)].strip()
