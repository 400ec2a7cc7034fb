"""The configuration file: read strictly, replaced whole, outranked by the environment."""

import subprocess
import sys
from pathlib import Path

import pytest

from commontrace import config
from commontrace.config import ConfigInvalidError, Permissions, StoreConfig, StoreUnknownError

KEY = "ct_" + "k" * 43
URL = "https://traces.example.org"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "config.toml"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def load(path: Path, **environ: str) -> config.Config:
    return config.load(path, environ)


def test_without_a_file_there_is_only_the_local_store(path: Path) -> None:
    """No configuration means local."""
    loaded = load(path)
    assert loaded.stores == {}
    assert loaded.default_store == "local"
    assert not path.parent.exists()


def test_a_connected_store_is_read_back(path: Path) -> None:
    """What setup writes is what is read, for this user alone."""
    store = StoreConfig("team", URL, api_key=KEY, space="web", permissions=Permissions(queries=True))
    config.connect(path, store)
    assert load(path).store("team") == store
    assert path.stat().st_mode & 0o077 == 0


def test_several_stores_stand_side_by_side(path: Path) -> None:
    """Connecting one store changes nothing about another."""
    config.connect(path, StoreConfig("team", URL, api_key=KEY))
    config.connect(path, StoreConfig("public", "https://commons.example.org", api_key_file="/keys/public"))
    config.choose_default(path, "public")
    loaded = load(path)
    assert list(loaded.stores) == ["team", "public"]
    assert loaded.default_store == "public"
    config.disconnect(path, "public")
    assert load(path).default_store == "local"
    assert list(load(path).stores) == ["team"]


def test_every_permission_is_off_until_given(path: Path) -> None:
    """Connecting a store allows it nothing."""
    write(path, f'[stores.team]\nurl = "{URL}"\napi_key = "{KEY}"\n')
    assert load(path).store("team").permissions == Permissions()


def test_unknown_keys_are_kept_and_named(path: Path) -> None:
    """A newer version's settings survive this version's writing."""
    write(
        path,
        f'later = 1\n[stores.team]\nurl = "{URL}"\ncolour = "red"\n'
        "[stores.team.permissions]\nquerys = true\n",
    )
    assert load(path).unknown == ("later", "stores.team.colour", "stores.team.permissions.querys")
    config.connect(path, StoreConfig("team", URL, api_key=KEY))
    config.choose_default(path, "team")
    assert load(path).unknown == ("later", "stores.team.colour", "stores.team.permissions.querys")


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("[stores.team]\nurl = \n", 2, "not valid TOML"),
        ('[stores.team]\n\nurl = "http://traces.example.org"\n', 3, "use https"),
        ('[stores.team]\nurl = "ftp://traces.example.org"\n', 2, "must be an address"),
        ('[stores.team]\nurl = "https://me:pw@traces.example.org"\n', 2, "no user"),
        (f'[stores.team]\nurl = "{URL}"\n[stores.team.permissions]\nvotes = "yes"\n', 4, "true or false"),
        ("[stores.team]\n", 1, "is missing"),
        ("[stores.local]\n", 1, "name"),
        ("[stores.environment]\n", 1, "name"),
        ("stores = 3\n", 1, "must be a table"),
        ('default_store = "gone"\n', 1, "no store is called"),
    ],
)
def test_an_invalid_file_is_named_with_its_line_and_kept(
    path: Path, text: str, line: int, words: str
) -> None:
    """The error leads to the line, and nothing that a person wrote is overwritten."""
    write(path, text)
    with pytest.raises(ConfigInvalidError, match=words) as raised:
        load(path)
    assert f"line {line}" in str(raised.value)
    with pytest.raises(ConfigInvalidError):
        config.connect(path, StoreConfig("other", URL, api_key=KEY))
    assert path.read_text() == text


@pytest.mark.parametrize("url", ["http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000", URL])
def test_http_is_for_this_machine_only(path: Path, url: str) -> None:
    """A key never travels in the clear."""
    config.connect(path, StoreConfig("team", url, api_key=KEY))
    assert load(path).store("team").url == url


def test_a_key_file_is_read_when_the_key_is_needed(path: Path, tmp_path: Path) -> None:
    """The file may be rotated; without it the error names it and never a key."""
    file = tmp_path / "key"
    config.connect(path, StoreConfig("team", URL, api_key_file=str(file)))
    store = load(path).store("team")
    with pytest.raises(ConfigInvalidError, match="cannot be read"):
        store.key()
    file.write_text(KEY + "\n")
    assert store.key() == KEY
    file.write_text("two words")
    with pytest.raises(ConfigInvalidError) as raised:
        store.key()
    assert "two words" not in str(raised.value)


def test_the_environment_names_a_store_of_its_own(path: Path) -> None:
    """Its two variables make the store `environment`, which drafts then go to; the file's stores stay."""
    config.connect(path, StoreConfig("team", URL, api_key=KEY))
    loaded = load(path, COMMONTRACE_URL="https://ci.example.org/", COMMONTRACE_API_KEY="ct_other-key")
    assert list(loaded.stores) == ["team", "environment"]
    assert loaded.default_store == "environment"
    assert loaded.store("environment").url == "https://ci.example.org"
    assert loaded.store("environment").key() == "ct_other-key"


def test_a_variable_grants_no_permission(path: Path) -> None:
    """Only an address that the person connected keeps what it was allowed: a project can set variables."""
    config.connect(path, StoreConfig("team", URL, api_key=KEY, permissions=Permissions(queries=True)))
    elsewhere = load(path, COMMONTRACE_URL="https://evil.example", COMMONTRACE_API_KEY=KEY)
    assert elsewhere.store("environment").permissions == Permissions()
    same = load(path, COMMONTRACE_URL=URL + "/", COMMONTRACE_API_KEY=KEY)
    assert same.store("environment").permissions == Permissions(queries=True)
    config.connect(path, StoreConfig("team", URL, api_key=KEY, permissions=Permissions(publishing=True)))
    again = load(path, COMMONTRACE_URL=URL, COMMONTRACE_API_KEY="ct_another-account")
    assert not again.store("environment").permissions.publishing


@pytest.mark.parametrize("name", ["COMMONTRACE_URL", "COMMONTRACE_API_KEY"])
def test_half_a_store_in_the_environment_is_an_error(path: Path, name: str) -> None:
    """The message names the variable that is missing."""
    with pytest.raises(ConfigInvalidError, match="is not set"):
        load(path, **{name: URL})


def test_an_unknown_store_is_an_error_that_lists_the_known(path: Path) -> None:
    """People mistype names."""
    config.connect(path, StoreConfig("team", URL, api_key=KEY))
    with pytest.raises(StoreUnknownError, match="local, team"):
        load(path).store("taem")
    with pytest.raises(StoreUnknownError):
        config.disconnect(path, "taem")


def test_concurrent_writers_lose_nothing_of_each_other(path: Path) -> None:
    """Each writer holds the lock from its read to its write."""
    program = (
        "import sys; from pathlib import Path; from commontrace import config\n"
        "for n in range(5): config.connect(Path(sys.argv[1]), config.StoreConfig("
        f"f'{{sys.argv[2]}}-{{n}}', '{URL}', api_key='{KEY}'))"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", program, str(path), name], env={"PYTHONPATH": ":".join(sys.path)}
        )
        for name in ("a", "b", "c")
    ]
    assert [writer.wait(60) for writer in writers] == [0, 0, 0]
    assert len(load(path).stores) == 15
    assert {file.name for file in path.parent.iterdir()} == {"config.toml", "config.toml.lock"}
