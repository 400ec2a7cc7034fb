"""What one process of the client works with, built when it is first needed."""

import sys
import threading
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from commontrace.paths import Paths
from commontrace.settings import Settings

if TYPE_CHECKING:
    from commontrace.config import Config
    from commontrace.consent import Desk
    from commontrace.local_store import LocalStore
    from commontrace.memory import Memory
    from commontrace.outbox import Outbox
    from commontrace.recall import Recall
    from commontrace.stores import Store


STARTING_SECONDS = 30.0
"""How long what waits in the outbox waits for the local store when a session begins."""


class Runtime:
    """Settings and folders at once; the store's client and the memory when they are asked for.

    Args:
        root: the plugin's folder.
        folders: where this user's files are.
        settings: how this process behaves.
    """

    def __init__(self, root: Path, folders: Paths, settings: Settings) -> None:
        self.root = root
        self.folders = folders
        self.settings = settings
        self._building = threading.RLock()
        self._released = False
        self._trouble = ""

    @classmethod
    def from_environment(cls, root: Path) -> "Runtime":
        """The runtime that the environment variables and the configuration describe."""
        return cls(root, Paths.from_environment(), Settings.from_environment())

    @property
    def local(self) -> "LocalStore":
        """The store on this machine."""
        with self._building:
            return self._local

    @property
    def recall(self) -> "Recall":
        """Search, choice and memory."""
        with self._building:
            return self._recall

    @property
    def config(self) -> "Config":
        """The configuration as it was when this process first asked for it.

        Raises:
            ConfigInvalidError: the file or a variable cannot be used.
        """
        with self._building:
            return self._config

    @property
    def stores(self) -> "dict[str, Store]":
        """`local` and the connected stores by name; asking for them starts nothing."""
        with self._building:
            return self._stores

    @property
    def memory(self) -> "Memory":
        """What this machine's sessions have seen, drafted and still have to send."""
        with self._building:
            return self._memory

    @property
    def outbox(self) -> "Outbox":
        """What is on its way to the stores."""
        with self._building:
            return self._outbox

    @property
    def desk(self) -> "Desk":
        """Where this process shows drafts and takes the person's answers."""
        with self._building:
            return self._desk

    @property
    def connected(self) -> bool:
        """Whether the local store is known to answer; never waits and never loads anything."""
        local = self.__dict__.get("_local")
        return local is not None and local.connected.is_set()

    @property
    def store_away(self) -> bool:
        """Whether the local store is known not to answer now; never waits and never loads anything."""
        local = self.__dict__.get("_local")
        return local is not None and local.away.is_set()

    @property
    def trouble(self) -> str:
        """What the person has to mend before all this works, empty if nothing is known; never waits."""
        local = self.__dict__.get("_local")
        return (local.trouble if local is not None else "") or self._trouble

    def warm(self) -> None:
        """Load what a failure will need and have the store started, beside the session's first steps."""
        threading.Thread(target=self._warm, name="warm", daemon=True).start()

    def release(self) -> None:
        """Give back what is open and leave a running store to others.

        A search that still runs in a thread finds the memory closed, and does not open it again.
        """
        with self._building:
            self._released = True
        for store in self.__dict__.get("_stores", {}).values():
            store.close()
        memory = self.__dict__.get("_memory")
        if memory is not None:
            memory.close()
        local = self.__dict__.get("_local")
        if local is not None:
            local.close()

    def close(self) -> None:
        """End the store if this process started it, and give back what is open."""
        self.release()
        local = self.__dict__.get("_local")
        if local is not None:
            local.stop()

    def record(self, where: str, error: BaseException) -> None:
        """Write a failure to the local error log, and remember what the person has to mend."""
        if self._released:
            return  # what still runs finds everything given back
        from commontrace import journal

        journal.record(self.folders.logs, where, error)
        if isinstance(error, ImportError):  # then no module can be relied on
            self._trouble = f"the plugin in {self.root} is not whole"
            return
        from commontrace import trouble

        self._trouble = trouble.told(error, self.folders) or self._trouble

    @cached_property
    def _local(self) -> "LocalStore":
        from commontrace.local_store import LocalStore

        return LocalStore(self.folders, self.settings, self.root)

    @cached_property
    def _recall(self) -> "Recall":
        from commontrace.recall import Recall

        return Recall(self)

    @cached_property
    def _config(self) -> "Config":
        from commontrace import config

        return config.load(self.folders.config)

    @cached_property
    def _stores(self) -> "dict[str, Store]":
        from commontrace.config import LOCAL
        from commontrace.stores import Store

        connected = {name: Store.connected(store) for name, store in self._config.stores.items()}
        return {LOCAL: self._local.store, **connected}

    @cached_property
    def _memory(self) -> "Memory":
        from commontrace.memory import Memory

        if self._released:
            import sqlite3

            raise sqlite3.ProgrammingError("the memory was given back")
        return Memory(self.folders.memory, self.settings.memory_busy_ms)

    @cached_property
    def _outbox(self) -> "Outbox":
        from commontrace.outbox import Outbox

        return Outbox(self._memory, self._stores)

    @cached_property
    def _desk(self) -> "Desk":
        from commontrace.consent import Desk

        return Desk(self._memory)

    def _warm(self) -> None:
        from commontrace import failure, standby
        from commontrace_rules.redaction import redact

        try:
            failure.warm()
            redact("")
            self.local.hold()
            self.recall.prepare()
            standby.ensure(str(self.root), sys.prefix)
            self._catch_up()
            self._send_waiting()
        except Exception as error:  # noqa: BLE001  a thread's edge; the hooks go on without a store
            self.record("warm", error)

    def _catch_up(self) -> None:
        """Look into what helped earlier sessions that ended too soon for it."""
        from commontrace.memory import failures

        if failures.unjudged(self.memory):
            from commontrace import outcomes

            self.local.wait_connected(STARTING_SECONDS)
            outcomes.catch_up(self)

    def _send_waiting(self) -> None:
        """Send what an earlier session could not."""
        if self.outbox.items("queued"):
            self.local.wait_connected(STARTING_SECONDS)
            self.outbox.drain()
