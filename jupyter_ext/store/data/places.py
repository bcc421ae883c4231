"""Where data lies: a file system and a path in it, found by a datastore's name or by an address."""

from __future__ import annotations

import posixpath
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from blake3 import blake3

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import AzureMLException
from jupyter_ext.runtime.inside.jupyter_aml_run.nearest import did_you_mean
from jupyter_ext.store.vault import Vault

from . import datastores
from .addresses import scrubbed, without_user
from .data_records import Source
from .datastores import StorageException

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jupyter_ext.store.paths import WorkspacePaths

_QUERY = re.compile(r"\?[\w.-]+=[^#]*")  # elsewhere than on the web, a ? may be a pattern's
_WEB_QUERY = re.compile(r"\?[^#]*")


@dataclass(frozen=True)
class Place:
    """A file system and a path in it that belongs to a datastore, or that an address names.

    Attributes
    ----------
    who
        What messages call it.
    address
        Where it lies, without secrets.
    """

    fs: Any = field(repr=False)
    path: str = field(repr=False)  # it may hold a password
    who: str
    address: str

    @property
    def is_local(self) -> bool:
        """Whether it is a folder or file of this machine."""
        return "file" in _protocols(self.fs)

    @property
    def is_web(self) -> bool:
        """Whether it is an http address, which has no folders."""
        return "http" in _protocols(self.fs)

    def under(self, path: str) -> Place:
        """Return what lies at ``path`` within it."""
        inner = posixpath.normpath(path.replace("\\", "/").lstrip("/")) if path.strip("/") else "."
        if inner == ".":
            return self
        if leads_out(inner):
            raise StorageException(f"{path!r} leads out of {self.who}.")
        return Place(self.fs, posixpath.join(self.path, inner), self.who, posixpath.join(self.address, inner))

    def exists(self) -> bool:
        """Tell whether there is something; a place that cannot be asked raises."""
        with self.doing("The datastore cannot be looked at"):
            try:  # a driver's own exists() may take any failure for "no"
                self.fs.info(self.path)
            except FileNotFoundError:
                return False
            return True

    @contextmanager
    def doing(self, what: str) -> Iterator[None]:
        """Turn whatever its driver raises into one sentence."""
        try:
            yield
        except AzureMLException:
            raise
        except FileNotFoundError as error:
            plain = FileNotFoundError(scrubbed(str(error), self.path))
            raise StorageException(f"{what}: there is nothing at {self.address}.") from plain
        except Exception as error:  # noqa: BLE001 - each driver has errors of its own
            text = " ".join(str(error).split()) or type(error).__name__
            text = scrubbed(text, self.path).rstrip(".")
            raise StorageException(f"{what}: {self.address} cannot be reached: {text}.") from None


def place_of(paths: WorkspacePaths | None, source: Source) -> Place:
    """Return where a source lies.

    Raises
    ------
    StorageException
        Its datastore is not known, or its driver is missing.
    """
    if source.datastore is None:
        url = _unsealed(paths, source)
        fs, path = datastores.file_system(url, {}, shown(source.path))
        return Place(fs, path, shown(source.path), shown(source.path))
    if paths is None:
        raise StorageException(f"The workspace of datastore {source.datastore!r} is not known.")
    return datastore_place(paths, source.datastore).under(source.path)


def datastore_place(paths: WorkspacePaths, name: str) -> Place:
    """Return the root of a datastore; a local one that every workspace has is made.

    Raises
    ------
    StorageException
        There is none of this name, or its driver is missing.
    """
    record = datastores.find(paths, name)
    if record is None:
        known = datastores.names(paths)
        raise StorageException(
            f"There is no datastore {name!r} in workspace {paths.name!r} (there: {', '.join(known)})."
            f"{did_you_mean(name, known)}"
        )
    options = {**record.options, **datastores.secrets_of(paths, name)}
    fs, path = datastores.file_system(record.url, options, f"Datastore {name!r}")
    if record.url == f"file://{paths.data / name}":
        Path(path).mkdir(parents=True, exist_ok=True)
    return Place(fs, path, f"datastore {name!r}", record.url.rstrip("/"))


def seal(paths: WorkspacePaths, source: Source) -> Source:
    """Put what is secret of a source's address into the vault; return the source without it."""
    if source.datastore is not None or source.sealed is not None or shown(source.path) == source.path:
        return source
    name = f"url/{blake3(source.path.encode()).hexdigest()[:32]}"
    Vault(paths).put(name, source.path)
    return Source(path=shown(source.path), sealed=name)


def shown(url: str) -> str:
    """Return an address without what is secret in it."""
    if "://" not in url or url.startswith("file:"):
        return url
    query = _WEB_QUERY if url.startswith(("http://", "https://")) else _QUERY
    return query.sub("", without_user(url), count=1)


def leads_out(path: str) -> bool:
    """Tell whether a normalised path leaves its folder."""
    return path == ".." or path.startswith("../")


def _unsealed(paths: WorkspacePaths | None, source: Source) -> str:
    if source.sealed is None:
        return source.path
    url = Vault(paths).get(source.sealed) if paths is not None else None
    if url is None:
        raise StorageException(f"The access token of {source.path} is not there any more: register the dataset again.")
    return url


def _protocols(fs: Any) -> tuple[str, ...]:
    return (fs.protocol,) if isinstance(fs.protocol, str) else tuple(fs.protocol)
