"""What a shell adds to the output of a command: times, words of `echo`, exit statuses."""

import re
from typing import Final

from commontrace.failure.shell import Stage
from commontrace_rules.text import pattern

_SHOWS_CODE: Final = pattern(
    r"(?:\becho(?: -\w+)?|\bprintf) +(?P<quote>[\"']?)(?P<before>[^\"'|;&\n$]{0,80})"
    r"\$(?:\?|\{?(?P<all>PIPESTATUS)(?:\[[\d@*]\])?\}?)"
)
_SHOWN_CODE: Final = pattern(
    r"(?im)^[^\n]{0,60}?(?:exit|status|\brc|\bret|code|result)[\w ]{0,12}[:=]?\s*\(?(-?\d{1,3})\)?\W{0,6}$"
    r"|^(\d{1,3})$"
)
_TIMES: Final = pattern(r"(?:real|user|sys)\s+\d+m[\d.]+s$|\d+[.,]\d+ real\b.{0,60}|\S+ \(.{0,20}\) total$")
_SAYS: Final = frozenset({"echo", "printf"})
_MOST_LINES: Final = 12


def shown_exit_code(command: str, text: str) -> int | None:
    """The exit status that the command printed itself, as in `make; echo $?`; None if it printed none."""
    asked = list(_SHOWS_CODE.finditer(command))
    if not asked and "$?" not in command and "PIPESTATUS" not in command:
        return None
    codes = [code for each in asked for code in _codes_after(each["before"], text, every=bool(each["all"]))]
    codes = codes or [int(match[1] or match[2]) for match in _SHOWN_CODE.finditer(text)]
    if not codes:
        return None
    wrong = next((code for code in codes if code), 0)
    behind_pipe = (
        "|" in command.replace("||", "") and "PIPESTATUS" not in command and "pipefail" not in command
    )
    return None if behind_pipe and not wrong else wrong


def without(ran: list[Stage], text: str) -> str:
    """The text without the lines at its end that `time` and the command's own `echo` have printed."""
    said = {" ".join(stage.words).strip() for stage in ran if stage.program in _SAYS}
    lines = text.rstrip().split("\n")
    for _ in range(_MOST_LINES):
        last = lines[-1].strip() if lines else "x"
        if last and last not in said and not _TIMES.match(last) and not _is_said(last, said):
            break
        lines.pop()
    return "\n".join(lines)


def _codes_after(before: str, text: str, *, every: bool) -> list[int]:
    """The numbers in the last line that begins with the words in front of the exit status."""
    head = re.escape(before.strip().replace("\\n", ""))
    shown = re.findall(rf"(?m)^{head}\s*((?:-?\d{{1,3}}[ \t]*){{1,9}})\W{{0,6}}$", text)
    if not shown:
        return []
    codes = [int(code) for code in shown[-1].split()]
    return codes if every else codes[-1:]


def _is_said(line: str, said: set[str]) -> bool:
    """Whether a line is what an `echo` with a variable printed."""
    heads = (text.split("$")[0] for text in said if "$" in text)
    return any(len(head) > 1 and line.startswith(head.strip()) for head in heads)
