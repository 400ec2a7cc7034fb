"""What of a trace is embedded."""

from commontrace_server.embeddings import passages


def test_problem_and_solution_are_separate_views() -> None:
    """Both views start with the title; neither holds the other's text."""
    views = passages.views(
        title="Cannot import yaml", context_text="It fails.", solution_text="Install PyYAML."
    )
    assert views == {
        "problem": "Cannot import yaml\nIt fails.",
        "solution": "Cannot import yaml\nInstall PyYAML.",
    }


def test_a_context_that_repeats_the_title_is_not_embedded_twice() -> None:
    """The title stands once in each view."""
    views = passages.views(title="How to sort", context_text="How to sort", solution_text="sorted(x)")
    assert views["problem"] == "How to sort"


def test_equal_views_are_one() -> None:
    """A trace whose views are the same text needs one vector."""
    assert list(passages.views(title="Same", context_text="Text", solution_text="Text")) == ["problem"]


def test_an_error_quoted_late_in_a_long_context_is_embedded() -> None:
    """A long context is not cut before the error that it is about."""
    error = "ModuleNotFoundError: No module named 'yaml'"
    story = "We changed nothing that day and nobody knows why this happened. " * 60
    views = passages.views(
        title="Import trouble", context_text=f"{story}\n{error}\n", solution_text="Install it."
    )
    assert error in views["problem"]


def test_views_fit_the_window() -> None:
    """No view is longer than what the model reads, whatever the trace."""
    views = passages.views(title="t" * 200, context_text="c " * 10_000, solution_text="s " * 10_000)
    assert all(len(text) <= passages.PROBLEM_CHARACTERS for text in views.values())
