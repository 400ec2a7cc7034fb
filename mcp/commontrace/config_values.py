"""Checks of the values in the configuration; each error names the key, its line and what to do."""

import ipaddress
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")
KEY = re.compile(r"[\x21-\x7e]{8,200}")
PERMISSION_KEYS = ("queries", "prompts", "outcomes", "votes", "publishing")
STORE_KEYS = ("url", "api_key", "api_key_file", "space", "permissions")
TOP_KEYS = ("stores", "default_store")


class ConfigInvalidError(Exception):
    """The configuration cannot be used."""


@dataclass(frozen=True)
class Source:
    """A file and its text, for error messages that lead to the line."""

    path: Path
    text: str

    def invalid(self, key: str, reason: str) -> ConfigInvalidError:
        """The error for the value at a dotted key."""
        line = self._line(key)
        where = f"{self.path}, line {line}" if line else str(self.path)
        return ConfigInvalidError(f"{where}: {key}: {reason}")

    def table(self, value: object, key: str) -> dict[str, Any]:
        """A table."""
        if not isinstance(value, dict):
            raise self.invalid(key, "must be a table")
        return value

    def string(self, value: object, key: str) -> str:
        """A string that is not empty."""
        if not isinstance(value, str) or not value.strip():
            raise self.invalid(key, "must be a string in quotes")
        return value.strip()

    def optional(self, value: object, key: str) -> str | None:
        """A string, or nothing where the key is absent."""
        return None if value is None else self.string(value, key)

    def boolean(self, value: object, key: str) -> bool:
        """True or false, written without quotes."""
        if not isinstance(value, bool):
            raise self.invalid(key, "must be true or false, without quotes")
        return value

    def url(self, value: object, key: str) -> str:
        """The address of a store."""
        if value is None:
            raise self.invalid(key, "is missing: give the address of the store")
        try:
            return checked_url(self.string(value, key), key)
        except ConfigInvalidError as error:
            raise self.invalid(key, str(error).removeprefix(f"{key}: ")) from error

    def _line(self, key: str) -> int | None:
        """The line of a key as people write it: in its table's section, or with its name in front."""
        *table, last = key.split(".")
        section = ""
        for number, line in enumerate(self.text.splitlines(), 1):
            written = line.strip().replace('"', "").replace("'", "")
            if written.startswith("["):
                section = written.strip("[] ")
                if section == key:
                    return number
            elif section == ".".join(table) and re.split(r"[\s=.]", written, maxsplit=1)[0] == last:
                return number
        return self._line(".".join(table)) if table else None


def checked_url(url: str, name: str) -> str:
    """The address without a slash at its end.

    Raises:
        ConfigInvalidError: it is neither https nor http to this machine, or carries more than an address.
    """
    try:
        parts = urlsplit(url.strip())
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise ConfigInvalidError(f"{name}: not an address: {error}") from error
    if not host or parts.scheme not in ("http", "https") or port == 0:
        raise ConfigInvalidError(f"{name}: must be an address such as https://traces.example.org")
    if parts.scheme == "http" and not is_loopback(host):
        raise ConfigInvalidError(f"{name}: http would send the key in the clear: use https")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ConfigInvalidError(f"{name}: must hold no user, password, query or fragment")
    return parts.geturl().rstrip("/")


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine itself."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def api_key(text: str, name: str) -> str:
    """A key as it can stand in a header.

    Raises:
        ConfigInvalidError: it cannot be one; the message does not repeat it.
    """
    if not KEY.fullmatch(text):
        raise ConfigInvalidError(
            f"{name} is not an API key: keys are 8 to 200 printable characters without spaces"
        )
    return text


def unknown_keys(document: Mapping[str, Any]) -> Iterator[str]:
    """Dotted names of the keys that mean nothing to this version, such as misspelt ones."""
    yield from (key for key in document if key not in TOP_KEYS)
    for name, store in document.get("stores", {}).items():
        yield from (f"stores.{name}.{key}" for key in store if key not in STORE_KEYS)
        allowed = store.get("permissions", {})
        yield from (f"stores.{name}.permissions.{key}" for key in allowed if key not in PERMISSION_KEYS)
