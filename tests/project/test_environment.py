"""Where the shared environment is, when it counts as ready, and which ones are removed."""

import ast
import ntpath
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import gate
import platformdirs.macos
import platformdirs.unix
import platformdirs.windows
import pytest

from commontrace import environment, installer
from support import checkout

ROOT = Path(environment.ROOT)
BEFORE_ANY_ENVIRONMENT = [
    "hooks/server.py", "mcp/commontrace/__init__.py", "mcp/commontrace/environment.py",
    "mcp/commontrace/installer.py", "scripts/launch.py", "scripts/lock.py",
    "mcp/commontrace/standby.py", "mcp/commontrace/system.py",
]  # fmt: skip
OLD = time.time() - environment.UNUSED_SECONDS - 60
HOLD = """
import sys
from commontrace import environment
environment.hold(sys.argv[1])
print("held", flush=True)
input()
"""
LOOK = """
import sys
from commontrace import environment
environment.is_ready(environment.environment_dir())
print(*{"subprocess", "pathlib", "shutil", "typing", "json"} & set(sys.modules))
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """CommonTrace's folder for this test."""
    monkeypatch.setenv("COMMONTRACE_HOME", str(tmp_path / "data"))
    return tmp_path / "data"


@pytest.fixture(scope="module")
def python_with_pip(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The environment of these tests has none; where its Python has none either, uv brings it."""
    interpreter = os.path.realpath(sys.executable)
    asked = subprocess.run([interpreter, "-m", "pip", "--version"], check=False, capture_output=True)
    if asked.returncode == 0:
        return interpreter
    made = tmp_path_factory.mktemp("pip") / "python"
    uv = checkout.required_uv()
    command = [uv, "venv", "--quiet", "--seed", "--python", interpreter, str(made)]
    subprocess.run(command, env=installer.uv_environ(uv), check=True)
    return environment.python_path(str(made))


@pytest.mark.parametrize("xdg", [None, "", "relative/place", "/srv/data"])
@pytest.mark.parametrize(
    ("platform", "dirs"), [("linux", platformdirs.unix.Unix), ("darwin", platformdirs.macos.MacOS)]
)
def test_data_dir_is_what_platformdirs_says(
    platform: str, dirs: type[platformdirs.PlatformDirs], xdg: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before and inside the environment the same folder is found, so nothing is built or stored twice."""
    monkeypatch.delenv("COMMONTRACE_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if xdg is not None:
        monkeypatch.setenv("XDG_DATA_HOME", xdg)
    assert environment.data_dir(platform=platform) == dirs("commontrace", appauthor=False).user_data_dir


@pytest.mark.parametrize("home", ["", "relative", None])
def test_home_that_is_no_folder_is_looked_up(home: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a usable HOME the user database answers, as in platformdirs."""
    monkeypatch.delenv("COMMONTRACE_HOME", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    if home is None:
        monkeypatch.delenv("HOME")
    else:
        monkeypatch.setenv("HOME", home)
    assert environment.data_dir() == platformdirs.user_data_dir("commontrace", appauthor=False)


def test_data_dir_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """On Windows it is the folder for local application data."""
    monkeypatch.setenv("LOCALAPPDATA", ntpath.join("C:\\", "Users", "someone", "AppData", "Local"))
    local = platformdirs.windows.get_win_folder_from_env_vars("CSIDL_LOCAL_APPDATA")
    found = environment.data_dir({"LOCALAPPDATA": os.environ["LOCALAPPDATA"]}, "win32")
    assert found.replace(os.sep, "\\") == ntpath.join(local, "commontrace")


def test_commontrace_home_outranks_everything() -> None:
    """`COMMONTRACE_HOME` is the folder itself, and always an absolute one."""
    found = environment.data_dir({"COMMONTRACE_HOME": "here", "XDG_DATA_HOME": "/srv"})
    assert Path(found) == Path.cwd() / "here"


@pytest.mark.usefixtures("data")
def test_every_lock_has_an_environment_of_its_own(tmp_path: Path) -> None:
    """The folder's name follows the lock's content, and the interpreter where one is asked for."""
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    first = environment.environment_dir(str(lock))
    assert environment.environment_dir(str(lock)) == first
    assert environment.environment_dir(str(lock), sys.executable) != first
    lock.write_text("a==2\n")
    assert environment.environment_dir(str(lock)) != first


def test_ready_means_complete_and_with_a_living_python(data: Path) -> None:
    """A half-built environment is not ready, nor is one whose Python is gone."""
    made = _environment(data, "0" * 16)
    assert environment.is_ready(str(made))
    python = Path(environment.python_path(str(made)))
    python.unlink()
    python.symlink_to("/nonexistent/python")
    assert not environment.is_ready(str(made))
    half = _environment(data, "1" * 16)
    (half / ".complete").unlink()
    assert not environment.is_ready(str(half))


def test_environment_unused_for_long_is_removed(data: Path) -> None:
    """What no process has used for a while goes; the current one and one used lately stay."""
    current, old, recent = (_environment(data, name * 16) for name in "012")
    for each in (current, old):
        os.utime(each / ".complete", (OLD, OLD))
    environment._remove_unused(str(current))
    assert (current.exists(), old.exists(), recent.exists()) == (True, False, True)
    assert not list((data / "env").glob(".removed-*"))


def test_environment_of_a_living_process_stays(data: Path) -> None:
    """However long ago it started, a process keeps its environment; when it is killed the hold is gone."""
    current, old = (_environment(data, name * 16) for name in "01")
    for _ in _holding(old):
        os.utime(old / ".complete", (OLD, OLD))
        environment._remove_unused(str(current))
        assert old.exists()
    environment._remove_unused(str(current))
    assert not old.exists()


def test_other_folders_are_left_alone(data: Path) -> None:
    """Only folders that are named as environments are ever removed."""
    current = _environment(data, "0" * 16)
    stranger = _environment(data, "notes")
    os.utime(stranger / ".complete", (OLD, OLD))
    environment._remove_unused(str(current))
    assert stranger.exists()


def test_hold_counts_as_use(data: Path) -> None:
    """Holding an environment renews the date that its removal depends on."""
    made = _environment(data, "0" * 16)
    os.utime(made / ".complete", (OLD, OLD))
    for _ in _holding(made):
        assert (made / ".complete").stat().st_mtime > OLD + 60


def test_folders_of_ours_are_private(data: Path) -> None:
    """What we create belongs to this user alone; a folder that was there keeps its mode."""
    environment.make_private(str(data / "logs"))
    assert (data.stat().st_mode & 0o777, (data / "logs").stat().st_mode & 0o777) == (0o700, 0o700)
    data.chmod(0o755)
    environment.make_private(str(data / "env"))
    assert data.stat().st_mode & 0o777 == 0o755


def test_log_is_bounded(data: Path) -> None:
    """A log that has grown large is begun anew."""
    environment.make_private(str(data / "logs"))
    log = data / "logs" / "environment.log"
    log.write_bytes(b"x" * (environment.LOG_BYTES + 1))
    with environment.open_log() as file:
        file.write(b"new")
    assert log.read_bytes() == b"new"


@pytest.mark.launcher
def test_failed_build_leaves_its_reason(data: Path, tmp_path: Path) -> None:
    """After a background build has failed, the last words of the log are for the person."""
    lock = tmp_path / "lock.txt"
    lock.write_text("no-such-package==1 --hash=sha256:" + "0" * 64 + "\n")
    code = "import sys; from commontrace import environment; environment.build_detached(sys.argv[1]).wait()"
    offline = {**os.environ, "UV_OFFLINE": "1"}
    subprocess.run([sys.executable, "-c", code, str(lock)], cwd=ROOT / "mcp", check=True, env=offline)
    assert environment.last_words().startswith("its environment could not be built")


@pytest.mark.launcher
def test_detached_build_outlives_its_starter(data: Path, tmp_path: Path) -> None:
    """The hook server's background build goes on when the client ends, and tells the log what it did."""
    lock = tmp_path / "lock.txt"
    lock.write_text("# nothing to install\n")
    code = "import sys; from commontrace import environment; environment.build_detached(sys.argv[1])"
    subprocess.run([sys.executable, "-c", code, str(lock)], cwd=ROOT / "mcp", check=True)
    log = data / "logs" / "environment.log"
    for _ in range(3000):
        if b"is ready" in log.read_bytes():
            break
        time.sleep(0.02)
    assert environment.is_ready(environment.environment_dir(str(lock))), log.read_text()


@pytest.mark.usefixtures("data")
class TestIndexSettings:
    """What uv is told about where packages come from."""

    @pytest.fixture(autouse=True)
    def plain_machine(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in [
            *installer._UV_INDEX,
            "SSL_CERT_FILE",
            *(name for name in os.environ if name.startswith("PIP_")),
        ]:
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
        monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
        (tmp_path / "pip.conf").write_text(
            "[global]\nindex-url = http://mirror.test/simple\ncert = /certs.pem\n"
        )

    @pytest.fixture
    def settings(self, python_with_pip: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """What is set for pip counts."""
        monkeypatch.setattr(sys, "executable", python_with_pip)

    @pytest.mark.usefixtures("settings")
    def test_pip_settings_reach_uv(self) -> None:
        """A machine whose mirror is configured for pip alone works."""
        environ = installer.uv_environ("uv")
        assert environ["UV_DEFAULT_INDEX"] == "http://mirror.test/simple"
        assert environ["SSL_CERT_FILE"] == "/certs.pem"

    @pytest.mark.usefixtures("settings")
    def test_pip_variables_outrank_its_files(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """As in pip, the environment variable counts where both are set."""
        monkeypatch.setenv("PIP_INDEX_URL", "http://other.test/simple")
        assert installer.uv_environ("uv")["UV_DEFAULT_INDEX"] == "http://other.test/simple"

    @pytest.mark.usefixtures("settings")
    def test_uv_settings_outrank_those_of_pip(self, tmp_path: Path) -> None:
        """Whoever configured uv itself gets exactly that."""
        (tmp_path / "config" / "uv").mkdir(parents=True)
        (tmp_path / "config" / "uv" / "uv.toml").write_text('index-url = "http://uv.test/simple"\n')
        assert "UV_DEFAULT_INDEX" not in installer.uv_environ("uv")

    def test_settings_of_other_projects_stay_out(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Constraints and environments of the user's own projects do not change ours."""
        for name in installer._FOREIGN:
            monkeypatch.setenv(name, "theirs")
        assert not set(installer._FOREIGN) & set(installer.uv_environ("uv"))


@pytest.mark.parametrize("name", BEFORE_ANY_ENVIRONMENT)
def test_entry_code_is_valid_on_python_3_9(name: str) -> None:
    """What runs before there is an environment has to run on the oldest Python that is met."""
    ast.parse((ROOT / name).read_text(), feature_version=(3, 9))


def test_entry_code_runs_on_the_oldest_python_here(data: Path) -> None:
    """The oldest supported Python finds the same environment as this one."""
    python = gate.find_python("3.9")
    if python is None:
        pytest.skip("this machine has no Python 3.9")
    code = "from commontrace import environment, installer; print(environment.environment_dir())"
    done = subprocess.run(
        [python, "-S", "-c", code], cwd=ROOT / "mcp", capture_output=True, text=True, check=True,
        env={"COMMONTRACE_HOME": str(data), "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip
    assert done.stdout.strip() == environment.environment_dir()


def test_finding_the_environment_is_light() -> None:
    """Looking for a ready environment imports nothing that a start would feel."""
    done = subprocess.run(
        [sys.executable, "-S", "-c", LOOK], cwd=ROOT / "mcp", capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == ""


def _environment(data: Path, name: str) -> Path:
    """An environment that looks finished."""
    made = data / "env" / name
    python = Path(environment.python_path(str(made)))
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    (made / ".complete").touch()
    return made


def _holding(directory: Path) -> Iterator[None]:
    """While this is iterated over, another process holds the environment; then it is killed."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(directory)],
        cwd=ROOT / "mcp",
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout
        assert process.stdout.readline() == b"held\n"
        try:
            yield
        finally:
            process.kill()
