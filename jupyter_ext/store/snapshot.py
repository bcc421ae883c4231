"""Snapshots: a folder's files, kept by content and laid out again for a run.

The contents go into pack files, one for each snapshot that brings something new: ten thousand small files are written
five times faster into one file than into as many. A stat index for each source folder remembers what was seen, so
that an unchanged folder is known as such without reading it.
"""

from __future__ import annotations

import errno
import gc
import os
import time
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

import blake3
import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import SnapshotException

from .ignore import ALWAYS_OUT, Found, ignore_rules, walk
from .paths import home
from .records import replace, write_once
from .secrets import LOOK_INTO_BYTES, secret_in_content, secret_in_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .catalogue import Catalogue
    from .paths import WorkspacePaths

# v1's limit; people raise it by assigning to the module attribute of v1's name
MAX_BYTES = 300 * 1024 * 1024
_BLOCK = 4 * 1024 * 1024
# A file that changed this shortly before it was looked at may change again within the same tick of the clock.
_CLOCK_TICK_NS = 50_000_000
_MAY_CHANGE = (-1, -1, -1, -1)
_FULL = (errno.ENOSPC, errno.EDQUOT)


class Entry(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One file, empty folder or link of a snapshot.

    Attributes
    ----------
    name
        Relative to the folder, with ``/``.
    kind
        ``f``, ``d`` or ``l``.
    mode
        Permission bits.
    size
        Bytes.
    digest
        BLAKE3 of the content, hex; of a link its target.
    pack, offset
        Where the content lies.
    """

    name: str
    kind: str
    mode: int
    size: int = 0
    digest: str = ""
    pack: str = ""
    offset: int = 0


class _Seen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    stamp: tuple[int, int, int, int]
    entry: Entry
    secret: str | None


class _Index(msgspec.Struct, array_like=True):
    snapshot_id: str
    seen: dict[str, _Seen]


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


def plan(folder: Path) -> Plan:
    """Return what a snapshot of ``folder`` would hold, reading no more than it must."""
    files, secrets = [], {}
    for found in walk(folder, home(), []):
        if found.kind != "f":
            continue
        files.append((found.name, found.stat.st_size))
        secret = secret_in_name(found.name)
        if secret is None and found.stat.st_size <= LOOK_INTO_BYTES:
            try:
                with open(found.path, "rb") as file:  # noqa: PTH123 - the path is a str already
                    secret = secret_in_content(file.read())
            except OSError:
                continue
        if secret:
            secrets[found.name] = secret
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
    known = index.seen
    stamps = {found.name: _stamp(found, settled_ns) for found in founds}
    fresh = [found for found in founds if not _is_seen(known.get(found.name), stamps[found.name])]
    snapshot_id = index.snapshot_id
    seen: dict[str, _Seen] = known
    if fresh or len(founds) != len(known) or not (paths.snapshots / f"{snapshot_id}.json").exists():
        stored = _store(fresh, stamps, paths, catalogue, skipped)
        seen = {
            found.name: stored.get(found.name) or known[found.name] for found in founds if found.name not in skipped
        }
        snapshot_id = _write_manifest([one.entry for one in seen.values()], paths)
        replace(index_path, msgspec.msgpack.encode(_Index(snapshot_id, seen)))
    sizes = [one.entry.size for one in seen.values() if one.entry.kind == "f"]
    return Snapshot(
        snapshot_id,
        len(sizes),
        sum(sizes),
        time.monotonic() - began,
        {name: one.secret for name, one in seen.items() if one.secret},
        skipped,
    )


def read_manifest(paths: WorkspacePaths, snapshot_id: str) -> list[Entry]:
    """Return the entries of a stored snapshot.

    Raises
    ------
    SnapshotException
        There is no such snapshot.
    """
    try:
        data = (paths.snapshots / f"{snapshot_id}.json").read_bytes()
    except FileNotFoundError:
        raise SnapshotException(f"There is no snapshot {snapshot_id} in workspace {paths.name!r}.") from None
    return msgspec.json.decode(data, type=list[Entry])


def lay_out(paths: WorkspacePaths, snapshot_id: str, target: Path) -> None:
    """Write the files of a snapshot under ``target``, which is made where it is missing."""
    target.mkdir(parents=True, exist_ok=True)
    made = {""}
    packs: dict[str, BinaryIO] = {}
    try:
        for entry in read_manifest(paths, snapshot_id):
            parent = entry.name.rpartition("/")[0] if entry.kind != "d" else entry.name
            if parent not in made:
                (target / parent).mkdir(parents=True, exist_ok=True)
                made.add(parent)
            path = f"{target}/{entry.name}"
            if entry.kind == "l":
                os.symlink(entry.digest, path)  # noqa: PTH211 - the path is a str already
            elif entry.kind == "f":
                if entry.pack not in packs:
                    packs[entry.pack] = (paths.objects / entry.pack).open("rb")
                _copy(packs[entry.pack].fileno(), entry, path)
    finally:
        for pack in packs.values():
            pack.close()


def _copy(pack: int, entry: Entry, path: str) -> None:
    target = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, entry.mode & 0o777 | 0o200)
    try:
        done = 0
        while done < entry.size:
            data = os.pread(pack, min(_BLOCK, entry.size - done), entry.offset + done)
            if not data:
                raise SnapshotException(f"The stored content of {entry.name} is cut: submit the folder again.")
            done += os.write(target, data)
    finally:
        os.close(target)


def _stamp(found: Found, settled_ns: int) -> tuple[int, int, int, int]:
    stat = found.stat
    if stat.st_ctime_ns > settled_ns:
        return _MAY_CHANGE
    return (stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino << 16 | stat.st_mode)


def _is_seen(seen: _Seen | None, stamp: tuple[int, int, int, int]) -> bool:
    return seen is not None and stamp != _MAY_CHANGE and seen.stamp == stamp


def _read_index(path: Path) -> _Index:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=_Index)
    except (FileNotFoundError, msgspec.DecodeError):
        return _Index("", {})


def _check_size(folder: Path, founds: list[Found]) -> None:
    total = sum(found.stat.st_size for found in founds if found.kind == "f")
    if total <= MAX_BYTES:
        return
    largest = sorted((found for found in founds if found.kind == "f"), key=lambda found: -found.stat.st_size)[:5]
    names = ", ".join(f"{found.name} ({found.stat.st_size / 1e6:,.0f} MB)" for found in largest)
    raise SnapshotException(
        f"{folder} holds {total / 1e6:,.0f} MB, more than the {MAX_BYTES / 1e6:,.0f} MB that a snapshot may hold. "
        f"The largest: {names}. Name what the run does not need in {folder / '.amlignore'}."
    )


def _store(
    fresh: list[Found],
    stamps: dict[str, tuple[int, int, int, int]],
    paths: WorkspacePaths,
    catalogue: Catalogue,
    skipped: list[str],
) -> dict[str, _Seen]:
    """Put the contents of ``fresh`` into a new pack, leaving out what an earlier pack holds."""
    paths.objects.mkdir(parents=True, exist_ok=True)
    pack = f"{uuid.uuid4().hex}.pack"
    part = paths.objects / f".{pack}"
    stored: dict[str, _Seen] = {}
    added: dict[bytes, int] = {}
    known = catalogue if catalogue.has_objects() else None
    with part.open("wb", buffering=1 << 20) as file, _removed_on_error(part):
        for found in fresh:
            stat = found.stat
            if found.kind != "f":
                entry = Entry(found.name, found.kind, 0o755, 0, _link_target(found) if found.kind == "l" else "")
                stored[found.name] = _Seen(stamps[found.name], entry, None)
                continue
            try:
                digest, size, offset, secret = _append(found, file, known, added)
            except OSError as error:
                if error.errno in _FULL:
                    raise
                skipped.append(found.name)
                continue
            where = (pack, offset) if isinstance(offset, int) else offset
            entry = Entry(found.name, "f", stat.st_mode & 0o777, size, digest.hex(), *where)
            stored[found.name] = _Seen(stamps[found.name], entry, secret)
    if added:
        part.rename(paths.objects / pack)
        catalogue.add_objects((digest, pack, offset) for digest, offset in added.items())
    else:
        part.unlink()
    return stored


@contextmanager
def _removed_on_error(part: Path) -> Iterator[None]:
    try:
        yield
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _link_target(found: Found) -> str:
    """Return where a link leads, seen from its own folder: the snapshot is laid out elsewhere."""
    return os.path.relpath(os.path.realpath(found.path), os.path.realpath(os.path.dirname(found.path)))  # noqa: PTH120


def _append(
    found: Found, pack: BinaryIO, catalogue: Catalogue | None, added: dict[bytes, int]
) -> tuple[bytes, int, int | tuple[str, int], str | None]:
    """Hash a file's content into the pack, and take it out again when it is stored already."""
    secret = secret_in_name(found.name)
    begin = pack.tell()
    with open(found.path, "rb", buffering=0) as file:  # noqa: PTH123 - the path is a str already
        if found.stat.st_size <= LOOK_INTO_BYTES:
            data = file.readall()
            digest = blake3.blake3(data).digest()
            blocks: Iterator[bytes] = iter((data,))
            secret = secret or secret_in_content(data)
            size = len(data)
            where = _find(digest, added, catalogue)
            if where is not None:
                return digest, size, where, secret
            pack.writelines(blocks)
        else:
            hasher = blake3.blake3(max_threads=blake3.blake3.AUTO)
            size = 0
            while block := file.read(_BLOCK):
                hasher.update(block)
                pack.write(block)
                size += len(block)
            digest = hasher.digest()
            where = _find(digest, added, catalogue)
            if where is not None:
                pack.seek(begin)
                pack.truncate()
                return digest, size, where, secret
    added[digest] = begin
    return digest, size, begin, secret


def _find(digest: bytes, added: dict[bytes, int], catalogue: Catalogue | None) -> int | tuple[str, int] | None:
    if digest in added:
        return added[digest]
    return catalogue.find_object(digest) if catalogue else None


def _write_manifest(entries: list[Entry], paths: WorkspacePaths) -> str:
    content = [(entry.name, entry.kind, entry.mode & 0o111 != 0, entry.digest) for entry in entries]
    snapshot_id = str(uuid.UUID(bytes=blake3.blake3(msgspec.msgpack.encode(content)).digest()[:16]))
    write_once(paths.snapshots / f"{snapshot_id}.json", msgspec.json.encode(entries))
    return snapshot_id
