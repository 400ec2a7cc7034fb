"""Stores as their clients see them: searched, read, added to and judged over HTTP."""

from commontrace.config import Permissions
from commontrace.stores.breaker import Breaker, StoreRestingError
from commontrace.stores.client import Store
from commontrace.stores.errors import (
    StoreBusyError,
    StoreConflictError,
    StoreError,
    StoreForbiddenError,
    StoreInvalidError,
    StoreLacksRouteError,
    StoreNotFoundError,
    StorePermissionError,
    StoreRefusedError,
    StoreUnauthorizedError,
    StoreUnavailableError,
)
from commontrace.stores.models import (
    Account,
    Context,
    Contribution,
    Found,
    Hit,
    Imported,
    ImportedLine,
    ImportJob,
    Query,
    TagCount,
    Trace,
    TracePage,
    Trust,
)

__all__ = [
    "Account",
    "Breaker",
    "Context",
    "Contribution",
    "Found",
    "Hit",
    "ImportJob",
    "Imported",
    "ImportedLine",
    "Permissions",
    "Query",
    "Store",
    "StoreBusyError",
    "StoreConflictError",
    "StoreError",
    "StoreForbiddenError",
    "StoreInvalidError",
    "StoreLacksRouteError",
    "StoreNotFoundError",
    "StorePermissionError",
    "StoreRefusedError",
    "StoreRestingError",
    "StoreUnauthorizedError",
    "StoreUnavailableError",
    "TagCount",
    "Trace",
    "TracePage",
    "Trust",
]
