"""What of a trace is embedded: one vector for the problem, one for the solution. Pure.

A trace is longer than the model's window, and one vector over everything blurs it. An error matches what the
problem says, a question often what the solution does; both views start with the title, which ties them.
"""

from commontrace_rules.errors import error_lines
from commontrace_rules.text import clean

PROBLEM = "problem"
SOLUTION = "solution"
# Less than the 256 tokens that the model reads (about 900 characters): measured, the rest of a text changes
# nothing in what is found and costs a quarter more tokens.
PROBLEM_CHARACTERS = 600
SOLUTION_CHARACTERS = 450
ERROR_LINES = 3  # quoted errors that stand before a context too long to be read whole


def views(*, title: str, context_text: str, solution_text: str) -> dict[str, str]:
    """Return the text of each view of a trace; two views are never the same text."""
    context = _unrepeated(title, clean(context_text))
    problem = f"{title}\n{_telling(context, PROBLEM_CHARACTERS - len(title))}".strip()
    solution = f"{title}\n{_unrepeated(title, solution_text)}"[:SOLUTION_CHARACTERS].strip()
    found = {PROBLEM: problem, SOLUTION: solution}
    return found if problem != solution else {PROBLEM: problem}


def _unrepeated(title: str, text: str) -> str:
    """The text without the title that many contexts repeat as their first line."""
    text = text.strip()
    return text[len(title) :].lstrip("\n") if text.startswith(title) else text


def _telling(context: str, room: int) -> str:
    """As much of a context as fits, its quoted errors first when it does not fit whole."""
    if len(context) <= room:
        return context
    head = context[:room]
    beyond = [line.text for line in error_lines(context, ERROR_LINES) if line.text not in head]
    return "\n".join([*beyond, head])[: max(room, 0)]
