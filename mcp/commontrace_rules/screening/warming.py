"""Pays in advance what the first trace would have to pay: most traces are tried with the same rules."""

from typing import Final

from commontrace_rules.screening import screen

_TITLE: Final = "SampleError: the sample is not found when a user runs the tool as another user"
_PROBLEM: Final = """\
A job in CI that had passed fails with this error, even though the same command works on a developer's machine:

```text
Traceback (most recent call last):
  File "app/main.py", line 3, in <module>
sample.SampleError: cannot open "sample" [E123]: no such file or directory
```

The module reads its input from an environment variable (`SAMPLE_KEY`), which is not set before the session begins. You
see it only with a newer version of the package: the previous one asked the system for a default and gave a warning.
"""
_SOLUTION: Final = """\
Set the variable in the image instead of the shell, then install the right version and check that the message has gone:

```sh
pip install "sample>=2.1"  # or: npm install sample@2.1
export SAMPLE_KEY="$(cat config/sample.txt)"
docker build -t app . && git push origin main
python -m app --input=sample.txt | sed -n '1p'
```

Do not delete the archive or turn the check off to pass the build: that would hide the error without a fix. If you have
no access to the file, show it to the owner, who may change its mode. Keep the default for all other tools, so that the
prompt of the assistant and what follows in the log stay the same.
"""
SAMPLE: Final = {
    "title": _TITLE, "context_text": _PROBLEM, "solution_text": _SOLUTION, "tags": ["python", "ci"],
}  # fmt: skip


def warm() -> None:
    """Screen a made-up trace: the rules that it is tried with are taken apart and compiled, all tables are read."""
    screen(SAMPLE)
