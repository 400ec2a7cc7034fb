"""Fixtures of the store's tests; they are made in `support`."""

from support.accounts import town
from support.community import community
from support.postgres import database_url, postgres_cluster
from support.store import _stopped_store, app, client, engine, local_store, new_local_store, store_url

__all__ = [
    "_stopped_store",
    "app",
    "client",
    "community",
    "database_url",
    "engine",
    "local_store",
    "new_local_store",
    "postgres_cluster",
    "store_url",
    "town",
]
