"""The secret that key hashes are made with: a stolen database alone does not tell whether a key is right."""

import os
import secrets
from pathlib import Path
from typing import Final

from commontrace_server.location import PEPPER_VARIABLE

_FILE: Final = "pepper"
APPROVAL_FILE: Final = "approval"
"""Beside it: what a client of this machine brings when a person has said yes. Stable: clients read it."""
_BYTES: Final = 32
_MIN_CHARACTERS: Final = 32


class PepperError(Exception):
    """The secret that API keys are hashed with cannot be used; the message says why and what to do."""


class Pepper:
    """A secret that was given, or one that is kept in a file and made when the first key is.

    Args:
        source: The secret, or the folder of its file; None where no key is ever made.
        name: What the file is called.

    Raises:
        PepperError: The secret is too short to be one.
    """

    def __init__(self, source: str | Path | None, name: str = _FILE) -> None:
        self._path = source / name if isinstance(source, Path) else None
        self._value: bytes | None = None
        if isinstance(source, str):
            if len(source) < _MIN_CHARACTERS:
                raise PepperError(f"{PEPPER_VARIABLE} must have at least {_MIN_CHARACTERS} random characters")
            self._value = source.encode("utf-8", "surrogateescape")

    def read(self) -> bytes | None:
        """Return the secret, or None when there is none yet: then there is no key either.

        Raises:
            PepperError: Its file cannot be read, or holds something else.
        """
        if self._value is None and self._path is not None:
            try:
                self._value = _checked(self._path, self._path.read_bytes())
            except FileNotFoundError:
                return None
            except OSError as error:
                raise PepperError(f"cannot read {self._path}: {error.strerror}") from error
        return self._value

    def ensure(self) -> bytes:
        """Return the secret, made now if there is none.

        Raises:
            PepperError: Its file cannot be read or made.
        """
        known = self.read()
        if known is not None:
            return known
        if self._path is None:
            raise PepperError("this store has no place for the secret of its API keys: it makes none")
        try:
            _make(self._path)
        except OSError as error:
            raise PepperError(f"cannot make {self._path}: {error.strerror}") from error
        made = self.read()
        assert made is not None, "it was just made"
        return made


def _make(path: Path) -> None:
    """Write a fresh secret, whole or not at all; whoever comes second keeps the first one's."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    making = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(making, path)
        except FileExistsError:
            return
    finally:
        making.unlink()


def _checked(path: Path, content: bytes) -> bytes:
    if len(content) != _BYTES:
        raise PepperError(f"{path} is damaged: bring it back from a backup, or remove it and make new keys")
    return content
