"""Builds an environment with uv, and brings uv first where the machine has none.

Standard library only and valid on Python 3.9, like `commontrace.environment`, which imports it to build.
"""

from __future__ import annotations

import os
import re
import shutil
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

from commontrace import environment, system
from commontrace.environment import NotPreparedError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

OLDEST_PYTHON = (3, 11)
OLDEST_UV = (0, 4)
UV_LOCK = os.path.join(environment.ROOT, "requirements", "uv.txt")

_PIP_TO_UV = {"index-url": "UV_DEFAULT_INDEX", "cert": "SSL_CERT_FILE", "trusted-host": "UV_INSECURE_HOST"}
"""Settings that people give to pip and that uv needs as well to reach the same index."""
_UV_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_CONFIG_FILE")
_FOREIGN = (
    "PYTHONHOME", "PYTHONPATH", "UV_BUILD_CONSTRAINT", "UV_CONSTRAINT", "UV_EXCLUDE", "UV_EXCLUDE_NEWER",
    "UV_NO_BINARY", "UV_OVERRIDE", "UV_PYTHON", "UV_SYSTEM_PYTHON", "VIRTUAL_ENV",
)  # fmt: skip
"""Meant for the user's own projects; they would change what is installed here, or where."""
_PIP = {
    "PIP_USER": "0", "PIP_REQUIRE_VIRTUALENV": "0", "PIP_NO_CACHE_DIR": "1",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}  # fmt: skip
"""What it would leave in the home folder otherwise is not ours to remove."""
_OTHER_FILES = "The package index delivers other files than those that this version was tested with."
_ADVICE = {
    "certificate": "Set SSL_CERT_FILE to the file with your organisation's certificates and try again.",
    "No space left": "Make room on the disk, or set COMMONTRACE_HOME to a folder on another one.",
    "No interpreter": "Install Python 3.11 or newer and try again.",
    "Permission denied": "Give yourself access to that place, or set COMMONTRACE_HOME to another folder.",
    "Hash mismatch": _OTHER_FILES,
    "NOT MATCH THE HASHES": _OTHER_FILES,
}
_CHECK_NETWORK = "The first start needs a package index: check network and proxy settings and try again."


def install(directory: str, lock: str, python: str, held: int) -> None:
    """Build the environment `directory` from `lock`, from nothing.

    Args:
        directory: where; what is there is removed.
        lock: path of the hashed requirements.
        python: path of an interpreter, or nothing for the one that runs this, if it is new enough.
        held: the descriptor of the build's lock. uv inherits it, so that nobody builds here while a uv still
            writes whose starter was killed.

    Raises:
        NotPreparedError: with what failed and what to do.
        OSError: a folder of ours cannot be written.
    """
    uv = find_uv() or _bring_uv()
    environ = uv_environ(uv)
    shutil.rmtree(directory, ignore_errors=True)
    for arguments in (
        ["venv", "--quiet", "--python", python or _own_python(), directory],
        ["pip", "sync", "--quiet", "--require-hashes", "--python", environment.python_path(directory), lock],
    ):
        done = run_uv([uv, *arguments], environ, held)
        if done.returncode != 0:
            raise _failure("its environment could not be built", done)


def _own_python() -> str:
    """The Python behind this process where it is new enough: no search, no surprise."""
    if sys.version_info[:2] >= OLDEST_PYTHON and sys.version_info.releaselevel == "final":
        return os.path.realpath(sys.executable)
    return ">=" + ".".join(map(str, OLDEST_PYTHON))


