"""Build contexts: a folder with a Dockerfile, its files that an image may get, and what tells that they change."""

from __future__ import annotations

import os
import stat
import tarfile
import tempfile
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, NamedTuple

import blake3
import msgspec

from jupyter_ext.runtime.inside.jupyter_aml_run.exceptions import UserErrorException
from jupyter_ext.store.paths import home
from jupyter_ext.store.records import replace
from jupyter_ext.store.spelling import size_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_ELSEWHERE = ("http://", "https://", "git@", "git://", "ssh://")
_BLOCK = 1 << 22
_LARGEST = 3  # files that are named with the size of all
_CLOCK_TICK_NS = 50_000_000  # a file may change again in the tick of the clock in which it was looked at


class _File(NamedTuple):
    name: str
    path: str
    facts: os.stat_result


class _Seen(msgspec.Struct, array_like=True, frozen=True, gc=False):
    stamp: tuple[int, int, int, int]
    digest: bytes


@dataclass(frozen=True)
class Context:
    """A folder to build from.

    Parameters
    ----------
    folder
        Where it is.
    dockerfile
        The Dockerfile's path in it; empty where it has none.
    left_out
        Names of files and folders that are not sent, whatever the rules say.
    alone
        Whether there is nothing but a Dockerfile to build from.
    """

    folder: Path
    dockerfile: str
    left_out: frozenset[str] = frozenset()
    alone: bool = False

    @cached_property
    def text(self) -> str:
        """The Dockerfile."""
        return (self.folder / self.dockerfile).read_text(encoding="utf-8")

    @cached_property
    def files(self) -> list[_File]:
        """What may be sent: all but what ``.dockerignore`` names."""
        return list(_Walk(self.folder, self.dockerfile, self.left_out).enter(str(self.folder), ""))

    @cached_property
    def hides_dockerfile(self) -> bool:
        """Whether the rules leave out the Dockerfile, which is sent nevertheless: no step is to see it."""
        return _Walk(self.folder, self.dockerfile).is_out(self.dockerfile)

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return sum(self._sizes().values())

    def said(self) -> str:
        """Return the line that tells how much there is to send."""
        sizes = self._sizes()
        largest = sorted(sizes, key=lambda name: -sizes[name])[:_LARGEST]
        named = ", ".join(f"{name} ({size_text(sizes[name])})" for name in largest)
        count = f"{len(sizes)} files" if len(sizes) != 1 else "1 file"
        return f"The build context {self.folder} has {size_text(self.size)} in {count}; the largest: {named}."

    def _sizes(self) -> dict[str, int]:
        return {file.name: file.facts.st_size for file in self.files if stat.S_ISREG(file.facts.st_mode)}


def read(section: Mapping[str, Any], folder: Path) -> Context:
    """Read the build context of a definition.

    Parameters
    ----------
    section
        The ``buildContext`` of an environment's ``docker``.
    folder
        Where a relative path starts.

    Raises
    ------
    UserErrorException
        The folder or its Dockerfile is not there.
    """
    location = str(section.get("location") or "")
    if not location or location.startswith(_ELSEWHERE):
        raise UserErrorException(
            f"The build context {location!r} is no folder of this machine: fetch it, such as with git clone, and give "
            "the folder's path."
        )
    path = (folder / Path(location.removeprefix("file://")).expanduser()).resolve()
    name = os.path.normpath(str(section.get("dockerfilePath") or "Dockerfile"))
    if not path.is_dir():
        raise UserErrorException(f"The build context {path} is not there, or is no folder: give the folder's path.")
    if name.startswith(("/", "..")):
        raise UserErrorException(f"The Dockerfile {name} lies outside of the build context {path}: put it inside.")
    if not (path / name).is_file():
        raise UserErrorException(f"The build context {path} has no {name}: give the Dockerfile's path in it.")
    return Context(path, name)


