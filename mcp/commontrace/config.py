"""The configuration file: which stores are connected, and what each may be sent.

The environment outranks the file. The file is only ever replaced whole, under a lock, and never when it
cannot be read: what a person wrote is not lost. Keys that this version does not know are kept.
"""

import os
import tempfile
import tomllib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from commontrace import config_values as values
from commontrace import environment
from commontrace.config_values import ConfigInvalidError

__all__ = [
    "ENVIRONMENT",
    "LOCAL",
    "Config",
    "ConfigInvalidError",
    "Permissions",
    "StoreConfig",
    "StoreUnknownError",
]

LOCAL = "local"
ENVIRONMENT = "environment"
RESERVED = frozenset({LOCAL, ENVIRONMENT})
HEADER = (
    "# Written by `commontrace setup`. You may edit it; comments are not kept when setup writes it again.\n\n"
)

Document = dict[str, Any]


class StoreUnknownError(ConfigInvalidError):
    """No store of this name is connected."""


@dataclass(frozen=True)
class Permissions:
    """What a person lets one store have without being asked each time.

    Attributes:
        queries: searches for errors and for the session's context.
        prompts: searches with the text of prompts.
        outcomes: whether a trace that was shown has helped.
        votes: votes that the model casts.
        publishing: traces that the person asks for by typing `/commontrace:trace-contribute`.
    """

    queries: bool = False
    prompts: bool = False
    outcomes: bool = False
    votes: bool = False
    publishing: bool = False

    @classmethod
    def all(cls) -> "Permissions":
        """What the store on this machine has, which sends nothing on; each trace needs its yes there too."""
        return cls(queries=True, prompts=True, outcomes=True, votes=True)


@dataclass(frozen=True)
class StoreConfig:
    """One connected store.

    Attributes:
        url: https, or http to this machine.
        api_key: the key itself; otherwise `api_key_file` names the file that holds it.
        space: slug of the space that contributions go to; None for the account's own.
    """

    name: str
    url: str
    api_key: str | None = field(default=None, repr=False)
    api_key_file: str | None = None
    space: str | None = None
    permissions: Permissions = Permissions()

    def key(self) -> str:
        """The API key.

        Raises:
            ConfigInvalidError: the key file cannot be read or is empty, or there is no key at all.
        """
        if self.api_key:
            return self.api_key
        if not self.api_key_file:
            raise ConfigInvalidError(
                f"store {self.name!r} has no key: run `commontrace setup --name {self.name}`"
            )
        try:
            key = Path(self.api_key_file).expanduser().read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigInvalidError(
                f"the key file of store {self.name!r} cannot be read: {error}"
            ) from error
        return values.api_key(key, f"the key in {self.api_key_file}")


@dataclass(frozen=True)
class Config:
    """What is configured.

    Attributes:
        stores: the connected stores by name; `local` is not among them because it needs no configuration.
        default_store: where drafts go unless another store is named.
        unknown: dotted names of keys that this version ignores.
    """

    stores: Mapping[str, StoreConfig]
    default_store: str = LOCAL
    unknown: tuple[str, ...] = ()

    def store(self, name: str) -> StoreConfig:
        """One connected store.

        Raises:
            StoreUnknownError: there is none of this name.
        """
        if name not in self.stores:
            known = ", ".join([LOCAL, *self.stores])
            raise StoreUnknownError(
                f"no store is called {name!r}: there are {known}; `commontrace setup` adds one"
            )
        return self.stores[name]

    def space(self, name: str) -> str | None:
        """The space that contributions to a store go to; None for the account's own."""
        return None if name == LOCAL else self.store(name).space


def load(path: Path, environ: Mapping[str, str] = os.environ) -> Config:
    """The configuration of this machine and this environment.

    Raises:
        ConfigInvalidError: the file or a variable cannot be used; names the place and what to do.
    """
    text = _text(path)
    config = _parse(_document(path, text), values.Source(path, text))
    return _with_environment(config, environ)


def connect(path: Path, store: StoreConfig) -> None:
    """Write one store into the file, in place of one of the same name.

    Raises:
        ConfigInvalidError: the file cannot be read, so it is left as it is.
    """
    entry = {name: value for name, value in asdict(store).items() if value is not None and name != "name"}

    def change(document: Document) -> None:
        stores: Document = document.setdefault("stores", {})
        earlier: Document = stores.get(store.name, {})
        kept = {name: value for name, value in earlier.items() if name not in values.STORE_KEYS}
        permissions = {**earlier.get("permissions", {}), **asdict(store.permissions)}
        stores[store.name] = {**kept, **entry, "permissions": permissions}

    _change(path, change)