def run_uv(
    command: Sequence[str], environ: Mapping[str, str], held: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run uv; where its own certificates are not enough, run it again with the machine's."""
    done = _run(command, environ, held)
    if done.returncode != 0 and _is_about_certificates(done):
        # the second name is that of older releases
        done = _run(command, {**environ, "UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}, held)
    return done


def find_uv() -> str | None:
    """A uv that runs: on PATH, where its installer puts it, or our own. Not every shim on PATH runs."""
    for candidate in _uv_candidates():
        if os.access(candidate, os.X_OK):
            said = _run([candidate, "--version"], os.environ).stdout
            version = re.match(r"uv (\d+)\.(\d+)", said)
            if version and (int(version[1]), int(version[2])) >= OLDEST_UV:
                return candidate
    return None


def _uv_candidates() -> Iterator[str]:
    name = "uv.exe" if sys.platform == "win32" else "uv"
    folders = [folder for folder in os.get_exec_path() if os.path.isabs(folder)]
    installed = [
        os.path.join(os.path.expanduser("~"), *below) for below in ((".local", "bin"), (".cargo", "bin"))
    ]
    for folder in [*folders, *installed]:
        yield os.path.join(folder, name)
    yield _own_uv()


def _own_folder() -> str:
    return os.path.join(environment.data_dir(), "uv")


def _own_uv() -> str:
    below = ("Scripts", "uv.exe") if sys.platform == "win32" else ("bin", "uv")
    return os.path.join(_own_folder(), *below)


def _bring_uv() -> str:
    """Install uv into a folder of our own, with what this Python has: venv, or else pip.

    Raises:
        NotPreparedError: it has neither, or the installation failed.
    """
    folder = _own_folder()
    environment.make_private(os.path.dirname(folder))
    with environment.locked(f"{folder}.lock", lambda: None) as held:
        if os.access(_own_uv(), os.X_OK):
            return _own_uv()
        shutil.rmtree(folder, ignore_errors=True)
        fetch = ["install", "--quiet", "--require-hashes", "--requirement", UV_LOCK]
        if _run([sys.executable, "-I", "-m", "venv", folder], os.environ, held).returncode == 0:
            pip = [environment.python_path(folder), "-I", "-m", "pip", *fetch]
        elif _run([sys.executable, "-I", "-m", "pip", "--version"], os.environ).returncode == 0:
            shutil.rmtree(folder, ignore_errors=True)
            pip = [sys.executable, "-I", "-m", "pip", *fetch, "--target", folder]
        else:
            raise NotPreparedError(
                f"uv is needed and this Python can install nothing. Run: {_mending_command()}"
            )
        done = _run_pip(pip, held)
        if done.returncode != 0:
            shutil.rmtree(folder, ignore_errors=True)
            raise _failure("uv could not be installed", done)
    return _own_uv()


def _run_pip(command: Sequence[str], held: int) -> subprocess.CompletedProcess[str]:
    """Run pip; an older one that trusts only its own certificates gets the machine's in a second try."""
    # pip asks `rustc` for its version, and rustup then makes a folder for its settings
    environ = {**_without_foreign(), **_PIP, "RUSTUP_HOME": os.path.join(_own_folder(), "rustup")}
    done = _run(command, environ, held)
    machine = ssl.get_default_verify_paths().cafile
    if done.returncode != 0 and machine and _is_about_certificates(done):
        done = _run(command, {**environ, "PIP_CERT": machine}, held)
    return done


def _mending_command() -> str:
    sudo = "" if system.is_root() else "sudo "
    for manager, command in {
        "apt-get": "apt-get install -y python3-venv",
        "dnf": "dnf install -y python3-pip",
        "apk": "apk add py3-pip",
        "zypper": "zypper install -y python3-pip",
    }.items():
        if shutil.which(manager):
            return sudo + command
    return f"{sys.executable} -m ensurepip --user"


def uv_environ(uv: str) -> dict[str, str]:
    """What uv runs with: the user's variables, pip's settings where uv has none, our cache where needed."""
    environ = _without_foreign()
    if not _is_uv_configured(environ):
        found = {_PIP_TO_UV[name]: value for name, value in _pip_settings().items() if name in _PIP_TO_UV}
        environ = {**found, **environ}
    own = _own_folder()
    if uv == _own_uv():
        environ.setdefault("UV_PYTHON_INSTALL_DIR", os.path.join(own, "python"))
    if uv == _own_uv() or not _has_cache(environ):
        environ.setdefault("UV_CACHE_DIR", os.path.join(own, "cache"))
    return environ


def _without_foreign() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in _FOREIGN}


def _has_cache(environ: Mapping[str, str]) -> bool:
    """Whether uv has its usual cache, and can write it: not where HOME is someone else's, as after `runuser`.

    Where uv was never used we make no cache in its name: the home folder is to be as before when we are gone.
    """
    if "UV_CACHE_DIR" in environ or sys.platform == "win32":
        return True
    folder = environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.access(os.path.join(folder, "uv"), os.W_OK | os.X_OK)


def _is_uv_configured(environ: Mapping[str, str]) -> bool:
    """Whether somebody told uv which index to use."""
    if any(environ.get(name) for name in _UV_INDEX):
        return True
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(os.path.expanduser("~"), ".config")
    if sys.platform == "win32":
        config = environ.get("APPDATA", config)
    for folder in (config, "/etc", "/etc/xdg"):
        path = os.path.join(folder, "uv", "uv.toml")
        if os.path.isfile(path):
            with open(path, encoding="utf-8", errors="replace") as file:
                if re.search(r"^\s*(\[\[index\]\]|(extra-)?index-url\s*=)", file.read(), re.MULTILINE):
                    return True
    return False


def _pip_settings() -> dict[str, str]:
    """What pip is configured with, by bare names, in its own order of precedence."""
    pythons = (environment.python_path(_own_folder()), sys.executable)
    for python in filter(os.path.exists, pythons):
        listed = _run([python, "-I", "-m", "pip", "config", "list"], os.environ)
        if listed.returncode == 0:
            settings: dict[str, str] = {}
            for section in ("global", "install", ":env:"):
                settings.update(re.findall(rf"^{section}\.([\w-]+)='(.*)'$", listed.stdout, re.MULTILINE))
            return settings
    return {}


def _run(
    command: Sequence[str], environ: Mapping[str, str], held: int | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a program away from the user's project, whose settings are not ours."""
    environment.make_private(environment.data_dir())
    return subprocess.run(
        command, env=environ, cwd=environment.data_dir(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, encoding="utf-8", errors="replace",
        **system.inheriting(held),
    )  # fmt: skip


def _is_about_certificates(done: subprocess.CompletedProcess[str]) -> bool:
    return "certificate" in f"{done.stdout}{done.stderr}".lower()


def _failure(what: str, done: subprocess.CompletedProcess[str]) -> NotPreparedError:
    """One line: what failed, the first and the last thing that was said, what to do; the log has all."""
    output = f"{done.stderr}\n{done.stdout}"
    with environment.open_log() as file:
        file.write(f"$ {' '.join(done.args)}\n{output}".encode(errors="replace"))
    said = re.findall(r"^\W*(?:error|cause|ERROR): *(.+)$", output, re.MULTILINE)
    if said == ["Exception:"]:  # pip's own failure; its last line is the error itself
        said = []
    lines = said or output.strip().splitlines()[-1:] or [f"exit status {done.returncode}"]
    reason = ": ".join(dict.fromkeys([lines[0], lines[-1]]))
    advice = next((text for word, text in _ADVICE.items() if word in output), _CHECK_NETWORK)
    if advice == _CHECK_NETWORK and _own_python() != os.path.realpath(sys.executable):
        advice += " Or install Python 3.11 or newer, which is fetched otherwise."
    return NotPreparedError(f"{what} ({reason.rstrip('.')}). {advice} Details: {environment.log_path()}")
