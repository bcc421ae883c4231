"""Snapshots: a folder's files, kept by content.

A stat index for each source remembers, folder by folder, what was seen: a folder in which nothing changed goes into
the manifest as it did the last time, without a file of it being read.
"""

from __future__ import annotations

import errno
import gc
import os
import time
import uuid
from dataclasses import dataclass, field
from heapq import nlargest
from operator import itemgetter
from typing import TYPE_CHECKING

import blake3
import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException
from jupyter_ext.store.paths import home
from jupyter_ext.store.records import replace, write_once

from .ignore import ALWAYS_OUT, Found, ignore_rules, walk
from .manifest import Entry
from .packs import NewPack
from .secrets import LOOK_INTO_BYTES, secret_in_content, secret_in_name

if TYPE_CHECKING:
    from pathlib import Path

    from jupyter_ext.store.catalogue import Catalogue
    from jupyter_ext.store.paths import WorkspacePaths

# v1's limit; people raise it by assigning to the module attribute of v1's name
MAX_BYTES = 300 * 1024 * 1024
# A file that changed this shortly before it was looked at may change again within the same tick of the clock.
_CLOCK_TICK_NS = 50_000_000
_MAY_CHANGE = (-1, -1, -1, -1)
_FULL = (errno.ENOSPC, errno.EDQUOT)


_Stamp = tuple[int, int, int, int]


class _Folder(msgspec.Struct, array_like=True, frozen=True):
    """What was seen of one folder; ``entries`` is the JSON of its part of the manifest."""

    names: list[str]
    stamps: list[_Stamp]
    entries: bytes
    digest: bytes
    files: int
    size: int
    secrets: dict[str, str]


class _Index(msgspec.Struct, array_like=True):
    snapshot_id: str
    folders: dict[str, _Folder]


@dataclass(frozen=True)
class Snapshot:
    """A stored snapshot.

    Attributes
    ----------
    id
        The same for the same content.
    size
        Bytes of all files.
    seconds
        What taking it took.
    secrets
        File name -> why it looks like a secret.
    skipped
        Files that could not be read.
    """

    id: str
    files: int
    size: int
    seconds: float
    secrets: dict[str, str] = field(default_factory=dict)
    skipped: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Plan:
    """What a snapshot would hold: ``--dry-run``."""

    files: list[tuple[str, int]]
    secrets: dict[str, str]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(size for _, size in self.files)

    def largest(self, count: int = 5) -> list[tuple[str, int]]:
        """Return the largest files: name, bytes."""
        return sorted(self.files, key=lambda file: -file[1])[:count]


def plan(folder: Path, most: int | None = None) -> Plan:
    """Return what a snapshot of ``folder`` would hold, reading no more than it must.

    Raises
    ------
    SnapshotException
        There are more than ``most`` files.
    """
    files, secrets = list[tuple[str, int]](), {}
    for found in walk(folder, home(), []):
        for base, kind, stat in zip(found.names, found.kinds, found.stats, strict=True):
            if kind != "f":
                continue
            name = found.prefix + base
            files.append((name, stat.st_size))
            if most is not None and len(files) > most:
                raise SnapshotException(
                    f"{folder} holds more than {most:,} files: choose the folder of the script alone, or name what is "
                    f"not needed in {folder / '.amlignore'}."
                )
            secret = secret_in_name(name)
            if secret is None and stat.st_size <= LOOK_INTO_BYTES:
                try:
                    with open(f"{found.path}/{base}", "rb") as file:  # noqa: PTH123 - the path is a str already
                        secret = secret_in_content(file.read())
                except OSError:
                    continue
            if secret:
                secrets[name] = secret
    return Plan(files, secrets)


def leaves_out(folder: Path, name: str) -> bool:
    """Tell whether the rules of ``folder`` keep the file ``name`` out of its snapshots."""
    rules = ignore_rules(folder)
    return rules.match_file(name) if rules else not ALWAYS_OUT.isdisjoint(name.split("/"))


def take(folder: Path, paths: WorkspacePaths, catalogue: Catalogue) -> Snapshot:
    """Store what ``folder`` holds now.

    Raises
    ------
    SnapshotException
        The files are larger than v1's limit of 300 MB together, or there is no space to keep them.
    """
    collecting = gc.isenabled()
    gc.disable()  # ten thousand small records would make it look through the whole notebook again and again
    try:
        return _take(folder, paths, catalogue)
    except OSError as error:
        if error.errno not in _FULL:
            raise
        raise SnapshotException(f"No space is left in {home()} for a snapshot of {folder}: free some.") from error
    finally:
        if collecting:
            gc.enable()


