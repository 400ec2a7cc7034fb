"""What is on its way to a store: kept until the store has it, sent again until then, counted there once.

Each row carries an idempotency key from the moment it is queued. A process may die at any point: before the
send the row is still queued, after it the row is sent again under the same key and the store does nothing.
"""

from commontrace.outbox.box import Outbox
from commontrace.outbox.items import Item, Receipt

__all__ = ["Item", "Outbox", "Receipt"]
