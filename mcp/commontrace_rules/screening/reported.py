"""What a text reports of others or warns of, instead of ordering it: "users bypass guardrails", "run without oversight"."""

import re

from commontrace_rules.screening.rules import Hit, compiled

_JUDGED = frozenset(("wants to act without asking", "switches the agent's safety off"))
"""Reasons of rules that know what is done, not who does it."""

_ACTOR = (
    r"(?:users?|attackers?|adversar(?:y|ies)|hackers?|people|agents?|models?|llms?|prompts?|inputs?|payloads?|attacks?|attempts?|techniques?|methods?|they|it|which|that"
    r"|who|code|harness|scripts?|programs?|systems?|pipelines?)"
)
_THIRD_PERSON = (
    rf"\b{_ACTOR}\b[^\n]{{0,60}}?\b(?:that |to |can |could |might |try to |attempt to )?(?:act|operat|perform|tak|bypass|circumvent|evad|disabl|execut|run|deploy)(?:e|es|s|ing|ning)?\b"
    r"|\b(?:is|are|gets?|being) (?:executed|run|deployed|performed|taken|merged|applied|bypassed|circumvented)\b"
    r"|\b(?:will|is|are) (?:automatically )?(?:be )?(?:trusted|skipped|accepted)\b|^(?:automatically )?be trusted\b|^(?:and|or|by|while) \w{2,14}ing\b"
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
    r"|with caution|least privilege|read-only|sandbox(?:ed)?|container)\b"
)
_NO_RISK = r"\b(?:no|not|without|zero|any|isn't|less|little) (?:a |an |any |real )?(?:risk|threat|danger|harm|attack|unsafe|malicious)|\bharmless\b|\bdo(?:es)? no harm\b"
_AROUND = 400
_LONGEST_SENTENCE = 600


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


_WRONG = (
    r"(?:[❌✗✘🚫⛔]|(?<![\w-])(?:wrong|bad|don'?t|incorrect|anti-?patterns?|not ok|no|never do this)\W{0,4}:)"
)
_ASKS_FIRST = (
    r"\b(?:never|not|don't|nothing|no one)\*{0,2} (?:ever )?(?:be )?(?:take|taken|perform|make|made|run|start|begin|execut|delet|chang|push|submit|send|publish|install|commit|deploy|merg|modif|overwrit|proceed|act)"
    r"\w{0,4}\b(?:[^\n.;:,(]|\([^()\n]{0,80}\)){0,80}\Z"
)
_CONSENT = "wants to act without asking"


def is_condemned(text: str, hit: Hit) -> bool:
    """Tell whether the line of ``hit`` is marked as what not to do: "❌ Wrong: comment the test out"."""
    near = max(0, hit.start - 80)
    line = text[max(text.rfind("\n", near, hit.start + 1), near) : hit.start + 8]
    return compiled(_WRONG).search(line) is not None


def asks_first(text: str, hit: Hit) -> bool:
    """Tell whether what sounds like acting without consent is forbidden: "never delete anything without asking"."""
    if hit.reason != _CONSENT and hit.kind != "worded-order":
        return False
    without = text.find("without", hit.start, hit.end)
    return without >= 0 and compiled(_ASKS_FIRST).search(text, max(0, without - 160), without) is not None


_SAID_BY = (
    r"\b(?:testers?|attackers?|somebody|someone|users?|people|visitors?|customers?|candidates?|(?:web )?pages?|documents?|comments?|e-?mails?|issues?|reviews?|resumes?|cvs?|pdfs?)\b[^\n.\"'`]{0,40}"
    r"\b(?:puts?|wrote|types?|typed|sent|sends|entered|says?|said|contain(?:s|ed|ing)|hid|inserted|posted|included)\b[^\n.\"'`]{0,20}[\"'`“]\Z"
)


def says_who_said_it(text: str, hit: Hit) -> bool:
    """Tell whether ``hit`` is what somebody is reported to have written: `a tester put "ignore ..." in a PDF`."""
    return compiled(_SAID_BY).search(text, max(0, hit.start - 100), hit.start) is not None


def _sentence(text: str, hit: Hit) -> str:
    near = max(0, hit.start - _LONGEST_SENTENCE)
    start = max(near - 1, *(text.rfind(end, near, hit.start + 1) for end in ("\n", ". ", "! ", "? "))) + 1
    if text[hit.start : hit.start + 1] == "\n":
        start = hit.start + 1
    rest = text[hit.end - 1 : hit.end + _LONGEST_SENTENCE]
    stop = re.search(r"[\n.!?]", rest)
    return text[start : hit.end + (stop.start() if stop else len(rest))].strip()