def fingerprint(context: Context) -> str:
    """Return a hash of the names, modes and contents of all files; those that have not changed are not read again."""
    index = home() / "build-contexts" / blake3.blake3(os.fsencode(context.folder)).hexdigest()[:32]
    known = _read_index(index)
    settled_ns = time.time_ns() - _CLOCK_TICK_NS
    seen: dict[str, _Seen] = {}
    for name, path, facts in context.files:
        stamp = (facts.st_size, facts.st_mtime_ns, facts.st_ctime_ns, facts.st_ino << 16 | facts.st_mode)
        before = known.get(name)
        if before is None or before.stamp != stamp or facts.st_ctime_ns > settled_ns:
            before = _Seen(stamp, _digest(path, facts.st_mode))
        seen[name] = before
    if seen != known:
        replace(index, msgspec.msgpack.encode(seen))
    content = [(name, one.stamp[3] & 0o111, one.digest) for name, one in sorted(seen.items())]
    return blake3.blake3(msgspec.msgpack.encode([context.dockerfile, content])).hexdigest()[:40]


def tar(context: Context) -> IO[bytes]:
    """Return an open archive of the files, as the engine takes a context."""
    result = tempfile.TemporaryFile()  # noqa: SIM115 - the caller closes it
    files = sorted(context.files, key=lambda file: file.name != context.dockerfile)
    with tarfile.open(fileobj=result, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, path, _ in files:  # BuildKit knows an archive by its first entry, which has to be a plain one
            entry = archive.gettarinfo(path, name)
            entry.mtime = int(entry.mtime)
            entry.uid = entry.gid = 0
            entry.uname = entry.gname = ""
            if entry.isreg():
                with open(path, "rb") as file:  # noqa: PTH123 - the path is a str already
                    archive.addfile(entry, file)
            else:
                archive.addfile(entry)
    result.seek(0)
    return result


class _Walk:
    def __init__(self, folder: Path, dockerfile: str, left_out: frozenset[str] = frozenset()) -> None:
        self._left_out = left_out
        self._always = {dockerfile, ".dockerignore"}
        self._rules: list[Any] = []
        self._brings_back = False
        for file in (folder / f"{dockerfile}.dockerignore", folder / ".dockerignore"):  # a Dockerfile's own goes first
            if file.is_file():
                from pathspec import GitIgnoreSpec  # noqa: PLC0415 - where there are rules

                lines = [line.strip() for line in file.read_text(encoding="utf-8", errors="replace").splitlines()]
                self._rules = list(GitIgnoreSpec.from_lines([_anchored(line) for line in lines]).patterns)
                self._brings_back = any(line.startswith("!") for line in lines)
                return

    def enter(self, folder: str, prefix: str) -> Iterator[_File]:
        with os.scandir(folder) as inside:
            entries = sorted((one for one in inside if one.name not in self._left_out), key=lambda entry: entry.name)
        for entry in entries:
            name = prefix + entry.name
            out = name not in self._always and self.is_out(name)
            if entry.is_dir(follow_symlinks=False):
                below = [] if out and not self._may_have(name) else list(self.enter(entry.path, name + "/"))
                if not out or below:
                    yield _File(name, entry.path, entry.stat(follow_symlinks=False))
                yield from below
            elif not out and (entry.is_symlink() or entry.is_file()):
                yield _File(name, entry.path, entry.stat(follow_symlinks=False))

    def is_out(self, name: str) -> bool:
        """Tell whether the rules leave a file out: the last one that speaks of it counts, as Docker has it."""
        out = False
        for rule in self._rules:
            if rule.include is not None and rule.match_file(name) is not None:
                out = rule.include
        return out

    def _may_have(self, name: str) -> bool:
        """Tell whether a folder that is left out may have a file that is not."""
        return self._brings_back or any(kept.startswith(name + "/") for kept in self._always)


def _anchored(line: str) -> str:
    """Return a rule as git has it: Docker's begin in the folder itself."""
    if not line or line.startswith("#"):
        return ""
    sign, pattern = ("!", line[1:].strip()) if line.startswith("!") else ("", line)
    return f"{sign}/{os.path.normpath(pattern).lstrip('/')}"


def _digest(path: str, mode: int) -> bytes:
    if stat.S_ISDIR(mode):
        return b""
    if stat.S_ISLNK(mode):
        return os.fsencode(Path(path).readlink())
    hasher = blake3.blake3(max_threads=blake3.blake3.AUTO)
    with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - the path is a str already
        while block := file.read(_BLOCK):
            hasher.update(block)
    return hasher.digest()


def _read_index(path: Path) -> dict[str, _Seen]:
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=dict[str, _Seen])
    except (OSError, msgspec.DecodeError):
        return {}
