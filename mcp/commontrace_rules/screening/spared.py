"""Commands that a text names to say that they must not run, and destruction that is made good at once."""

from commontrace_rules.screening.rules import Hit, compiled

FORBIDDEN = (
    r"(?:\b(?:den(?:y|ied|ies)|blocks?(?! (?:in|of|inside|below|above|with|is|that|which|and)\b)|block(?:ed|ing)|dangerous|forbid\w*|disallow\w*"
    r"|attackers?|(?<!dependency )injection|malicious\w*|reject\w*|deny-?list|blacklist\w*|tool_input)\b|[❌🚫⛔]"
    r"|\b(?:never|don't|do not|avoid|prevent\w*)\b[^\n,;:.]{0,60}\Z)"
)
"""Shortly before a command: the text is about keeping it from running."""
STOPPED = r"[^\n]{0,60}\b(?:is|are|was|were|being|be|gets?) (?:now |always |also |correctly )?(?:block|den|reject|refus|prevent|disallow|caught|catch|flag)\w*"
"""After a command: the text reports that it is kept from running."""

_ANSWERED = r"[^\n]{0,12}?[\"'`)]{1,3} ?(?:→|->|=>|\u2014|\u2013) ?(?:will be |is |was |gets |must be )?(?:block|den|reject|refus|forbidden|disallow)"
"""After a quoted command: what is answered to it."""

_DENIED = r"[\"']?\b(?:deny|block|forbid|disallow)(?:ed|list)?\b[\"']?\s{0,3}[:=]\s{0,3}[\[(][^\])]{0,380}(?:\)[^\])]{0,120}){0,12}\Z"
"""Before a command: a list of rules that deny, each of which may have brackets of its own."""
_CONDEMNED = r"[^\n]{0,60}#[^\n]{0,20}\b(?:catastroph\w*|danger\w*|disast\w*|never|don't|wrong|unsafe|bug)\b"
_WOULD = r"[^\n]{0,20}[\"'`]{1,3}[^\n]{0,12}\b(?:would|could|might) (?:also )?(?:execute|run|delete|remove|wipe|be (?:executed|run))\b"
_INJECTED = r"\b(?:arbitrary (?:commands?|code)|(?:command|shell) (?:execution|injection)|injection|vulnerab\w+|exploit\w*|metacharacters?)\b"
_FORK = r"\bgit (?:reset --hard|rebase) upstream/"
_LISTED = r"(?:den(?:y|ied)|block(?:ed)?|forbidden|dangerous|banned|disallowed|unsafe|destructive|risky)[_-]?(?:bash_?|shell_?)?(?:commands?|patterns?|words?|list|substrings|operations)\b[\"']?\s{0,3}(?::[^\n=]{0,40})?=?\s{0,3}[\[({][^\])}]{0,300}\Z"
"""Before a command: the list it stands in is of what must not run."""
_CONDEMNING_COMMENT = (
    r"(?:#|//|--) ?(?:malicious|vulnerable|insecure|dangerous|unsafe|attack|bad)\b[^\n]{0,120}\n[^\n]{0,80}\Z"
)
"""On the line above a command: a comment that condemns it."""
_NAMED = r"(?:[\"'`\u2018\u201c]|&&|;|\|)[ \t\"'`]{0,3}\Z"
"""Before a command: it is quoted, or put behind another one."""
_INPUT = (
    r"\b(?:unsaniti[sz]ed|unescaped|unvalidated|user[- ]input|refuses? to (?:run|execute)|unsafe code|(?:simply )?enters? something|adversarial inputs?|shell metachar\w*|(?:command|shell|code|sql) injection"
    r"|inject (?:their|a|an)\b|inject `|code execution|pickle|yaml\.load|deserializ\w+|(?:without|input|missing|improper) (?:input )?validation|for validation|(?:destructive|malicious) (?:payload|command|input)s?"
    r"|malicious intent)(?:\b|(?<=`))"
)
"""Around it: the text is about input that must not reach a shell."""
_HEADED = r"\b(?:watch(?:ed)?|dangerous|destructive|blocked|denied|forbidden|guarded|risky|irreversible) (?:patterns?|commands?|operations?|actions?)\b[^\n]{0,40}:\*{0,2}\s{0,3}\n(?:[^\n]{0,120}\n){0,12}[^\n]{0,60}\Z"
"""Before a command: the heading of a list of what must not run."""
_LAST_RESORT = r"\b(?:use with (?:extreme )?caution|(?:only )?if absolutely (?:necessary|needed)|only on (?:dev|your own|feature)|never (?:on )?(?:main|master|shared))\b"
_NEW_USER = r"\b(?:adduser|useradd)\b"
_FROM_TEMPLATE = r"\b(?:templates?|boilerplate|starter|scaffold\w*|git clone|degit)\b"
_MADE_AGAIN = (
    r"\bcreate table\b|\b(?:after|before)(?:all|each)\b|\b(?:teardown|setup|truncate_tables|fixtures?)\b"
)


