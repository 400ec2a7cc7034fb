"""What every test run has."""

import pytest

from support import warden


def pytest_configure(config: pytest.Config) -> None:
    """A run that is killed leaves no process behind."""
    appointed = warden.appoint()
    config.add_cleanup(lambda: warden.relieve(appointed))
