"""The launchers, run as a user runs them: an empty home folder and nothing in the environment but PATH."""

import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import launch
import pytest

from support import checkout
from support.checkout import Checkout
from support.screen import Screen

pytestmark = [pytest.mark.launcher, pytest.mark.skipif(os.name != "posix", reason="POSIX shell launchers")]

STALLING_UV = """#!/bin/sh
case $* in *" sync "*) touch "{mark}"; sleep 1.5 ;; esac
exec "{uv}" "$@"
"""


@pytest.fixture
def tree(tmp_path: Path) -> Checkout:
    """A checkout with a small lock, on a machine that has uv."""
    made = checkout.create(tmp_path)
    made.use_uv()
    return made


def test_first_start_on_a_machine_without_uv(tmp_path: Path) -> None:
    """Where there is no uv it is brought into our own folder, and nothing is written anywhere else."""
    tree = checkout.create(tmp_path)
    done = tree.run(tree.root / "scripts" / "commontrace", "hello")
    assert done.returncode == 7, done.stderr
    assert json.loads(done.stdout)["python"].startswith(str(tree.data / "env"))
    written = {path.relative_to(tree.home).parts[:4] for path in tree.home.rglob("*") if path.is_file()}
    assert {parts[:3] for parts in written} == {(".local", "share", "commontrace")}
    assert {parts[3] for parts in written} >= {"env", "uv"}


def test_whole_runtime_lock_runs_the_command_line(tmp_path: Path) -> None:
    """The real lock gives an environment in which the real commands start."""
    tree = checkout.create(tmp_path, small=False)
    tree.use_uv()
    done = tree.run(tree.root / "scripts" / "commontrace", "--help")
    assert done.returncode == 0, done.stderr
    assert "demo" in done.stdout


def test_demo_runs_on_a_fresh_checkout(tmp_path: Path) -> None:
    """The main job works from nothing, in an empty home."""
    tree = checkout.create(tmp_path, small=False)
    tree.use_uv()
    assert json.loads(assert_demo(tree, "--json").stdout)["wilson"] > 0


def assert_demo(tree: Checkout, *options: str) -> subprocess.CompletedProcess[str]:
    """Run the demo and look for its last word, which it only says when every step went as it should."""
    done = tree.run(tree.root / "scripts" / "commontrace", "demo", *options)
    assert done.returncode == 0, done.stderr
    assert "the temporary store is stopped and removed" in (done.stderr if options else done.stdout)
    return done


def test_second_start_is_silent_and_needs_nothing(tree: Checkout) -> None:
    """A start that finds its environment says nothing and uses neither uv nor a network."""
    first = tree.launch()
    tree.path = tree.path.partition(":")[2]
    tree.variables = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    second = tree.launch()
    assert (second.returncode, second.stdout, second.stderr) == (0, first.stdout, "")


def test_arguments_input_folder_and_status_pass_through(tree: Checkout, tmp_path: Path) -> None:
    """The command sees its caller's arguments, standard input and folder, and its exit status comes back."""
    here = tmp_path / "some where"
    here.mkdir()
    words = ["a b", "", "*", "ü'\"$x"]
    done = tree.run(tree.root / "scripts" / "commontrace", *words, cwd=here, stdin="given\n")
    told = json.loads(done.stdout)
    assert (told["argv"], told["stdin"], told["cwd"]) == (words, "given\n", str(here))
    assert done.returncode == 7


def test_symlinks_spaces_and_other_letters_in_paths(tmp_path: Path) -> None:
    """A launcher finds its project through a chain of symlinks and below any folder name."""
    folder = tmp_path / "grüße & co"
    folder.mkdir()
    tree = checkout.create(folder)
    tree.use_uv()
    command = tree.home / "bin" / "ct"
    command.parent.mkdir()
    (tmp_path / "link").symlink_to(os.path.relpath(tree.root / "scripts" / "commontrace", tmp_path))
    command.symlink_to(tmp_path / "link")
    done = tree.run("bin/ct", "x")
    assert done.returncode == 7, done.stderr
    assert json.loads(done.stdout)["argv"] == ["x"]


def test_parallel_first_starts_build_once(tree: Checkout) -> None:
    """Of several first starts at the same time one builds, and the others get the same environment."""
    started = [tree.start_launch() for _ in range(3)]
    done = [checkout.finished(process) for process in started]
    assert [each.returncode for each in done] == [0, 0, 0]
    assert len({each.stdout for each in done}) == 1
    assert sum("preparing" in each.stderr for each in done) == 1


def test_build_killed_in_the_middle_is_repaired(tmp_path: Path) -> None:
    """After `kill -9` of a build the next start waits until its uv is gone, then builds anew."""
    tree = checkout.create(tmp_path)
    mark, stalling = tmp_path / "syncing", tmp_path / "stalling-uv"
    stalling.write_text(STALLING_UV.format(mark=mark, uv=checkout.required_uv()))
    stalling.chmod(0o755)
    tree.use_uv(stalling)
    killed = tree.start_launch()
    _wait_for(mark)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    again = tree.launch()
    killed.communicate()
    assert again.returncode == 0, again.stderr
    assert "waiting" in again.stderr
    assert tree.run(again.stdout, "-c", "import tomli_w").returncode == 0


def test_python_that_disappeared_is_replaced(tree: Checkout) -> None:
    """An environment whose Python was removed from the machine is built anew."""
    python = Path(tree.launch().stdout)
    python.unlink()
    python.symlink_to("/nonexistent/python3.11")
    done = tree.launch()
    assert "preparing" in done.stderr
    assert tree.run(python, "-c", "import tomli_w").returncode == 0


