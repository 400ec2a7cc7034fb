"""Signatures: one name for one error, whatever surrounds it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from commontrace_rules.signature import fold, signature, signatures

_NAME = st.from_regex(r"[a-z]{3,10}", fullmatch=True)
_NUMBER = st.integers(1, 99_999)
_PATH = st.builds(lambda user, folder, file: f"/home/{user}/{folder}/{file}.py", _NAME, _NAME, _NAME)

STATEMENTS = [
    "ModuleNotFoundError: No module named 'yaml'",
    "KeyError: 'user_id'",
    "TypeError: Cannot read properties of undefined (reading 'map')",
    "error[E0382]: borrow of moved value: `x`",
    "error TS2741: Property 'id' is missing in type '{}' but required in type 'Props'.",
    "sqlalchemy.exc.OperationalError: no such table: users",
    "fatal error: openssl/ssl.h: No such file or directory",
    "undefined reference to `sqrt'",
    "Error: listen EADDRINUSE: address already in use :::3000",
    "bash: terraform: command not found",
    "panic: runtime error: index out of range [5] with length 3",
    "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.",
]


@settings(deadline=None)
@given(
    st.one_of(st.text(max_size=120), st.sampled_from(STATEMENTS)),
    st.sampled_from(["", "a.py:3: ", "E   ", '"', "/x/y z: "]),
)
def test_folding_twice_is_folding_once(text: str, before: str) -> None:
    """What is folded stays as it is."""
    assert fold(fold(before + text)) == fold(before + text)


@settings(deadline=None)
@given(_PATH, _NUMBER, _PATH, _NUMBER, st.sampled_from(STATEMENTS))
def test_path_and_line_do_not_matter(path: str, line: int, other: str, other_line: int, said: str) -> None:
    """The same statement at two places has one signature, and the bare statement has it too."""
    assert (
        signature(f"{path}:{line}: {said}")
        == signature(f"{other}:{other_line}:7: {said}")
        == signature(said)
        is not None
    )


@settings(deadline=None)
@given(_NAME, _NAME, _NUMBER, _NUMBER)
def test_user_file_number_and_duration_do_not_matter(one: str, two: str, n: int, m: int) -> None:
    """Values of one occurrence inside the message are folded."""
    templates = [
        "OSError: cannot map '/home/{s}/data/{s}.bin' after {n}.5s at 0x7f{n:06x} (pid {n})",
        'FATAL:  password authentication failed for user "{s}"',
        "TimeoutError: no answer from 10.0.{k}.7:{n} within {n} ms",
        "worker {n} stopped on 2026-01-{d:02d} 10:11:{k:02d} with 0b9e6c1e-1111-4a4a-8b8b-{n:012d} pending",
        "duplicate entry for {s}{n}@example.test in import batch",
    ]
    for template in templates:
        first = template.format(s=one, n=n, k=n % 60, d=n % 27 + 1)
        second = template.format(s=two, n=m, k=m % 60, d=m % 27 + 1)
        assert signature(first) == signature(second) is not None


@settings(deadline=None)
@given(st.lists(_NAME, min_size=2, max_size=2, unique=True))
def test_another_module_table_or_command_is_another_error(names: list[str]) -> None:
    """The name that tells causes apart is kept."""
    for template in ("ModuleNotFoundError: No module named '{}'", "Error: Cannot find module '{}'",
        "bash: {}: command not found",
                     "sqlite3.OperationalError: no such table: {}", "error: unknown option '--{}'",
                         "undefined reference to `{}'"):  # fmt: skip
        assert signature(template.format(names[0])) != signature(template.format(names[1]))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("error[E0382]: borrow of moved value: `x`", "error[E0505]: borrow of moved value: `x`"),
        ("a.py:1:1: F401 unused", "a.py:1:1: F811 unused"),
        ("ValueError: bad input given", "TypeError: bad input given"),
        ("curl: (6) Could not resolve host: a.test", "curl: (7) Could not resolve host: a.test"),
        (
            "HTTPError: 404 Client Error: gone for url: https://a.test/x",
            "HTTPError: 403 Client Error: gone for url: https://a.test/x",
        ),
        ("ERROR 1045 (28000): Access denied here", "ERROR 1044 (28000): Access denied here"),
        ("a.py:3: error: Bad thing here  [arg-type]", "a.py:3: error: Bad thing here  [assignment]"),
        ("OSError: [Errno 13] Cannot open it", "OSError: [Errno 2] Cannot open it"),
    ],
)
def test_codes_and_types_tell_errors_apart(one: str, other: str) -> None:
    """Another rule code, exception type or status is another error."""
    assert signature(one) != signature(other)


@pytest.mark.parametrize("said", STATEMENTS)
@pytest.mark.parametrize(
    "frame",
    ["{}", "`{}`", "The build stops with `{}`.", "After the upgrade pytest fails with `{}` on every run",
        "CI says: \u201c{}\u201d", "```\n{}\n```",
     "- `{}`", "Symptom:\n\n    {}\n"],
)  # fmt: skip
def test_a_quoted_statement_has_the_signature_of_the_tool_output(said: str, frame: str) -> None:
    """The title or context of a trace that quotes an error meets the error itself."""
    assert signature(f"src/app.py:12: {said}") in signatures(frame.format(said))


def test_a_sentence_may_go_on_after_the_statement() -> None:
    """In prose the statement ends where the sentence goes on."""
    wanted = signature("E   ModuleNotFoundError: No module named 'yaml'")
    assert wanted in signatures("ModuleNotFoundError: No module named 'yaml' when running pytest")
    assert wanted in signatures(
        "Importing it raises ModuleNotFoundError: No module named 'yaml'. Install it first."
    )


@pytest.mark.parametrize(
    "line",
    ["", "Error", "ERROR:", "FAILED", "exit code 1", "Error: Process completed with exit code 1.",
        "KeyError", "Build failed", "1 failed, 3 passed",
     "AssertionError: assert 1 == 2", "make: *** [Makefile:3: all] Error 2",
     "Traceback (most recent call last):", "error: command failed",
     "Found 3 errors in 1 file", "Tests failed", "ValueError: 12",
     "A.java:3: error: cannot find symbol", "error: command not found", "error: legacy-install-failure"],
)  # fmt: skip
def test_a_line_that_identifies_nothing_has_no_signature(line: str) -> None:
    """A name that fits every failure would match them all."""
    assert signature(line) is None


def test_the_limit_holds_and_nothing_comes_twice() -> None:
    """At most `limit` signatures, each once."""
    found = signatures(
        "\n".join(
            f"error: cannot find the {word} library" for word in ("zlib", "png", "curl", "zlib", "xml")
        ),
        limit=3,
    )
    assert len(found) == len(set(found)) == 3


@pytest.mark.parametrize(
    "line",
    [
        "error: externally-managed-environment",
        "bash: line 1: $'\\r': command not found",
        "async def functions are not natively supported.",
        "Makefile:2: *** missing separator.  Stop.",
        "A.java:3: error: cannot find symbol: method run()",
    ],
)
def test_a_short_statement_that_is_particular_has_a_signature(line: str) -> None:
    """A name of several words, or of a command, identifies a problem."""
    assert signature(line) is not None
    assert signatures(f"running\n{line}\n") == [signature(line)]


def test_a_quoted_path_that_speaks_of_errors_is_a_path() -> None:
    """An error is not taken for a sentence about errors because of the directory that it names."""
    said = "Cannot find module '{}/utils' imported from {}/main.js"
    found = signatures(said.format("/tmp/the error is met", "/srv/app"))
    assert found == signatures(said.format("/srv/app", "/srv/app")) != []


def test_a_package_with_its_version_is_no_address() -> None:
    """The name of the package is kept."""
    assert fold("cannot resolve core@2.0.0") != fold("cannot resolve base@2.0.0")
    assert fold("cannot resolve core@2.0.0") == fold("cannot resolve core@2.1.0")
    assert fold("cannot reach ann@mail.example.test") == fold("cannot reach bob@example.test")


def test_a_message_below_its_exception_counts() -> None:
    """The same message on the line of the exception and below it is one error."""
    message = "An attempt was made to start before the process was ready."
    assert signature(f"RuntimeError: {message}") in signatures(f"RuntimeError:\n        {message}\n")
