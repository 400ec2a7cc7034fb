"""What programs print when they fail, and when they do not: words, summaries, stacks."""

import re
from typing import Final

from commontrace_rules.text import pattern

WORDS: Final = (
    "error", "fail", "fatal", "exception", "traceback", "panic", "cannot", "can't", "could not", "unable",
    "denied", "not found", "no such", "refused", "undefined", "unresolved", "unrecognized", "unknown",
    "invalid", "missing", "killed", "segmentation", "abort", "conflict", "rejected", "timed out", "not ok",
    "backoff", "oomkilled", "err!", "warning", "exit", "rc=", "\u2716", "\u2717", "\u2718", "\u00d7",
    "status", " rated ", "would ", "expect", "not a ", "is not", "npm error", "issues found", "unbound",
    "unmatched", "untermin", "***", "syntax", "no tests", "couldn't", "does not", "not used", " line ",
    "diff in ", "no module", "not in ", ".go:", "not_found", "node.js v", "nothing to ",
    "failure", "too many", "no rule", "attempt to",
)  # fmt: skip
CODE: Final = pattern(r"(?:^|: |-- |\[)[A-Z]{1,4}\d{3,4}[ :\]]", re.MULTILINE)
RED: Final = pattern(
    r"(?im)^(?:"
    r"[=\s]*(?:\d+ \w+, )*[1-9]\d* (?:failed|errors?|failures?)\b(?:,| in | during|[\s=]*$)"  # pytest
    r"|(?:tests|test suites|test files|snapshots):?\s+(?:\d+ \w+, ?)*[1-9]\d* failed"  # jest
    r"|\s*(?:test files|tests)\s{1,8}[1-9]\d* failed"  # vitest
    r"|\s*[1-9]\d* failing$|failed \((?:errors|failures)=[1-9]|test result: failed|--- fail: "
    r"|fail\s+\S+\s+\[?[\d.b]|not ok \d+"
    r"|[#\u2139] fail [1-9]|\d+ examples?, [1-9]\d* failures?|(?:tests run|tests): ?\d+.{0,60}(?:failures"
    r"|errors): ?[1-9]"
    r"|found [1-9]\d* errors?\b(?! \(\d+ fixed, 0 )|[\u2716\u00d7] [1-9]\d* problems? \([1-9]"
    r"|.{0,80}compiled with [1-9]\d* errors?|failed to compile\.?$"
    r"|build fail(?:ed|ure)|failure: build failed|.{0,40}: \*\*\* .{0,200}(?:error \d+|stop\.)"
    r"|ninja: build stopped"
    r"|npm (?:err!|error) |error: could not compile |error\[e\d{4}\]|errors? found!"
    r"|your code has been rated at (?!10\.00)"
    r"|(?:oh no|\d+ files? would be reformatted|would reformat )|\[error\] .{0,200}build failure"
    r"|.{0,60}\b[1-9]\d* errors? generated"
    r"|thread '[^']{1,80}' (?:\(\d+\) )?panicked at|panic: |fatal error: |fatal: |segmentation fault"
    r"|.{0,80}\(core dumped\)"
    r"|(?:\S+: )?(?:line )?(?:\d+: )?.{1,80}: (?:command )?not found$|.{0,60}\bkilled$|exited \(?[1-9]\d*\)?$"
    r"| ! \[(?:remote )?rejected\]|conflict \(|collect2: error|cmake error|code style issues"
    r"|\[warn\] code style|automatic merge failed|error: failed to push"
    r"|psql:.{1,200}: error: |\s*[1-9]\d* fail$|\s*\S{1,60}: fail code \d|exit status [1-9]\d*$"
    r"|note: (?:run with|some details are omitted).{0,30}rust_backtrace"
    r"|error: process completed with exit code [1-9]"
    r"|no tests ran in |no test(?:s| files) found, exiting|\S+::\S+ (?:failed|error)\b|\*+test failed\*+"
    r"|coverage failure: |diff in .{1,200}:\d+:$"
    r"|failed!\s+- failed:\s+[1-9]|\s+error \u2022 .{1,300} \u2022 "  # .NET, Flutter
    r"|l:\s+\d+ \| p:\s+\d+ \| "  # sqlfluff
    r"|node\.js v\d+\.\d+\.\d+$"  # node says so where an exception ends it
    r"|\S{1,200}:\d+:in [`'].{1,200}?': .{1,300} \(\w+(?:::\w+)*\)$|\S{1,200}:\d+: syntax error, "  # Ruby
    r"|(?:php )?(?:fatal|parse) error: |exception in thread "
    r"|(?:vet: )?(?:\./)?\S{1,200}\.go:\d+:\d+: "
    r")"
)
GREEN: Final = pattern(
    r"(?im)^(?:[=\s]*(?:\d+ \w+, )*\d+ passed\b(?!.{0,60}\b[1-9]\d* (?:failed|error))|test result: ok"
    r"|\s*(?:tests|test suites|test files):?\s.{0,60}\bpassed\b(?!.{0,40}[1-9]\d* failed)"
    r"|success: no issues|all checks passed|found 0 errors|ok(?: \(|$)|ok\s+\S+\s+[\d.(]|build success"
    r"|\[?.{0,10}build success|\s*\d+ passing|.{0,60}compiled successfully"
    r"|\s*finished .{0,80}target\(s\)|[#\u2139] fail 0$|added \d+ packages|up to date"
    r"|successfully (?:installed|built|created|tagged)|your code has been rated at 10|\u2728  ?done"
    r"|passed!\s+- failed:\s+0"
    r"|success! the configuration is valid|-- build files have been written to|-- generating done$)"
)
STACK: Final = pattern(
    r"(?m)^\s+at .{1,200}[:(]|^\s+from .{1,200}:\d+|^Node\.js v\d|^\s+File \".{1,300}\", line \d+"
    r"|^goroutine \d+ \[| at .{1,200} line \d+\.$"
)
CRASHED: Final = pattern(
    r"(?m)\b(?:CrashLoopBackOff|ImagePullBackOff|ErrImagePull|OOMKilled|CreateContainerConfigError"
    r"|exited with code [1-9]\d*)\b"
)
