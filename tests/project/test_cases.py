"""`--cases`: every test runs, with some of its cases."""

from support import cases


def test_every_test_is_run_with_cases_from_all_over() -> None:
    """Those without cases, or with few, as they are; of many the first and some spread behind it."""
    many = [f"tests/a.py::test_many[{number}-x[y]]" for number in range(100)]
    few = ["tests/a.py::test_few[1]", "tests/a.py::test_few[2]", "tests/b.py::test_alone"]
    assert cases.chosen([*many, *few], 4) == {*few, many[0], many[25], many[50], many[75]}
    assert cases.chosen(many, 1) == {many[0]}
