"""The files that a dataset's sources name, and how they come to this machine."""

from __future__ import annotations

import glob
import os
import posixpath
import re
import shutil
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from jupyter_ext.runtime.inside.jupyter_aml_run.file_data import kept_files

from .datastores import StorageException
from .places import Place, leads_out, place_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from jupyter_ext.store.paths import WorkspacePaths

    from .data_records import DatasetRecord, Source

_MAGIC = re.compile(r"[*?\[]")
_STAMPS = ("ETag", "etag", "md5", "mtime", "LastModified", "last_modified", "updated")
_AT_ONCE = 8


@dataclass(frozen=True)
class Entry:
    """A file of a dataset.

    Attributes
    ----------
    name
        Its path within the dataset.
    """

    place: Place
    name: str
    size: int | None
    stamp: str | None
    modified: float | None = None

    @property
    def local(self) -> Path | None:
        """Its path where it is a file of this machine."""
        return Path(self.place.path) if self.place.is_local else None


def entries(paths: WorkspacePaths | None, sources: Sequence[Source]) -> list[Entry]:
    """Return the files that sources name, in the order of their names within each.

    Raises
    ------
    StorageException
        A source names nothing, or cannot be reached.
    """
    found: list[tuple[Place, str, list[dict[str, Any]], int]] = []
    for index, source in enumerate(sources):
        place = place_of(paths, source)
        base, infos = _listed(place, *_pattern(source, place))
        found.append((place, base, infos, index))
    base_of = _bases(found)
    named = [
        (index, _entry(place, info, _relative(info["name"], base_of[index], place)))
        for place, _, infos, index in found
        for info in infos
    ]
    if _twice(sources, named) is not None:
        labels = {index: _label(sources[index], place, base_of[index]) for place, _, _, index in found}
        named = [(index, replace(one, name=posixpath.join(labels[index], one.name))) for index, one in named]
    twice = _twice(sources, named)
    if twice is not None:
        raise StorageException(f"Two files would have the name {twice!r}: put them into datasets of their own.")
    return [entry for _, entry in named]


def check(paths: WorkspacePaths | None, sources: Sequence[Source]) -> None:
    """See that each source names something, without listing what is in folders.

    Raises
    ------
    StorageException
        A source names nothing, or cannot be reached.
    """
    for source in sources:
        place = place_of(paths, source)
        with place.doing("The data cannot be looked at"):
            if place.is_web or not has_pattern(source.path):
                place.fs.info(place.path)
            elif not place.fs.glob("".join(_pattern(source, place))):
                raise FileNotFoundError(place.path)


def dataset_entries(paths: WorkspacePaths | None, record: DatasetRecord) -> list[Entry]:
    """Return the files of a dataset; of a file dataset those that remain after its steps."""
    found = entries(paths, record.sources)
    for step in record.steps if record.kind == "file" else ():
        facts = [{"Size": one.size, "LastModifiedTime": one.modified} for one in found]
        found = [found[index] for index in kept_files(step, facts)]
    return found


def root_of(found: Sequence[Entry]) -> str:
    """Return the folder that all files' names are within; empty where they come from several.

    A pattern such as ``2019/*/x.csv`` takes folders out of the names that may tell columns.
    """
    roots = {one.place.path.removesuffix(one.name) for one in found}
    return roots.pop() if len(roots) == 1 else ""


def is_single_file(paths: WorkspacePaths | None, source: Source) -> bool:
    """Tell whether a source names one file, as opposed to a folder or a pattern."""
    place = place_of(paths, source)
    if place.is_web:
        return True
    if _MAGIC.search(source.path):
        return False
    with place.doing("The data cannot be looked at"):
        return bool(place.fs.info(place.path)["type"] == "file")


