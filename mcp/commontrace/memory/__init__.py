"""What this machine's sessions have seen, shown, drafted and still have to send, in one SQLite file."""

from commontrace.memory.database import BUSY_MS, Memory, Shown
from commontrace.memory.schema import MemoryNewerError

__all__ = ["BUSY_MS", "Memory", "MemoryNewerError", "Shown"]