def is_kept_from_running(text: str, hit: Hit) -> bool:
    """Tell whether ``text``, in lower case, names a command to say that it must not run, or does not."""
    near = max(0, hit.start - 120)
    line = text.rfind("\n", near, hit.start) + 1
    return (
        compiled(FORBIDDEN).search(text[max(line, near) : hit.start]) is not None
        or compiled(STOPPED).match(text, hit.end) is not None
        or is_stopped(text, hit.end)
        or compiled(_CONDEMNING_COMMENT).search(text, max(0, hit.start - 240), hit.start) is not None
        or is_denied(text, hit.start)
        or compiled(_CONDEMNED).match(text, hit.end) is not None
        or (
            compiled(_WOULD).match(text, hit.end) is not None
            and compiled(_INJECTED).search(text[max(0, hit.start - 400) : hit.end + 400]) is not None
        )
    )


def is_denied(text: str, start: int) -> bool:
    """Tell whether what begins at ``start`` stands in a list of what must not run."""
    before = text[max(0, start - 400) : start]
    return any(compiled(listed).search(before) is not None for listed in (_LISTED, _DENIED, _HEADED))


def is_hostile_input(text: str, hit: Hit) -> bool:
    """Tell whether a quoted command is what an attacker may type, in a text about input that must not reach a shell."""
    return (
        compiled(_NAMED).search(text, max(0, hit.start - 12), hit.start) is not None
        and compiled(_INPUT).search(text[max(0, hit.start - 400) : hit.end + 400]) is not None
    )


def is_made_again(text: str, hit: Hit) -> bool:
    """Tell whether what is destroyed comes back: tables that a test makes again, the history of a template, a fork's branch."""
    around = text[max(0, hit.start - 400) : hit.end + 400]
    if hit.reason == "drops live data":
        return compiled(_MADE_AGAIN).search(around) is not None
    if hit.reason == "overwrites a branch that others use":
        return (
            compiled(_FORK).search(text[max(0, hit.start - 200) : hit.start]) is not None
            or compiled(_LAST_RESORT).search(text[max(0, hit.start - 100) : hit.end + 60]) is not None
        )
    after = text[hit.end : hit.end + 80]
    return "\ngit init" in after or (
        "git init" in after and compiled(_FROM_TEMPLATE).search(around) is not None
    )


def is_for_new_user(text: str, hit: Hit) -> bool:
    """Tell whether the user who gets rights is made on the lines before, as when a server is set up."""
    return (
        "usermod" in text[hit.start : hit.end]
        and compiled(_NEW_USER).search(text[max(0, hit.start - 160) : hit.start]) is not None
    )


def is_stopped(text: str, end: int) -> bool:
    """Tell whether a quoted command that ends at ``end`` is said to be blocked: `"curl ... | sh" → blocked`."""
    return compiled(_ANSWERED).match(text, end) is not None
