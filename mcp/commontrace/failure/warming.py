"""Pays in advance what the first failure would have to pay: compiling the expressions that read output."""

from typing import Final

from commontrace.failure.delivery import parse_error
from commontrace.failure.detection import detect
from commontrace.failure.question import query
from commontrace_rules.signature import signatures

_RAISED: Final = """\
\x1b[31m2026-01-01 10:00:00 app.py:3:7: error: cannot open '/srv/app/data.txt'  [sample-rule]\x1b[0m
10%\r20%
::error::the sample is not there\u2502
Traceback (most recent call last):
  File "app.py", line 3, in <module>
sample.SampleError: the "sample" was not readily found in `module.name`
what was expected here is another sample
SampleError:
    which is said in the next line
thread 'main' panicked at src/main.rs:1:1:
app.java:1: error: cannot find symbol
[ERROR]  symbol: class Sample
FAILED test_app.py::test_a - sample.SampleError: the "sample" was not...
[sample-code] Found 1 error
"""
_BLOCK: Final = "not ok 1 - sample\n  error: |-\n    it is not sampled\n"
_REFUSED: Final = """\
app: cannot read it
these are words of another kind
note: it is missing

end
end
"""
_CODED: Final = "a.py:1:1: E123 sample\n"
_READS: Final = "git diff; cat <<END\nsample\nEND"
_RUNS: Final = "cd app && FLAG=1 timeout 5s python3 app.py 2>&1 | tee 'a.log'; echo $?"
_COMMANDS: Final = (
    _RUNS, _READS, "git push; ls", "bash x.sh", "python -c 1; ls", "time make; echo done", "docker logs app",
    "./app; true", "python app.py; true",
)  # fmt: skip


def warm() -> None:
    """Read made-up failures in every way, so that the first real one is read at full speed."""
    for command in _COMMANDS:
        for output in (_RAISED, _REFUSED, _CODED, _BLOCK):
            detect(command, output, None)
    _, output = parse_error(f"Exit code 1\n{_RAISED}")
    detect(_RUNS, output, 1)
    signatures(output)
    for output in (_RAISED, _REFUSED, "sample"):
        query(output)
