"""Puts statements together again that a tool broke over several lines or cut at the width of a terminal."""

from typing import Final

from commontrace_rules.text import pattern

_UNTOLD: Final = pattern(
    r"((?:E(?=[ \t]))?[ \t]*)(?:\w{1,80}[.:\\]{1,2}){0,12}[A-Z]\w{0,80}(?:Error|Exception):[ ]?$"
)
_INDENT: Final = pattern(r"(?:E(?=[ \t]))?[ \t]*(?=\S)")
_FRAME: Final = pattern(r"at |File \"|\.\.\. \d|[|^~]")
_MOST_JOINED: Final = 8

_UNNAMED: Final = pattern(r"(?:^|\s)cannot find symbol$")  # javac names the symbol two lines below
_SYMBOL: Final = pattern(r"(?:\[ERROR\])?\s{1,20}symbol:\s{1,10}(\S.{0,300})$")
_SYMBOL_WITHIN: Final = 5
_DETAIL: Final = pattern(r"\[ERROR\](?=\s{2,20}(?:symbol|location|required|found|reason):)")  # Maven

_BLOCK: Final = pattern(r"(\s*)error: [|>][-+]?$")  # YAML, as test runners write it

_CUT: Final = pattern(r"((?:FAILED|ERROR) \S.{0,300}?) - (?:Failed: )?(.{1,300})\.\.\.$")  # pytest's summary
_MOST_CUT: Final = 20
_SHORTEST_TELLING: Final = 10
"""Fewer characters than this of a cut statement would be found in any line."""

INCOMPLETE: Final = frozenset({"cannot find symbol"})
"""Statements that identify nothing as long as their continuation is not known."""


def joined(lines: list[str]) -> list[str]:
    """The lines with every broken or cut statement whole in its first line; number and order are kept."""
    whole = list(lines)
    cut: list[int] = []
    for index, line in enumerate(lines):
        if line.endswith(("Error:", "Exception:", "Error: ", "Exception: ")):
            whole[index] = _with_message(lines, index)
        elif line.endswith(("|-", "|", ">-", "|+")) and (block := _BLOCK.match(line)):
            whole[index] = _with_block(lines, index, len(block[1]))
        elif line.endswith("cannot find symbol") and _UNNAMED.search(line):
            whole[index] = _with_symbol(lines, index)
        elif line.startswith("[ERROR]  ") and (detail := _DETAIL.match(line)):
            whole[index] = line[detail.end() :]
        elif line.endswith("...") and line.startswith(("FAILED ", "ERROR ")):
            cut.append(index)
    for index in cut[:_MOST_CUT]:
        whole[index] = _uncut(lines, index)
    return whole


def _with_message(lines: list[str], index: int) -> str:
    """An exception without a message and the indented paragraph that follows it."""
    head = _UNTOLD.match(lines[index])
    if head is None:
        return lines[index]
    paragraph: list[str] = []
    depth = head.end(1) + 1
    for line in lines[index + 1 : index + 1 + _MOST_JOINED]:
        if not line.strip() and not paragraph:
            continue
        indent = _INDENT.match(line)
        if indent is None or indent.end() < depth or _FRAME.match(line, indent.end()):
            break
        if paragraph and indent.end() > depth:
            break  # an example within the message
        depth = indent.end()
        paragraph.append(line[depth:].rstrip())
    return " ".join([lines[index].rstrip(), *paragraph])


def _with_block(lines: list[str], index: int, indent: int) -> str:
    """A message that is written as an indented block below its key."""
    paragraph: list[str] = []
    for line in lines[index + 1 : index + 1 + _MOST_JOINED]:
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        paragraph.append(line.strip())
    return f"{lines[index][:indent]}error: {' '.join(filter(None, paragraph))}"


def _with_symbol(lines: list[str], index: int) -> str:
    for line in lines[index + 1 : index + 1 + _SYMBOL_WITHIN]:
        if symbol := _SYMBOL.match(line):
            return f"{lines[index]}: {' '.join(symbol[1].split())}"
    return lines[index]


def _uncut(lines: list[str], index: int) -> str:
    """The line with what an earlier line says in full; without the rest of a statement too short to tell."""
    parts = _CUT.match(lines[index])
    if parts is None:
        return lines[index]
    if len(parts[2]) < _SHORTEST_TELLING:
        return parts[1]
    for line in lines:
        if parts[2] in line and not line.endswith("..."):
            return f"{parts[1]} - {line[line.index(parts[2]) :]}"
    return lines[index]