def _take(folder: Path, paths: WorkspacePaths, catalogue: Catalogue) -> Snapshot:
    began = time.monotonic()
    settled_ns = time.time_ns() - _CLOCK_TICK_NS
    skipped: list[str] = []
    founds = list(walk(folder, home(), skipped))
    _check_size(folder, founds)
    index_path = paths.objects / "index" / blake3.blake3(os.fsencode(folder.resolve())).hexdigest()[:32]
    index = _read_index(index_path)
    folders: dict[str, _Folder] = {}
    changed: list[tuple[Found, list[_Stamp]]] = []
    for found in founds:
        stamps = _stamps(found, settled_ns)
        known = index.folders.get(found.prefix)
        if known and stamps == known.stamps and found.names == known.names and _MAY_CHANGE not in stamps:
            folders[found.prefix] = known
        else:
            changed.append((found, stamps))
    snapshot_id = index.snapshot_id
    if changed or len(founds) != len(index.folders) or not (paths.snapshots / f"{snapshot_id}.json").exists():
        with NewPack(paths, catalogue) as pack:
            reader = _Reader(pack, skipped)
            for found, stamps in changed:
                folders[found.prefix] = reader.read(found, stamps, index.folders.get(found.prefix))
        snapshot_id = _write_manifest(folders, paths)
        replace(index_path, msgspec.msgpack.encode(_Index(snapshot_id, folders)))
    return Snapshot(
        snapshot_id,
        sum(one.files for one in folders.values()),
        sum(one.size for one in folders.values()),
        time.monotonic() - began,
        {name: secret for one in folders.values() for name, secret in one.secrets.items()},
        skipped,
    )


def _stamps(found: Found, settled_ns: int) -> list[_Stamp]:
    return [
        (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino << 16 | stat.st_mode)
        if stat.st_ctime_ns <= settled_ns
        else _MAY_CHANGE
        for stat in found.stats
    ]


def _read_index(path: Path) -> _Index:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=_Index)
    except (FileNotFoundError, msgspec.DecodeError):
        return _Index("", {})


def _check_size(folder: Path, founds: list[Found]) -> None:
    total = sum(found.size for found in founds)
    if total <= MAX_BYTES:
        return
    sizes = (
        (found.prefix + name, stat.st_size)
        for found in founds
        for name, stat in zip(found.names, found.stats, strict=True)
    )
    names = ", ".join(f"{name} ({size / 1e6:,.0f} MB)" for name, size in nlargest(5, sizes, key=itemgetter(1)))
    raise SnapshotException(
        f"{folder} holds {total / 1e6:,.0f} MB, more than the {MAX_BYTES / 1e6:,.0f} MB that a snapshot may hold. "
        f"The largest: {names}. Name what the run does not need in {folder / '.amlignore'}."
    )


@dataclass(frozen=True)
class _Reader:
    """Stores what changed in a folder, and makes the folder's part of the index."""

    pack: NewPack
    skipped: list[str]

    def read(self, found: Found, stamps: list[_Stamp], known: _Folder | None) -> _Folder:
        seen = _seen(known) if known else {}
        secrets: dict[str, str] = {}
        kept: list[int] = []
        entries: list[Entry] = []
        for number, base in enumerate(found.names):
            stamp, before = seen.get(base, (None, None))
            name = found.prefix + base
            if before and known and stamp == stamps[number] != _MAY_CHANGE:
                entry, secret = before, known.secrets.get(name)
            else:
                try:
                    entry, secret = self._store(found, number)
                except OSError as error:
                    if error.errno in _FULL:
                        raise
                    self.skipped.append(name)
                    continue
            if secret:
                secrets[name] = secret
            kept.append(number)
            entries.append(entry)
        if not found.names:
            entries.append(Entry(found.prefix.rstrip("/"), "d", 0o755))
        files = [entry for entry in entries if entry.kind == "f"]
        return _Folder(
            [found.names[number] for number in kept],
            [stamps[number] for number in kept],
            msgspec.json.encode(entries),
            _digest(entries),
            len(files),
            sum(entry.size for entry in files),
            secrets,
        )

    def _store(self, found: Found, number: int) -> tuple[Entry, str | None]:
        base, stat = found.names[number], found.stats[number]
        name, path = found.prefix + base, f"{found.path}/{base}"
        if found.kinds[number] == "l":  # it leads to the same place seen from its own folder: it is laid out elsewhere
            return Entry(
                name, "l", 0o755, 0, os.path.relpath(os.path.realpath(path), os.path.realpath(found.path))
            ), None
        stored = self.pack.add(path, stat.st_size)
        entry = Entry(name, "f", stat.st_mode & 0o777, stored.size, stored.digest.hex(), stored.pack, stored.offset)
        return entry, secret_in_name(name) or stored.secret


def _seen(known: _Folder) -> dict[str, tuple[_Stamp, Entry]]:
    entries = msgspec.json.decode(known.entries, type=list[Entry])
    return dict(zip(known.names, zip(known.stamps, entries, strict=False), strict=False))


def _digest(entries: list[Entry]) -> bytes:
    content = [(entry.name, entry.kind, entry.mode & 0o111 != 0, entry.digest) for entry in entries]
    return blake3.blake3(msgspec.msgpack.encode(content)).digest()


def _write_manifest(folders: dict[str, _Folder], paths: WorkspacePaths) -> str:
    ordered = [folders[prefix] for prefix in sorted(folders)]
    digest = blake3.blake3(b"".join(one.digest for one in ordered)).digest()
    snapshot_id = str(uuid.UUID(bytes=digest[:16]))
    write_once(paths.snapshots / f"{snapshot_id}.json", b"[" + b",".join(one.entries for one in ordered) + b"]")
    return snapshot_id
