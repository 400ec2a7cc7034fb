"""How the hook server comes up: first on the Python that is there, then on the environment's.

Standard library only and valid on Python 3.9 up to the point where the environment takes over.
"""

from __future__ import annotations

import contextlib
import os
import threading
from typing import TYPE_CHECKING, Any, Dict, List, Optional

from commontrace import VERSION, client_version, environment, system
from commontrace.hook_server import Answers, HookServer

if TYPE_CHECKING:
    import subprocess

IN_ENVIRONMENT = "--in-environment"
RESUMED = "--resumed"
PREPARING = (
    "CommonTrace is preparing its environment (once, about a minute). Until then it stays silent; "
    "known fixes appear as soon as it is ready."
)
PREPARING_AGAIN = (
    "CommonTrace could not prepare its environment: {} It is trying again, and stays silent until then."
)
NOT_WORKING = "CommonTrace is not working: "


def main(root: str, arguments: List[str]) -> None:
    """Serve hooks until the client goes; ends the process.

    Args:
        root: the plugin's folder.
        arguments: empty when Claude Code starts us; our own marks after we have changed Python.
    """
    system.keep_to_ourselves()
    if IN_ENVIRONMENT in arguments:
        _serve(root, resumed=RESUMED in arguments)
    else:
        _prepare(root)
    os._exit(0)


def _prepare(root: str) -> None:
    try:
        directory = environment.environment_dir()
        if environment.is_ready(directory):
            _become(root, directory, [])
        preparation = Preparation(root, directory)
    except environment.NotPreparedError as error:
        HookServer(Silence(NOT_WORKING + str(error)), VERSION).serve()
    else:
        HookServer(preparation, VERSION).serve()


class Silence(Answers):
    """Hooks that say nothing, except for one line to the person with the first prompt.

    Args:
        news: the line; when it changes, the new one is said with the next prompt.
    """

    def __init__(self, news: str) -> None:
        self.news = news
        self._said = ""

    def answer(self, arguments: Dict[str, Any], _received: float) -> Optional[Dict[str, Any]]:
        """The line to the person where it is due, and as the answer to a typed command of ours."""
        if str(arguments.get("name", "")).startswith("commontrace:"):
            return {"decision": "block", "reason": self.news}
        if arguments.get("event") != "UserPromptSubmit" or self._said == self.news:
            return None
        self._said = self.news
        return {"systemMessage": self.news}

    def opened(self, handshake: Any) -> None:
        """A client that is too old is named first."""
        self.news = " ".join(filter(None, (client_version.complaint(handshake), self.news)))

    def warm(self) -> None:
        """Silence needs no preparation."""

    def keep(self, _arguments: Dict[str, Any], said: Dict[str, Any]) -> None:
        """A line that came too late is said again."""
        if said.get("systemMessage") == self._said:
            self._said = ""


class Preparation(Silence):
    """Silence while the environment is built.

    Args:
        root: the plugin's folder.
        directory: the environment to wait for.
    """

    def __init__(self, root: str, directory: str) -> None:
        self._failure = environment.last_failure()
        super().__init__(PREPARING_AGAIN.format(self._failure) if self._failure else PREPARING)
        self.is_waiting = True
        self._root = root
        self._directory = directory
        self._build: "Optional[subprocess.Popen[bytes]]" = environment.build_detached()

    def idle(self) -> None:
        """Become the real server as soon as the environment is there; nothing is pending now."""
        if environment.is_ready(self._directory):
            _become(self._root, self._directory, [RESUMED])
        if self._build is not None and self._build.poll():
            self._build = None
            words = environment.last_words()
            was_said = bool(self._said) and words == self._failure
            self.news = NOT_WORKING + words
            if was_said:
                self._said = self.news


def _become(root: str, directory: str, marks: List[str]) -> None:
    """Replace this process by the same server on the environment's Python; the connection stays open."""
    python = environment.python_path(directory)
    server = os.path.join(root, "hooks", "server.py")
    cache = "pycache_prefix=" + environment.pycache_dir()
    command = [python, "-I", "-X", cache, server, IN_ENVIRONMENT, *marks]
    system.become(command)


def _serve(root: str, resumed: bool) -> None:
    """The handshake comes first; everything else is imported by the first call or right after it."""
    plugin = _Plugin(root)
    environment.hold()
    if resumed:
        plugin.initialized()
    HookServer(plugin, VERSION).serve()


class _Plugin(Answers):
    """The hooks, imported when first used."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._lock = threading.Lock()
        self._hooks: Any = None
        self._complaint = ""

    def opened(self, handshake: Any) -> None:
        """A client that is too old is complained of with the first prompt."""
        self._complaint = client_version.complaint(handshake)

    def answer(self, arguments: Dict[str, Any], received: float) -> Optional[Dict[str, Any]]:
        """What the hooks say; with the first prompt only what is wrong with the client, if anything is."""
        if arguments.get("event") == "UserPromptSubmit" and self._complaint:
            line, self._complaint = self._complaint, ""
            return {"systemMessage": line}
        return self._load().answer(arguments, received)  # type: ignore[no-any-return]

    def keep(self, arguments: Dict[str, Any], said: Dict[str, Any]) -> None:
        """An answer that came too late for its call."""
        self._load().keep(arguments, said)

    def deadline(self) -> float:
        """As it is set; of a setting that cannot be used the hooks speak themselves."""
        from commontrace.settings import SettingInvalidError, Settings

        try:
            return Settings.from_environment().deadline_ms / 1000
        except SettingInvalidError:
            return Settings.deadline_ms / 1000

    def initialized(self) -> None:
        threading.Thread(target=lambda: self._load().warm(), daemon=True).start()

    def _load(self) -> Any:
        with self._lock:
            if self._hooks is None:
                self._hooks = self._build()
            return self._hooks

    def _build(self) -> Any:
        """The hooks, or silence that says why there are none."""
        from pathlib import Path

        try:
            from commontrace.hooks import Hooks
            from commontrace.runtime import Runtime

            return Hooks(Runtime.from_environment(Path(self._root)))
        except Exception as error:  # noqa: BLE001  the edge of starting up; written down, and the person is told
            _record(error)
            return Silence(NOT_WORKING + (str(error) or type(error).__name__))


def _record(error: Exception) -> None:
    """Write to the local error log why there are no hooks, as far as what is there of the plugin can."""
    with contextlib.suppress(Exception):  # a plugin that was copied in part may not even have this
        from commontrace import journal
        from commontrace.paths import Paths

        journal.record(Paths.from_environment().logs, "start", error)
