needs="pytest"

prepare() {
  touch pytest.ini
  cat > test_settings.py <<'EOF'
import os

import pytest


@pytest.fixture(scope="session")
def settings(monkeypatch):
    monkeypatch.setenv("MODE", "test")


@pytest.fixture(scope="session")
def folder(tmp_path):
    return tmp_path


def test_mode(settings):
    assert os.environ["MODE"] == "test"


def test_folder(folder):
    assert folder.is_dir()
EOF
}

failing() { pytest; }

fix() {
  cat > test_settings.py <<'EOF'
import os

import pytest


@pytest.fixture(scope="session")
def settings():
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("MODE", "test")
        yield


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("data")


def test_mode(settings):
    assert os.environ["MODE"] == "test"


def test_folder(folder):
    assert folder.is_dir()
EOF
}
