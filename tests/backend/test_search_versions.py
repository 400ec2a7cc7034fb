"""Version ranges as the ecosystems write them."""

import pytest

from commontrace_server.search.versions import Fit, fits, within


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("2.1", ">=2,<3", True),
        ("3.0", ">=2,<3", False),
        ("1.4.5", "~=1.4", True),
        ("2.0", "~=1.4", False),
        ("1.9.0", "^1.2.3", True),
        ("2.0.0", "^1.2.3", False),
        ("0.4.9", "^0.4.2", True),
        ("0.5.0", "^0.4.2", False),
        ("1.2.9", "~1.2.3", True),
        ("1.3.0", "~1.2.3", False),
        ("1.9", "~> 1.2", True),
        ("2.0", "~> 1.2", False),
        ("1.2.8", "~> 1.2.3", True),
        ("1.3.0", "~> 1.2.3", False),
        ("1.2.7", "1.2.x", True),
        ("1.3.0", "1.2.x", False),
        ("1.2.7", "1.2", True),
        ("18.3.1", "<17 || >=18", True),
        ("17.0.1", "<17 || >=18", False),
        ("1.3.0", "1.2 - 1.4", True),
        ("1.5.0", ">=1.2 <1.5", False),
        ("v20.1.0", ">=18", True),
        ("1.0.0-canary.3", ">=1", True),
        ("5.0.0", "*", True),
        ("5.0.0", "", True),
    ],
)
def test_a_version_is_compared_as_its_ecosystem_does(version: str, wanted: str, expected: bool) -> None:
    """PEP 440, npm, Cargo and RubyGems ranges mean what their tools take them to mean."""
    assert within(version, wanted) is expected


@pytest.mark.parametrize(("version", "wanted"), [("main", ">=1"), ("1.0", "latest"), ("1.0", ">=1 or so")])
def test_what_cannot_be_read_excludes_nobody(version: str, wanted: str) -> None:
    """An unreadable version or range is no reason to say that a trace does not fit."""
    assert within(version, wanted) is None


def test_packages_are_compared_by_name() -> None:
    """Spellings of one name are one package; what the caller does not use is unknown."""
    found = fits({"PyYAML": "<6", "ruamel_yaml": ">=1"}, {"pyyaml": "6.0.1", "requests": "2"})
    assert found == {"PyYAML": Fit("<6", "6.0.1", False), "ruamel_yaml": Fit(">=1", None, None)}


@pytest.mark.parametrize(
    ("version", "fits_rust", "fits_others"),
    [("1.2.9", True, True), ("1.9.0", True, False), ("2.0.0", False, False)],
)
def test_a_bare_version_means_more_to_cargo(version: str, fits_rust: bool, fits_others: bool) -> None:
    """Cargo takes "1.2" for "^1.2"."""
    assert fits({"serde": "1.2"}, {"serde": version}, ["rust"])["serde"].fits is fits_rust
    assert fits({"serde": "1.2"}, {"serde": version}, ["python"])["serde"].fits is fits_others
