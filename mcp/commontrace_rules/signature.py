"""Gives the same error the same name wherever it happens, and different errors different names.

`fold` replaces what belongs to one occurrence (paths, numbers, addresses, ids, times, users) by placeholders
and keeps what tells causes apart: the exception, the rule code, the missing module, the option. A signature
is a hash of that, computed alike for a line of tool output and for the sentence of a trace that quotes it.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from commontrace_rules.continuation import INCOMPLETE
from commontrace_rules.errors import MAX_LINE, error_lines
from commontrace_rules.statements import statement, sums_up
from commontrace_rules.text import clean, pattern

VERSION: Final = "1"
"""Changes whenever `fold` changes its mind, so that old and new signatures are never compared."""

_MOST_CANDIDATES: Final = 64
_SUMMARY_SCORE: Final = 20.0

_QUOTES: Final = str.maketrans(dict.fromkeys('"`\u2018\u2019\u201c\u201d\u00ab\u00bb\u00b4', "'"))
_QUOTED_PATH: Final = pattern(r"'(?:file://|~?/|[A-Za-z]:[\\/]|\\\\)[^'\n]{0,500}'")
_SEGMENT = r"[^\s'/\\:,;()<>\[\]{}|]{1,200}"
_SOURCE = (
    r"(?:py|pyi|js|jsx|ts|tsx|mjs|cjs|vue|svelte|c|cc|cpp|cxx|go|rs|java|kt|kts|scala|rb|php|swift|cs|fs"
    r"|hs|ex|exs|lua|pl|sh|sql|tf|css|scss|less|html|md|rst|txt|csv|tsv|log|json|ya?ml|toml|xml|ini|cfg|conf|db|sqlite3?|ipynb"
    r"|pkl|npy|parquet|png|jpe?g|pdf|zip|gz|o|class)"
)
_DATA = (
    r"(?:py|js|jsx|tsx?|cc?|cpp|go|rs|java|kt|rb|php|swift|cs|txt|csv|tsv|log|db|sqlite3?|ipynb|pkl|npy"
    r"|parquet|png|jpe?g|pdf|zip|gz)"
)
_UNIT = r"(?:ms|[u\u00b5]s|ns|s|secs?|seconds?|min|mins|minutes?|h|hrs?|hours?|days?)"
_SIZE = r"(?:[KMGTkmgt]i?[Bb]?|B|bytes|bit|px|%)"
_NAMED = (
    r"(?:[Mm]odule(?: named)?|[Pp]ackage|[Ii]mport|resolve|attribute|import name|label|[Cc]rate|[Cc]lass"
    r"|[Cc]ommand)"
)

# One pass, first alternative wins: what is kept comes before what would fold a part of it.
_VARIABLE: Final = pattern(
    rf"(?P<keep>\b{_NAMED} '[^'\n/~.][^'\n]{{0,200}}'"
    r"|\b(?:[Cc]ode|[Ss]tatus|HTTP(?:/\d(?:\.\d)?)?|[Ee]rrno|WinError|SQLSTATE|[Ss]ignal|curl:|error|Error"
    r"|ERROR)"
    r"[ :=\[(#]{1,3}\d{1,5}(?!\w)"
    r"|(?<=: )[45]\d\d(?= [A-Z])|\bNo module named [\w.-]{1,200})"
    r"|(?P<url>\b[a-z][a-z0-9+.-]{1,20}://[^\s'<>()\[\]]+)"
    r"|(?P<email>\b[\w.+-]{1,64}@(?!\d+\.\d)[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}\b(?!/))"
    r"|(?P<uuid>\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b)"
    r"|(?P<time>\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\b\d{1,2}:\d\d:\d\d(?:[.,]\d+)?)"
    r"|(?P<host>(?:\b\d{1,3}(?:\.\d{1,3}){3}|\[(?=[0-9a-fA-F]*:)[0-9a-fA-F:]{2,40}\]"
    r"|\blocalhost)(?::\d{1,5})?\b"
    r"|(?<![\w./:])(?:[a-z0-9-]{1,63}\.){1,8}[a-z][a-z0-9-]{1,62}:\d{2,5}\b)"
    r"|(?P<user>\b(?:[Uu]ser(?:name)?|[Rr]ole|[Ll]ogin|[Aa]ccount)(?: "
    r"| ?[=:] ?)'[^'\n]{1,100}'(?:@'[^'\n]{1,100}')?"
    r"|\b(?:user(?:name)?|uid|login)=[\w.\\-]{1,100}|\b(?:for|by|as) (?:invalid )?user [\w.-]{1,64})"
    rf"|(?P<path>(?:file://)?(?:(?<![\w.\-/\\@])~?/(?={_SEGMENT})|(?<![\w.])\.{{1,2}}[\\/]"
    rf"|(?<!\w)[A-Za-z]:[\\/](?=\w)|\\\\(?=\w))"
    rf"(?:{_SEGMENT}[\\/]{{1,2}}){{0,40}}(?:{_SEGMENT})?(?::\d+){{0,3}}"
    rf"|(?<![\w@./-])(?:[\w.@+~-]{{1,100}}/){{1,40}}[\w.@+~-]{{1,100}}?\.{_SOURCE}\b(?::\d+){{0,3}}"
    rf"|(?<![\w@./$-])[\w-]{{1,100}}\.(?:{_SOURCE}(?:(?::\d+){{1,3}}|\(\d+(?:,\d+)?\))"
    rf"|{_DATA}(?=[',)]))(?![\w.]))"
    r"|(?P<hex>\b0[xX][0-9a-fA-F]+\b|\b(?=[a-f]{0,40}\d)(?=\d{0,40}[a-f])[0-9a-f]{7,64}\b)"
    rf"|(?P<amount>\b\d+(?:[.,]\d+)*[ ]?(?:{_UNIT}|{_SIZE})(?!\w|\.\d))"
    r"|(?P<number>(?<![\w])[-+]?\d+(?:[.,_]\d+)*(?![\w])|(?<=\bv)\d+(?:\.\d+)+\b)",
)
# A character or word of each alternative above but one: "No module named" keeps what follows as it is.
_MAY_VARY: Final = pattern(r"[\d'/\\@=\[.-]|localhost|user ")
_REPEATED: Final = pattern(r"<(n|amount|hex|path)>(?:(?:, ?|:| and |x| )(?:<\1>|\.\.\.))+")
_POSITION: Final = pattern(
    r"(?:,? (?:in|at|on|from) <path>)?,? \(?(?:on |at |in )?line:? <n>(?:,? ?(?:column|col|char"
    r"|position):? <n>)?(?: of <path>)?\)?(?=[\s.:,;]|$)"
    r"| \(<path>, line <n>\)| \(?(?:char|position|offset) <n>\)?"
)
_TAIL: Final = pattern(r"(?:\s*\[<path>\]|\s+(?:in|at) <path>|[\s.,:;!]|\u2026)+$")
_NOT_FOUND: Final = pattern(
    r"^(?:([\w.+-]{1,100}): not found|(?:zsh: )?command not found: ([\w.+-]{1,100}))$"
)
_PLACEHOLDER: Final = pattern(r"<\w+>")
_WORD: Final = pattern(r"[A-Za-z_$][\w$-]*[\w$]")
_EXCEPTION_MODULE: Final = pattern(
    r"(?:[A-Za-z_$][\w$]{0,80}(?:\.|::|\\)){1,12}(?=[A-Z][\w$]{1,80}(?::|$| \())"
)
_STANDARD: Final = (
    "a an and are at be by code command did error errors exception exit exited fail failed failure "
    "failures fatal file files for found from has have in is it not of on or process returned returning "
    "run running status stopped successfully test tests the this to unknown was were with you warning "
    "warnings problem problems build compile compilation completed complete make error-code nonzero "
    "non-zero passed one some due previous aborting assert false true none null line assertionerror "
    "runtimeerror valueerror typeerror keyerror oserror unexpected occurred something went wrong internal "
    "job task script step see above details log output please try again traceback most recent call last"
)
_STANDARD_WORDS: Final = frozenset(_STANDARD.split())
_IDENTIFYING: Final = pattern(
    r"[A-Z]{1,7}-?\d{3,5}\b|\bE[A-Z]{4,}\b|\bERR_[A-Z_]{4,}|\b\d[0-9A-Z]{4}:|\bSQLSTATE"
)
_NAME_ALONE: Final = pattern(
    r"(?=\S{12,80}$)[a-z]+(?:-[a-z\d]+){2,8}$"  # pip: externally-managed-environment
    r"|(?=\S*\w)[^\s<>]{1,100}: command not found$"  # the name may be $\r
)
_QUOTED: Final = pattern(
    r"`([^`\n]{8,600})`|\"([^\"\n]{12,600})\"|\u201c([^\u201d\n]{12,600})\u201d"
    r"|(?<!\w)'([^'\n]{12,600})'(?!\w)"
)
# One word, or a path with blanks
_NAMES: Final = pattern(r"\S+$|(?:file://|[.~]{0,2}/|[A-Za-z]:[\\/])(?!.*: )")
_EMBEDDED: Final = pattern(
    r"(?<![\w.])(?:[A-Za-z_]\w{0,80}\.){0,12}[A-Z]\w{1,80}(?:Error|Exception|NotFound"
    r"|Interrupt)(?: \[\w+\])?: \S"
    r"|\b(?:error\[[A-Z]\d{4}\]|error TS\d{4,5}|[Ee]rror|fatal|ERROR): \S|\b[A-Z]{1,6}\d{3,5}: \S"
)
_PROSE_END: Final = pattern(
    r"(?<=['`\"\u201d\u2019\w)])(?:[.;](?=\s|$)| [-\u2013\u2014(] ?| (?:when|while|whenever|after|during"
    r"|because|although|but|even)\b|,? so\b)"
)


def fold(line: str) -> str:
    """The statement of a line with all that belongs to one occurrence replaced by placeholders; idempotent.

    Only the first 1,000 characters count.
    """
    text = line[:MAX_LINE]
    for _ in range(8):
        folded = _fold_once(text)
        if folded == text:
            break
        text = folded
    return text


def signature(line: str) -> str | None:
    """The name of this line's error, "1:" and 16 hex digits; None when it is too generic to identify."""
    folded = fold(line)
    if sums_up(folded) or not _identifies(folded):
        return None
    import hashlib  # loads OpenSSL; most calls of a session end before they need a signature

    return f"{VERSION}:{hashlib.sha256(folded.encode()).hexdigest()[:16]}"