def disconnect(path: Path, name: str) -> None:
    """Take one store out of the file, its key included.

    Raises:
        StoreUnknownError: the file has no store of this name.
        ConfigInvalidError: the file cannot be read, so it is left as it is.
    """

    def change(document: Document) -> None:
        if name not in document.get("stores", {}):
            raise StoreUnknownError(f"no store is called {name!r} in {path}")
        del document["stores"][name]
        if document.get("default_store") == name:
            del document["default_store"]

    _change(path, change)


def choose_default(path: Path, name: str) -> None:
    """Make drafts go to this store unless another one is named."""

    def change(document: Document) -> None:
        document["default_store"] = name

    _change(path, change)


def _change(path: Path, change: Callable[[Document], None]) -> None:
    """Read, change and replace the file under a lock, so that two writers lose nothing of each other."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with environment.locked(f"{path}.lock", lambda: None):
        text = _text(path)
        document = _document(path, text)
        _parse(document, values.Source(path, text))
        change(document)
        written = HEADER + _dump(document)
        _parse(tomllib.loads(written), values.Source(path, written))
        _replace(path, written)


def _replace(path: Path, text: str) -> None:
    # beside the file itself, so that a link to a file elsewhere stays a link
    target = path.resolve()
    descriptor, temporary = tempfile.mkstemp(dir=target.parent, prefix=".config-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        with suppress(OSError):
            Path(temporary).unlink()
        raise


def _dump(document: Document) -> str:
    import tomli_w

    return tomli_w.dumps(document)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalidError(f"{path} cannot be read: {error}; mend it or move it away") from error


def _document(path: Path, text: str) -> Document:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigInvalidError(
            f"{path} is not valid TOML: {error}; mend that line, "
            "or move the file away and run `commontrace setup`"
        ) from error


def _parse(document: Document, source: values.Source) -> Config:
    tables = source.table(document.get("stores", {}), "stores")
    stores = {name: _store(name, table, source) for name, table in tables.items()}
    default = source.string(document.get("default_store", LOCAL), "default_store")
    if default not in stores and default not in RESERVED:
        raise source.invalid("default_store", f"no store is called {default!r}")
    return Config(stores, default, tuple(values.unknown_keys(document)))


def _store(name: str, raw: object, source: values.Source) -> StoreConfig:
    place = f"stores.{name}"
    table = source.table(raw, place)
    if name in RESERVED or not values.NAME.fullmatch(name):
        raise source.invalid(
            place, "a store's name is lower-case letters, digits and -, and not 'local' or 'environment'"
        )
    allowed = source.table(table.get("permissions", {}), f"{place}.permissions")
    known = {key: allowed.get(key, False) for key in values.PERMISSION_KEYS}
    return StoreConfig(
        name=name,
        url=source.url(table.get("url"), f"{place}.url"),
        api_key=source.optional(table.get("api_key"), f"{place}.api_key"),
        api_key_file=source.optional(table.get("api_key_file"), f"{place}.api_key_file"),
        space=source.optional(table.get("space"), f"{place}.space"),
        permissions=Permissions(
            **{key: source.boolean(value, f"{place}.permissions.{key}") for key, value in known.items()}
        ),
    )


def _with_environment(config: Config, environ: Mapping[str, str]) -> Config:
    """Add the store that the environment names.

    A project's settings can set variables, and projects are not trusted: a variable grants no permission.
    Only an address that the person connected in the file keeps what was granted there.
    """
    url, key = environ.get("COMMONTRACE_URL", ""), environ.get("COMMONTRACE_API_KEY", "")
    if not url and not key:
        if config.default_store == ENVIRONMENT:
            return replace(config, default_store=LOCAL)
        return config
    if not url or not key:
        missing = "COMMONTRACE_API_KEY" if url else "COMMONTRACE_URL"
        raise ConfigInvalidError(
            f"{missing} is not set: the environment names a store by both, or not at all"
        )
    url = values.checked_url(url, "COMMONTRACE_URL")
    same = next((store for store in config.stores.values() if store.url == url), None)
    store = StoreConfig(
        name=ENVIRONMENT,
        url=url,
        api_key=values.api_key(key, "COMMONTRACE_API_KEY"),
        space=same.space if same else None,
        # the key may be another account's, whose traces others read
        permissions=replace(same.permissions, publishing=False) if same else Permissions(),
    )
    return replace(config, stores={**config.stores, ENVIRONMENT: store}, default_store=ENVIRONMENT)
