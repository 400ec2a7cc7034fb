"""Whether stores answer, and whether the local one finds what it must."""

from collections.abc import Iterator

from commontrace import system
from commontrace.config import LOCAL, ConfigInvalidError
from commontrace.doctor.finding import Finding
from commontrace.environment import LEAST_BYTES
from commontrace.local_store import StoreNotStartedError
from commontrace.paths import RuntimeFolderUnsafeError
from commontrace.runtime import Runtime
from commontrace.stores import Query, Store, StoreError
from commontrace_rules.signature import signature

START_SECONDS = 60
CANARIES = (
    # an error as a tool prints it, and a word of the starter trace that answers it
    ("ModuleNotFoundError: No module named 'yaml'", "yaml"),
    ("Error: listen EADDRINUSE: address already in use :::3000", "EADDRINUSE"),
    ("error: externally-managed-environment", "externally-managed-environment"),
)
"""The store ships with the answers; where one is not found any more, recall is broken."""


def local(runtime: Runtime) -> Iterator[Finding]:
    """The store on this machine: started if need be, and asked what it must know."""
    log = runtime.folders.logs / "store.log"
    try:
        runtime.local.wait_ready(START_SECONDS)
    except RuntimeFolderUnsafeError as error:
        yield Finding("store local", "problem", str(error), f"then look at {runtime.folders.runtime} again")
        return
    except (StoreNotStartedError, OSError) as error:
        remedy = f"read {log}; if the store is damaged, move {runtime.folders.store} away"
        if system.free_bytes(str(runtime.folders.data)) < LEAST_BYTES:
            remedy = "make room on the disk; the store starts again by itself"
        yield Finding("store local", "problem", str(error), remedy)
        return
    yield from _recall(runtime.local.store, str(log))


def connected(runtime: Runtime) -> Iterator[Finding]:
    """Every other store, asked whose key this is."""
    try:
        stores = [store for store in runtime.stores.values() if store.name != LOCAL]
    except ConfigInvalidError:
        return  # said by the check of the configuration
    yield from map(_connected, stores)


def _recall(store: Store, log: str) -> Iterator[Finding]:
    missed: list[str] = []
    degraded: set[str] = set()
    for error, word in CANARIES:
        query = Query(query=error, kind="error", signature=signature(error), limit=1)
        try:
            found = store.search(query)
        except StoreError as problem:
            remedy = "end the store's process; it starts again by itself"
            yield Finding("store local", "problem", str(problem), remedy)
            return
        degraded.update(found.degraded)
        if found.abstained or not any(word in hit.title and hit.automatic for hit in found.hits):
            missed.append(error)
    for signal in sorted(degraded):
        yield Finding("store local", "warning", f"answers without {signal}", "wait a minute, then look again")
    if missed:
        detail = f"{len(missed)} of {len(CANARIES)} known errors are not answered: {'; '.join(missed)}"
        remedy = f"one cause is that you retracted a starter trace; {log} tells of others"
        yield Finding("store local", "problem", detail, remedy)
    else:
        yield Finding("store local", "ok", f"answers, and knows {len(CANARIES)} errors that it must know")


def _connected(store: Store) -> Finding:
    check = f"store {store.name}"
    try:
        account = store.me()
    except StoreError as error:
        return Finding(
            check, "problem", str(error), f"check the network and {store.url}, or run `commontrace setup`"
        )
    return Finding(check, "ok", f"answers, and knows you as {account.name}")