def signatures(text: str, limit: int = 8) -> list[str]:
    """The signatures of the error statements in tool output or in prose, most telling first, each once."""
    found: dict[str, None] = {}
    for candidate in dict.fromkeys(islice(_candidates(text, limit), _MOST_CANDIDATES)):
        name = signature(candidate)
        if name is not None:
            found.setdefault(name)
        if len(found) == limit:
            break
    return list(found)


def _candidates(text: str, limit: int) -> Iterator[str]:
    for error in error_lines(text, limit=limit):
        if error.score > _SUMMARY_SCORE and not _only_quotes(error.text):
            yield error.text
    for line in clean(text).split("\n"):
        yield from _statements_in(line[: 4 * MAX_LINE])


def _only_quotes(line: str) -> bool:
    """Whether the line is a sentence that quotes an error and not the error itself."""
    return statement(line) == line and any(_reads_as_error(span) for span in _quoted(line))


def _fold_once(text: str) -> str:
    text = statement(text.translate(_QUOTES))
    text = _QUOTED_PATH.sub("<path>", text)
    if _MAY_VARY.search(text):
        text = _VARIABLE.sub(_placeholder, text)
    text = _EXCEPTION_MODULE.sub("", text, count=1)
    text = _REPEATED.sub(r"<\1>", text.replace("'", ""))
    text = " ".join(_POSITION.sub("", text).split())
    return _NOT_FOUND.sub(r"\1\2: command not found", _TAIL.sub("", text))


