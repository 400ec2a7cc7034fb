"""The demo's second person: a team on the temporary store, and a member with an account of their own."""

import subprocess
import sys
from collections.abc import Mapping
from contextlib import closing

import httpx

from commontrace.cli.output import ROOT, CommandError
from commontrace.local_store import APPROVAL_FILE, BASE_URL
from commontrace.runtime import Runtime
from commontrace.stores import Store, Trace

SPACE = "demo-team"
NAME = "colleague"
COMMAND_SECONDS = 120


class Colleague:
    """A member of a new team that the demo's own account owns.

    Args:
        runtime: leads to the running temporary store.

    Raises:
        CommandError: the team or the account could not be made.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._socket = str(runtime.folders.socket)
        self._approval = runtime.folders.store / APPROVAL_FILE
        self._key = _account(runtime)
        _asked(runtime, "POST", "/v1/spaces", {"slug": SPACE, "kind": "team"})
        with closing(self._store()) as store:
            identifier = store.me().id
        _asked(runtime, "PUT", f"/v1/spaces/{SPACE}/members/{identifier}", {"role": "contributor"})

    def contribute(self, trace: Mapping[str, object], key: str) -> Trace:
        """Add a trace under the colleague's name, with this idempotency key."""
        with closing(self._store()) as store:
            return store.contribute(trace, key)

    def _store(self) -> Store:
        client = httpx.Client(
            base_url=BASE_URL,
            transport=httpx.HTTPTransport(uds=self._socket),
            headers={"Authorization": f"Bearer {self._key}"},
            timeout=30,
            trust_env=False,
        )
        return Store(client, approval=self._approval)


def _account(runtime: Runtime) -> str:
    """Make the account as an administrator does; returns its key."""
    program = str(ROOT / "scripts" / "run.py")
    command = [sys.executable, "-I", program, "admin", "create-account", "--name", NAME]
    done = subprocess.run(  # noqa: S603  our own program
        [*command, "--data", str(runtime.folders.store)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS,
        check=False,
    )
    if done.returncode != 0:
        raise CommandError(f"the second account could not be made: {done.stderr.strip()}")
    return done.stdout.strip()


def _asked(runtime: Runtime, method: str, path: str, body: dict[str, str]) -> None:
    approval = runtime.local.store.approval()
    answer = runtime.local.client.request(method, path, json=body, headers=approval)
    if answer.is_error:
        raise CommandError(f"the team could not be made: {answer.text}")
