"""The built-in account and its personal space, which every store has: the person at this machine."""

from typing import Final
from uuid import UUID

from commontrace_server.accounts.standing import Place

# Written into every database by a migration; never to be changed.
LOCAL_ACCOUNT: Final = UUID("00000000-0000-7000-8000-000000000001")
LOCAL_SPACE: Final = Place(
    id=UUID("00000000-0000-7000-8000-000000000002"), slug="local", kind="personal", role="owner"
)