def _placeholder(match: re.Match[str]) -> str:
    kind = match.lastgroup
    if kind == "keep":
        return match[0].replace("'", "")
    if kind == "user":
        return "user <user>"
    return "<n>" if kind == "number" else f"<{kind}>"


def _identifies(folded: str) -> bool:
    """Whether a folded line says enough to be one particular problem."""
    if folded in INCOMPLETE:
        return False
    bare = _PLACEHOLDER.sub(" ", folded)
    if _NAME_ALONE.match(bare):
        return True
    if _IDENTIFYING.search(bare):
        return len(_WORD.findall(bare)) >= 2
    words = {word.lower() for word in _WORD.findall(bare)}
    telling = {word for word in words - _STANDARD_WORDS if len(word) > 1}
    if bare.split(":")[0].endswith(("Error", "Exception", "NotFound")) and ":" in bare:
        return bool(telling - {bare.split(":")[0].lower()}) or len(words) >= 5
    return (len(telling) >= 2 and len(words) >= 3) or (len(telling) == 1 and len(words) >= 4)


def _statements_in(line: str) -> Iterator[str]:
    """The error statements that a sentence quotes or embeds."""
    yield from (span for span in _quoted(line) if _reads_as_error(span))
    for start in islice(_EMBEDDED.finditer(line), 4):
        rest = line[start.start() : start.start() + MAX_LINE]
        yield rest
        for end in islice(_PROSE_END.finditer(rest), 2):
            yield rest[: end.start()]


def _quoted(line: str) -> list[str]:
    spans = ["".join(parts) for parts in _QUOTED.findall(line)[:8]]
    outer = line[line.find("`") + 1 : line.rfind("`")]
    if "`" in outer and "``" not in outer:  # a code span around a statement that quotes a name in backticks
        spans.insert(0, outer)
    return spans


def _reads_as_error(span: str) -> bool:
    return not _NAMES.match(span) and any(
        error.score > _SUMMARY_SCORE for error in error_lines(span, limit=1)
    )