def copy(entry: Entry, target: Path) -> None:
    """Copy a file to this machine; it is there whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.{os.getpid()}-{os.urandom(4).hex()}.part")
    try:
        with entry.place.doing(f"{entry.name} cannot be copied"):
            if entry.local is not None:
                shutil.copyfile(entry.local, part)
            else:
                entry.place.fs.get_file(entry.place.path, str(part))
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)


def link(source: Path, target: Path) -> None:
    """Give a copy another name, which stays when the first is gone: it takes no room twice."""
    try:
        os.link(source, target)
    except OSError:  # another file system, or too many names
        shutil.copyfile(source, target)


def at_once(
    work: Callable[[Entry], Any], of: Sequence[Entry], look: Callable[[int], None] = lambda _: None
) -> list[Any]:
    """Do something with files, several at a time; the results are in their order.

    Parameters
    ----------
    look
        Called now and then with how many are done; what it raises ends the rest.
    """
    if len(of) < 2 or all(entry.local for entry in of):  # noqa: PLR2004 - one is no several
        return [work(entry) for entry in of]
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - for remote files only

    with ThreadPoolExecutor(_AT_ONCE) as pool:
        results = []
        try:
            for result in pool.map(work, of):
                results.append(result)
                look(len(results))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
        return results


def has_pattern(path: str) -> bool:
    """Tell whether a path is a pattern."""
    return _MAGIC.search(path) is not None


def _pattern(source: Source, place: Place) -> tuple[str, str]:
    """Return a source's path in two: the root of its datastore, which is no pattern, and what may be one."""
    if source.datastore is None:
        return "", place.path
    inner = posixpath.normpath(source.path.replace("\\", "/").lstrip("/"))
    return glob.escape(place.path.removesuffix(inner)), inner


def _listed(place: Place, root: str, inner: str) -> tuple[str, list[dict[str, Any]]]:
    """Return the folder that names are relative to, and what is known of each file."""
    path = place.path
    with place.doing("The data cannot be listed"):
        if place.is_web:
            return posixpath.dirname(unquote(urlsplit(path).path)), [place.fs.info(path)]
        place.fs.invalidate_cache()
        magic = _MAGIC.search(inner)
        if magic:
            base = posixpath.dirname(path.removesuffix(inner) + inner[: magic.start()])
            infos = list(place.fs.glob(root + inner, detail=True).values())
        else:
            info = place.fs.info(path)
            if info["type"] == "file":
                return posixpath.dirname(path), [info]
            base, infos = path, list(place.fs.find(path, detail=True).values())
        infos = sorted((info for info in infos if info["type"] == "file"), key=lambda info: str(info["name"]))
        if not infos and magic:
            raise FileNotFoundError(path)
        return base, infos


def _bases(found: Sequence[tuple[Place, str, list[dict[str, Any]], int]]) -> dict[int, str]:
    """Return the folder that each source's names are relative to: what the sources on one file system share."""
    groups: dict[str, list[tuple[int, str]]] = {}
    for place, base, _, index in found:
        groups.setdefault(_host(place), []).append((index, "/" + base.lstrip("/")))
    result: dict[int, str] = {}
    for group in groups.values():
        common = posixpath.commonpath([base for _, base in group])
        result |= {index: common for index, _ in group}
    return result


def _twice(sources: Sequence[Source], named: Sequence[tuple[int, Entry]]) -> str | None:
    """Return a name that files of several datastores or hosts have."""
    seen: dict[str, tuple[str, str]] = {}
    for index, one in named:
        own = (sources[index].datastore or urlsplit(one.place.address).netloc, one.place.path)
        if seen.setdefault(one.name, own) != own:
            return one.name
    return None


def _label(source: Source, place: Place, base: str) -> str:
    """Return what tells a source's files from those of others."""
    return source.datastore or posixpath.join(urlsplit(place.address).netloc, base.lstrip("/"))


def _host(place: Place) -> str:
    return urlsplit(place.address).netloc + ("" if place.is_web else place.who)


def _relative(name: str, base: str, place: Place) -> str:
    path = unquote(urlsplit(name).path) if place.is_web else name
    inner = posixpath.relpath("/" + path.lstrip("/"), base)
    if leads_out(inner):  # object storage takes any text for a name; here it would be another folder's file
        raise StorageException(f"{place.who} has a file whose name leads out of its folder: {name!r}.")
    return inner


def _entry(place: Place, info: dict[str, Any], name: str) -> Entry:
    stamps = [str(info[key]) for key in _STAMPS if info.get(key) is not None]
    own = Place(place.fs, str(info["name"]), place.who, place.address)
    return Entry(own, name, info.get("size"), "|".join(stamps) or None, _modified(info))


def _modified(info: dict[str, Any]) -> float | None:
    """Return when a file was changed, Unix seconds; an http server tells it in another form, which nobody asks for."""
    when = info.get("mtime") or info.get("LastModified") or info.get("last_modified")
    if isinstance(when, datetime):
        return when.timestamp()
    return when if isinstance(when, int | float) else None
