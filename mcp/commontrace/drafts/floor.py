"""The least that a trace has to say, so that a store does not fill up with husks."""

import re
from typing import Final

PROBLEM_LEAST: Final = 20
SOLUTION_LEAST: Final = 20
"""Characters; with less nobody else can tell the problem or apply the fix."""
LETTERS_LEAST: Final = 8
"""Different letters; text has more of them than a key that was held down."""
WORDS_LEAST: Final = 3
"""Different words, in scripts that part words."""
_PLACEHOLDER: Final = re.compile(r"<[a-z][a-z0-9:_-]*>(?:/[\w.-]+)*")
"""What redaction leaves."""
_STOCK: Final = re.compile(
    r"\b(?:todo|tbd|tba|n/?a|none|fixme|placeholder|lorem ipsum"
    r"|(?:see|as) (?:above|below|title|context|solution)"
    r"|(?:it|this|that|everything|all)? ?(?:is |was |has been |now )*(?:fixed|solved|resolved|done|works?)"
    r"|(?:the )?(?:bug|error|issue|problem|test|tests|code|file)|again|fine|now|it|this|that"
    r"|(?:i|we|you|the agent) (?:just )?(?:had to )?"
    r"|(?:do|did|make|made|changed?|apply|applied|fix|updated?) the (?:fix|code|file|change)s?"
    r"|please|thanks?|not sure|unknown|no (?:solution|fix|idea)|somehow|and|then|so|by|with)\b",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W_][\w.'/-]*")
_UNPARTED: Final = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese."""


def lacking(title: str, problem: str, solution: str) -> str | None:
    """What a trace lacks, named so that it can be mended; None if it says enough."""
    said_title, said_problem, said_solution = map(_plain, (title, problem, solution))
    needs = (
        (_says_something(title, words=2), "title: name the program and its error, so that a search finds it"),
        (
            len(said_solution) >= SOLUTION_LEAST,
            f"solution_text: say what to do so that others can do it ({SOLUTION_LEAST} characters up)",
        ),
        (
            len(said_problem) >= PROBLEM_LEAST and said_problem != said_title,
            "context_text: state the problem: what was done, what happened, the error as it was printed",
        ),
        (
            said_solution not in (said_problem, said_title),
            "solution_text: it repeats the problem; say what solved it",
        ),
        (
            _says_something(problem, words=WORDS_LEAST),
            "context_text: it names no problem; give the command, and the error as it was printed",
        ),
        (
            _says_something(solution, words=WORDS_LEAST),
            "solution_text: it says that it was solved, not how; give the command or the code",
        ),
    )
    return next((reason for met, reason in needs if not met), None)


def _says_something(text: str, *, words: int) -> bool:
    """Whether anything is left without placeholders and stock phrases."""
    left = _STOCK.sub(" ", _PLACEHOLDER.sub(" ", text))
    letters = {char for char in left.casefold() if char.isalnum()}
    if _UNPARTED.search(left):
        return len(letters) >= words
    return len(set(_WORD.findall(left.casefold()))) >= words and len(letters) >= min(LETTERS_LEAST, words * 2)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