def test_no_network_is_one_clear_line(tmp_path: Path) -> None:
    """Without a network and without an environment the last line says what failed and what to do."""
    tree = checkout.create(tmp_path)
    tree.use_uv()
    tree.variables = {
        "HTTPS_PROXY": "http://127.0.0.1:9", "HTTP_PROXY": "http://127.0.0.1:9", "UV_HTTP_RETRIES": "0",
        "UV_CACHE_DIR": str(tmp_path / "cache"), "PIP_CONFIG_FILE": os.devnull,
    }  # fmt: skip
    done = tree.launch()
    said = done.stderr.splitlines()
    assert (done.returncode, done.stdout, len(said)) == (1, "", 2)
    assert "could not be built" in said[1]
    assert "network" in said[1]


def test_data_folder_that_cannot_be_written_is_one_clear_line(tree: Checkout) -> None:
    """A place that cannot be written is named, with the variable that chooses another."""
    tree.variables["COMMONTRACE_HOME"] = "/dev/null/commontrace"
    done = tree.launch()
    assert done.returncode == 1
    assert "cannot write to /dev/null" in done.stderr
    assert "COMMONTRACE_HOME" in done.stderr


def test_without_any_python_the_message_says_what_to_install(tmp_path: Path) -> None:
    """A Python that is too old counts as none, and without uv there is nothing else to try."""
    tree = checkout.create(tmp_path)
    tools = tmp_path / "old"
    tools.mkdir()
    for name in ("python3", "python3.13", "python"):
        (tools / name).write_text("#!/bin/sh\nexit 1\n")
        (tools / name).chmod(0o755)
    tree.path = str(tools)
    done = tree.run(tree.root / "scripts" / "commontrace")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Python 3.11 or newer is needed" in done.stderr


def test_where_path_has_no_python_that_of_an_environment_is_used(tree: Checkout) -> None:
    """A session that is started from elsewhere than a shell may have a PATH without it."""
    built = tree.launch().stdout
    tree.path = str(tree.home)
    said = tree.run("/bin/sh", tree.root / "scripts" / "python", "-c", "import sys; print(sys.executable)")
    assert said.stdout.strip() == built


@pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become someone else"
)
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="this machine has no setpriv")
class TestOrdinaryUser:
    """Started by root as a user who owns only a home folder."""

    @pytest.fixture
    def reachable(self) -> Iterator[Path]:
        """A folder that everybody can look into, which the tests' own temporary folder is not."""
        folder = Path(tempfile.mkdtemp(prefix="commontrace-user-"))
        folder.chmod(0o755)
        yield folder
        shutil.rmtree(folder)

    @pytest.fixture
    def user_tree(self, reachable: Path) -> Checkout:
        return self.tree_of_user(reachable, small=True)

    def test_demo_runs_for_an_ordinary_user(self, reachable: Path) -> None:
        """The main job works from nothing for a user without privileges, without uv."""
        assert_demo(self.tree_of_user(reachable, small=False))

    @staticmethod
    def tree_of_user(folder: Path, *, small: bool) -> Checkout:
        """A checkout of root's, and a home of an ordinary user's."""
        tree = checkout.create(folder, small=small)
        shutil.chown(tree.home, 65534, 65534)
        tree.prefix = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        return tree

    def test_runs_from_a_tree_of_someone_else(self, user_tree: Checkout) -> None:
        """Neither the tree nor anything above it has to be writable."""
        done = user_tree.run(user_tree.root / "scripts" / "commontrace")
        assert done.returncode == 7, done.stderr
        assert user_tree.data.stat().st_uid == 65534

    def test_home_of_someone_else_is_one_clear_line(self, user_tree: Checkout) -> None:
        """A HOME that is not theirs, as `runuser` leaves it, is named in the message."""
        shutil.chown(user_tree.home, 0, 0)
        user_tree.home.chmod(0o755)
        done = user_tree.launch()
        assert done.returncode == 1
        assert f"cannot write to {user_tree.home}" in done.stderr

    def test_user_without_any_home_is_told_what_to_set(self, user_tree: Checkout) -> None:
        """A user that the system does not know, without HOME, learns which variable helps."""
        user_tree.prefix = [
            "env",
            "-u",
            "HOME",
            "setpriv",
            "--reuid=54321",
            "--regid=54321",
            "--clear-groups",
        ]
        done = user_tree.run(user_tree.root / "scripts" / "commontrace", cwd=Path("/"))
        assert done.returncode == 1
        assert "set HOME" in done.stderr


def _wait_for(path: Path) -> None:
    for _ in range(3000):
        if path.exists():
            return
        time.sleep(0.02)
    pytest.fail(f"{path} did not appear")


@pytest.mark.parametrize(("kind", "counts"), [(Screen, True), (io.StringIO, False)])
def test_what_takes_long_is_counted_on_a_terminal(
    kind: type[io.StringIO], counts: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person sees that it goes on, and the line is gone afterwards; a log holds the words alone."""
    said = kind()
    monkeypatch.setattr(sys, "stderr", said)
    say = launch.Saying(every=0.01)
    say("preparing")
    time.sleep(0.2)
    say.end()
    assert said.getvalue().startswith("commontrace: preparing\n")
    assert ("\r  0 s" in said.getvalue(), said.getvalue().endswith(" \r")) == (counts, counts)
