"""What may be written down of an error."""

import traceback


def describe(error: BaseException) -> str:
    """Return an error's type and where it was raised; never its message, which may quote user text."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    places = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    return f"{type(error).__module__}.{type(error).__qualname__} at {places}"
