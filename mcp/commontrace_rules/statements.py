"""What a line of output says without its marks, position, severity and program; whether it only sums up."""

from typing import Final

from commontrace_rules.text import pattern

LEVEL = r"(?:error|fatal|critical|severe|panic|failure|warning|warn|note|info|information|help|hint)"
_AFTER_LEVEL = r"(?::root:|:(?=\s)| (?=\[[\w.]+\] )| {2,}|(?=\[\w+\])| (?=[A-Z]+\d))"
CROSSES: Final = "\u2716\u2718\u2717\u00d7\u25cf\u274c\u2a2f"
_PLACE = r"[^\s:()\[\]'\"`]{1,400}"
_LEADS = (
    r"\s+",
    r"E\s{1,8}(?=\S)",  # pytest
    r"[>*!|\-\u2022\u00bb] (?=\S)|\^-+\^? ",  # quotes, bullets, the pointer under a line
    rf"[{CROSSES}\u26a0\u203c\u2514\u2570\u251c\u2500\u256d\u25b6\u23af]+\ufe0f? ?",
    r"npm (?:ERR!|error|warn) (?:code (?=E))?|pnpm: |docker: ",
    # pytest's short summary; a test's name may hold " - " itself
    r"(?:FAILED|ERROR) [^\n]{1,300}? - (?=[\w.]{0,100}[A-Z]\w{1,80}: )",
    r"(?:FAILED|ERROR) [^\n]{1,300}? - ",
    # path:1:2
    rf"(?:psql:|[A-Za-z]:)?{_PLACE}(?::\d+){{1,3}}(?:-\d+(?::\d+)?)?(?::(?=\s|in ['`]|\w+ - )| -|(?= ))",
    rf"(?:[A-Za-z]:)?{_PLACE}(?:\(\d+(?:,\d+)*\)|:\[\d+(?:,\d+)?\]):?(?=\s)",  # path(1,2): path:[1,2]
    r"\d+:\d+(?=\s)",  # eslint, stylelint
    r"[^\s:]{1,300}:\(\.[^)\s]{1,200}\): ",  # the linker's object:(.text+0x11):
    r"(?:-|/[^\s:]{1,200}/)?(?:ba|da|z|k)?sh: (?:(?:line )?\d+: )?|[^\s:]{1,200}: line \d+: ",  # shells
    r"(?:[A-Za-z]:[\\/]|~?/)[^\s:]{1,400}: ",  # /path/to/program:
    r"python[\d.]{0,6}: |at (?=line \d)",
    r"in [`'][^'\n]{1,200}': ",  # Ruby
    r"thread '[^'\n]{1,100}' (?:\(\d+\) )?panicked at (?:[^\s:]{1,300}(?::\d+){2}:(?: |$))?",
    r"Exception in thread \"[^\"\n]{1,100}\" |Caused by: |(?:Unc|C)aught (?:[Ee]xception )?(?=[A-Z\\])",
    r"[Uu]nhandled (?:[Pp]romise )?(?:[Rr]ejection|exception):? ",
    r"PHP (?=\w+ error:)|(?:Parse|Runtime) error near line \d+: |(?:Fatal|Parse|Syntax|Compile) error:\s+",
    rf"[\w./+-]{{1,80}}: (?=(?:fatal )?{LEVEL}: )",  # cc1: error:
    rf"[\[(](?i:{LEVEL})[\])]:? ?",
    rf"(?:fatal |internal compiler )?(?i:{LEVEL}){_AFTER_LEVEL}",
    r"(?i:error) (?=[A-Z][a-z]+ [a-z])",  # yarn 1
    r"\[[a-z_]\w*(?:\.\w+)+\] ",  # the logger's name
    r">> Issue: (?=\[)",  # bandit
    r"lua[\d.]{0,4}: |what\(\): +",  # C++
    r"[ewiv]: ",  # kotlinc
    rf"(?i:{LEVEL})\s+- ",  # psalm, Next.js
)
_LEAD: Final = pattern(f"(?:{'|'.join(_LEADS)})+")
_CODED_BRACKETS: Final = pattern(r"\[([A-Z]+\d+|[a-z]\w*-[\w-]+)(?::\w+)?\]:?\s")
_SUMMARIES: Final = (
    "exit code", "exit status", "exited with", "non-zero", "nonzero", "did not complete", "failed to solve",
    "could not compile", "aborting due to", "compiled with ", "build fail", "failure: build",
    "build stopped", "lifecycle script", "legacy-install-failure", "elifecycle", "complete log",
    "for more information",
    "process completed", "command failed", "failed building wheel", "subprocess-exited", "error originates",
    "metadata-generation", "most recent call", "the above e", "is the server running",
    "background on this error", "test summary", "execution failed for task", "what went wrong",
    "a failure occurred", "compilation failed", "compilation terminated", "re-run maven", "to see the full",
    "tests failed", "test failed", "errors generated", "error generated", "rated at", "hook id",
    "(ignored)", "stack trace", "stacktrace", "at least one error", "more details here",
    "completed with errors", "encountered an error", "see above", "failed with error", ": *** [",
    "errors occurred", "due to previous", "returned a ", "details are omitted", "ld returned",
    "failed to compile", "caused by one or more", "no further information", "debug log",
    "this is an error from", "following error", "for help", "failing tests", "failed tests", "-- the ",
    "failed at the ", "probably not a problem with npm",
)  # fmt: skip
_SUMMARY: Final = pattern(
    r"exit(?:ed|ing)? |[=\s#]*\d+ (?:failed|passed|errors?|warnings?|failures?|tests?|xfailed|skipped)\b"
    r"|[=_*-]{3,}(?![=_*-])(?:$|.*[=_*-]{3}$|[ ](?:fail|error|run|pass|skip|module)\b)"
    r"|tests?(?: suites?| files?| run)?:|(?:build |task |tests? )?(?:fail|failed|failures?|failing"
    r"|errors?)\b[\s:!.]*\d*$|fail |(?:fatal )?error \d+$"
    r"|traceback|help:|usage:|found \d+ (?:errors?|problems?)|\W{0,4}\d+ (?:problems?|errors?)\b"
    r"|node\.js v|failed \([a-z]+=|note: some"
    # what npm adds: where it stood, which script it ran
    r"|(?:errno|code) -?\d+$|syscall \w+$|(?:path|dest|location|cwd) ~?/\S+$|workspace \S+@\S+$"
    r"|command sh -c |\S+/_logs/\S+$|(?:@[\w.-]+/)?[\w.-]{1,80}@\d[\w.+-]{0,40} [\w:.-]{1,60}: `"
    r"|(?:nx )?run(?:ning target)? .{1,200} failed$|failed: \d+ of \d+ tasks|run failed: command "
)


def statement(line: str) -> str:
    """What a line says; marks, position, severity and program in front of it are taken off."""
    lead = _LEAD.match(line)
    body = line[lead.end() :] if lead else line
    if body[:1] == "[" and (coded := _CODED_BRACKETS.match(body)):
        body = f"{coded[1]}: {body[coded.end() :]}"
    return body.strip()


def sums_up(line: str) -> bool:
    """Whether a line only says that something else failed, as "Found 2 errors" or "exit code 1" do."""
    return is_summary(statement(line).lower())


def is_summary(said: str) -> bool:
    """Whether a statement in lower case only says that something else failed."""
    return _SUMMARY.match(said) is not None or any(phrase in said for phrase in _SUMMARIES)
